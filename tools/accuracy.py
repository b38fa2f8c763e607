"""Judge the made series of mails behind the wall, and write docs/accuracy.md.

    .venv/bin/python -m tools.accuracy [--seed N] [--stopped N] [--innocent N] [--clinical N]
        [--keep DIR] [--out FILE]

The series are those of tests/makers; the judgement is that of `vaguemestre evaluate`. --keep leaves
the mails and their manifest in a directory, for a closer look with that command. Exit status 1 when
anything was confused.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import nullcontext
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

from gateway.cli.evaluate import judged
from gateway.cli.labelled import MANIFEST, read_manifest
from gateway.evaluation import Case, Outcome, Score, Share, by, by_kind, confused, score
from gateway.model import Likelihood
from tests.makers.labelled import Labelled

SERIES = {"stopped": 5000, "innocent": 8000, "clinical": 2000}  # mails of each, by default
LEAST = Likelihood.LIKELY
_WORST = 20  # of the table of what was confused

_HEAD = """\
# Accuracy

Made by `make accuracy` from seeded makers (`tests/makers/stopped`, `innocent`, `clinical`), judged
by the code of `vaguemestre evaluate` with the shipped rules, from one of ours to an outsider, with
no channel: what would leave encrypted counts as stopped. Brackets: 95 % intervals after Wilson.

**What this does not say.** The hands that made these mails made the detectors, too: a spelling that
nobody here thought of is in neither. The figures tell that nothing known is missed, and that a
change makes nothing worse. How well unknown mail is judged, only sets that nobody here wrote can
tell: `vaguemestre evaluate DIR` scores any of them.
"""
_KINDS = """
## By kind

Found: of the mails that hold it, at least *likely*. In innocent mails, a person or a telephone is
no fault.

| kind | found | seen in innocent mails |
|---|---|---|"""


def main() -> None:
    asked = _arguments()
    counts = {name: getattr(asked, name) for name in SERIES}
    keep = nullcontext(asked.keep) if asked.keep else tempfile.TemporaryDirectory()
    with keep as folder:
        directory = Path(folder)
        directory.mkdir(parents=True, exist_ok=True)
        written = _write(directory, asked.seed, counts)
        outcomes = asyncio.run(judged(directory, read_manifest(directory), None, []))
    command = f"make accuracy ARGS='{' '.join(sys.argv[1:])}'" if sys.argv[1:] else "make accuracy"
    page = "\n".join(_page(outcomes, written, asked.seed, command))
    asked.out.write_text(page, "utf-8")
    sys.exit(1 if confused(outcomes, LEAST) else 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="tools.accuracy", description=__doc__)
    parser.add_argument("--seed", type=int, default=1)
    for name, count in SERIES.items():
        parser.add_argument(f"--{name}", type=int, default=count, help=f"mails, {count}")
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--out", type=Path, default=Path("docs/accuracy.md"))
    return parser.parse_args()


def _write(directory: Path, seed: int, counts: Mapping[str, int]) -> dict[str, int]:
    """The mails and their manifest; how many of each series."""
    written = {}
    with (directory / MANIFEST).open("w", encoding="utf-8") as manifest:
        for series, count in counts.items():
            written[series] = 0
            if not count:
                continue
            (directory / series).mkdir(exist_ok=True)
            for one in _labelled(series, seed, count):
                line = _line(series, one)
                (directory / str(line["name"])).write_bytes(one.content)
                manifest.write(json.dumps(line, ensure_ascii=False) + "\n")
                written[series] += 1
    return written


def _labelled(series: str, seed: int, count: int) -> Iterator[Labelled]:
    made: Iterator[Labelled] = import_module(f"tests.makers.{series}").labelled(seed, count)
    return made


def _line(series: str, one: Labelled) -> dict[str, object]:
    return {
        "name": f"{series}/{one.name}.eml",
        "expect": one.expect,
        "kinds": one.kinds,
        "family": one.family,
        "medium": one.medium,
    }


def _page(
    outcomes: list[Outcome], written: Mapping[str, int], seed: int, command: str
) -> Iterator[str]:
    whole = score(outcomes)
    value, low, high = whole.f1
    yield _HEAD
    made = ", ".join(f"{count} {series}" for series, count in written.items())
    yield f"`{command}`, seed {seed}, {datetime.now(UTC):%Y-%m-%d}: {made}.\n"
    yield "| | |\n|---|---|"
    yield f"| recall of stopping | {_told(whole.recall)} |"
    yield f"| precision of stopping | {_told(whole.precision)} |"
    yield f"| F1 | {_within(value, low, high)} |"
    yield f"| innocent mails held | {_told(whole.held)} |"
    yield _KINDS
    for kind, told in by_kind(outcomes, LEAST).items():
        yield f"| {kind} | {_told(told.found)} | {_told(told.false)} |"
    for title, groups in (
        ("series", by(outcomes, _series)),
        ("family", by(outcomes, lambda case: case.family)),
        ("medium", by(outcomes, lambda case: case.medium)),
    ):
        yield from _table(title, groups)
    yield from _confusions(outcomes)


def _series(case: Case) -> str:
    """The innocent ones in two halves: those with words of health have an aim of their own."""
    series = case.name.partition("/")[0]
    if series != "innocent":
        return series
    return "innocent, words of health" if case.family.startswith("santé") else "innocent, ordinary"


def _table(title: str, groups: Mapping[str, Score]) -> Iterator[str]:
    yield f"\n## By {title}\n"
    yield f"| {title} | mails | stopped of those to stop | innocent mails held |\n|---|---|---|---|"
    for name, told in groups.items():
        yield f"| {name} | {told.mails} | {_told(told.recall)} | {_told(told.held)} |"


def _confusions(outcomes: list[Outcome]) -> Iterator[str]:
    wrong = confused(outcomes, LEAST)
    yield "\n## Confused\n"
    if not wrong:
        yield "Nothing."
        return
    yield f"{len(wrong)} in all; the first ones:\n"
    yield "| family | medium | expected | became | rule | not found |\n|---|---|---|---|---|---|"
    for one in wrong[:_WORST]:
        missing = ", ".join(sorted(one.missing(LEAST)))
        yield (
            f"| {one.case.family} | {one.case.medium} | {one.case.expect} | {one.disposition.value}"
            f" | {', '.join(one.rules)} | {missing} |"
        )


def _told(share: Share) -> str:
    return (
        f"{_within(share.value, *share.interval)}, {share.hits} of {share.of}" if share.of else "–"
    )


def _within(value: float, low: float, high: float) -> str:
    return f"{100 * value:.2f} % [{100 * low:.2f}, {100 * high:.2f}]"


if __name__ == "__main__":
    main()
