"""Made years of a house's mail, some of it astray: how much of that is caught, and at what price.

    .venv/bin/python -m tools.right_recipient.campaign [--people N] [--writing N] [--mails N]
        [--days N] [--rate SHARE] [--seeds S ...] [--page FILE]

Exit status 1 when a goal is missed.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Callable, Sequence
from itertools import groupby
from operator import attrgetter
from pathlib import Path
from random import Random

from rich.progress import Progress

from gateway.store.database import Database
from tools.right_recipient.page import Run, goals, page
from tools.right_recipient.people import house
from tools.right_recipient.replay import Replay, Tally, astray
from tools.right_recipient.year import year


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    writing = options.writing or options.people
    run = Run(options.people, writing, options.mails, options.days, options.rate, options.seeds)
    with Progress() as progress, tempfile.TemporaryDirectory() as folder:
        task = progress.add_task("days", total=run.days * len(run.seeds))
        tally = Tally()
        for seed in run.seeds:
            one = replayed(run, seed, Path(folder), lambda: progress.advance(task))
            tally += asyncio.run(one)
    text = page(run, tally)
    print(text)
    if options.page:
        options.page.write_text(text, "utf-8")
    return 0 if all(met for _, _, _, met in goals(tally)) else 1


async def replayed(
    run: Run, seed: int, folder: Path, tick: Callable[[], None] = lambda: None
) -> Tally:
    rng = Random(seed)
    made = house(run.people, rng)
    database = Database.open(f"sqlite:///{folder}/year-{seed}.db")
    try:
        replay = Replay(database, made, run.listening)
        await replay.begin()
        mails = year(made, run.mails, run.days, run.writing, rng)
        posts = astray(mails, made, run.rate, run.listening, rng)
        for _, several in groupby(posts, attrgetter("day")):
            await replay.day(tuple(several))
            tick()
    finally:
        database.close()
    return replay.tally


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--people", type=int, default=1000)
    add("--writing", type=int, help="of these people; the others have an address (all)")
    add("--mails", type=int, default=1000, help="that leave the house, a day")
    add("--days", type=int, default=250, help="of work")
    add("--rate", type=float, default=0.01, help="share of mails that go astray")
    add("--seeds", type=int, nargs="+", default=[1, 2, 3, 4, 5, 6], help="a year each")
    add("--page", type=Path, help="docs/right-recipient.md, to be written")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
