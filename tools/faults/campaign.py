"""The fault campaign: thousands of faults in this process, hundreds of kills of real ones.

    .venv/bin/python -m tools.faults.campaign N [--seed S] [--folder DIR] [--page FILE]

Goes on where it was left: each batch is a line in DIR/journal.jsonl, whose number and kind,
with the seed, say what is in it. Ends once N faults have struck; --page writes docs/reliability.md
from the journal. Exit status 1 when anything was lost, unscanned or twice without a reason.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

from rich.progress import Progress

from gateway.detect import search
from tests.stores import fresh
from tools.faults import inside, killed, processes
from tools.faults.account import Account, as_line
from tools.faults.cluster import cluster
from tools.faults.faults import POSTGRESQL, SQLITE
from tools.faults.page import Batch, Line, page

JOURNAL = "journal.jsonl"
BATCH_SECONDS = 900  # one that takes longer hangs: that is a failure, too
TRIALS, FEW = 25, 10  # of a batch: in place; with forks or stalls
STRIKES = 12  # of a run with real processes
_INSIDE = (("in place", SQLITE), ("in place", POSTGRESQL)) * 8
_FORKS = (("killed", SQLITE), ("killed", POSTGRESQL), ("stalled", SQLITE), ("stalled", POSTGRESQL))
_REAL = (("one node", SQLITE), ("one node", POSTGRESQL), ("two nodes", POSTGRESQL))
KILLS = 500  # of processes; then their runs, ten times as dear as the others, are left out


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started is stopped
    folder: Path = options.folder or Path("var/faults") / f"seed-{options.seed}"
    folder.mkdir(parents=True, exist_ok=True)
    journal = folder / JOURNAL
    done = batches(journal)
    print(f"seed {options.seed}, journal {journal}, {len(done)} batches done before")
    if struck(done) < options.faults:
        _prepare()
    with Progress(auto_refresh=False) as progress:  # a thread would not go with forks
        bar = progress.add_task("faults", total=options.faults, completed=struck(done))
        while struck(done) < options.faults:
            done.append(_apart(len(done), str(options.seed), *_next(done)))
            with journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps(done[-1]) + "\n")
            progress.update(bar, completed=struck(done))
            progress.refresh()
    written = page(done, f"make faults N={options.faults} SEED={options.seed}")
    if options.page:
        options.page.write_text(written, "utf-8")
    else:
        print(written)
    return 1 if any(line["account"]["wrong"] for batch in done for line in batch["lines"]) else 0


def _prepare() -> None:
    """Once for all batches, which are forked from here: words, and a PostgreSQL of their own."""
    search.warm()
    with tempfile.TemporaryDirectory(prefix="faults-") as folder:
        fresh(POSTGRESQL, Path(folder))


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.faults.campaign", description=__doc__)
    parser.add_argument("faults", type=int, metavar="N")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--page", type=Path)
    return parser.parse_args(arguments)


def batches(journal: Path) -> list[Batch]:
    """Those done before. A last line torn by a kill is a batch not done."""
    *whole, torn = journal.read_text("utf-8").split("\n") if journal.exists() else [""]
    if torn:
        journal.write_text("".join(f"{line}\n" for line in whole), "utf-8")
    return [json.loads(line) for line in whole]


def struck(done: Sequence[Batch]) -> int:
    return sum(sum(line["struck"].values()) for batch in done for line in batch["lines"])


def kills(done: Sequence[Batch]) -> int:
    """Strikes at processes: gateways' own, and a child that is killed at its n-th step."""
    struck_at = ("killed", *(how for how, _ in _REAL))
    return struck([batch for batch in done if batch["how"] in struck_at])


def _next(done: Sequence[Batch]) -> tuple[str, str]:
    """How and on which store the next batch is."""
    order = (*_INSIDE, *_FORKS, *(_REAL if kills(done) < KILLS else ()))
    return order[len(done) % len(order)]


def _apart(number: int, seed: str, how: str, store: str) -> Batch:
    """In a process of its own: what a batch leaves behind ends with it."""
    ours, theirs = multiprocessing.Pipe(duplex=False)
    given = (number, seed, how, store, theirs)
    child = multiprocessing.get_context("fork").Process(target=_run, args=given)
    child.start()
    theirs.close()
    try:
        if ours.poll(BATCH_SECONDS):
            answer: Batch = ours.recv()
            return answer
    except EOFError:
        pass  # it died: told below
    finally:  # also where this campaign is told to end
        assert child.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.killpg(child.pid, signal.SIGKILL)
        child.kill()
        child.join()
    broken = Account(wrong=[f"batch {number} hung or died"])
    return Batch(number=number, how=how, lines=[_line(how, store, {}, broken)], at=_now())


def _run(number: int, seed: str, how: str, store: str, pipe: Connection) -> None:
    os.setsid()  # so that all of it can be ended
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    pipe.send(_batch(number, seed, how, store))


def _batch(number: int, seed: str, how: str, store: str) -> Batch:
    """What is in it is said by its number, its kind and the seed."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    folder.chmod(0o755)
    try:
        lines = _lines(how, store, f"{seed}:{number}", folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return Batch(number=number, how=how, lines=lines, at=_now())


def _lines(how: str, store: str, seed: str, folder: Path) -> list[Line]:
    if how.endswith(("node", "nodes")):
        many = 2 if how == "two nodes" else 1
        with cluster(folder, postgresql=store == POSTGRESQL, nodes=many) as made:
            strikes, account = asyncio.run(processes.run(made, seed, STRIKES))
        return [_line(f"real processes, {how}", store, strikes, account)]
    with inside.place(store, folder, proxied=how != "killed") as where:
        if how == "killed":
            found = killed.trials(where, seed, FEW)
        elif how == "stalled":
            found = asyncio.run(inside.stalled(where, seed, FEW))
        else:
            found = asyncio.run(inside.trials(where, seed, TRIALS))
    families: dict[str, Account] = {}
    names: dict[str, Counter[str]] = {}
    for one in found:
        families.setdefault(one.family, Account()).add(one.account)
        names.setdefault(one.family, Counter())[one.name] += 1
    return [_line(family, store, names[family], families[family]) for family in families]


def _line(family: str, store: str, names: Mapping[str, int], account: Account) -> Line:
    return Line(family=family, store=store, struck=dict(names), account=as_line(account))


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M")


if __name__ == "__main__":
    sys.exit(main())
