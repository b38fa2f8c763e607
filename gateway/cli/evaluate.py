"""`vaguemestre evaluate`: recall and precision on a labelled directory, and what was confused."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.progress import Progress
from rich.table import Table

from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    config_or_none,
    out,
    plain,
    print_json,
)
from gateway.cli.labelled import content, read_manifest
from gateway.cli.verdicts import Bench
from gateway.config import Config
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.evaluation import (
    Case,
    Outcome,
    Score,
    Share,
    by,
    by_kind,
    confused,
    score,
)
from gateway.model import Likelihood

_CONFUSED = STOPPED
_UNDER_WAY = 4  # cases a core: enough that none waits while others are read from disk


def evaluate(
    directory: Annotated[Path, typer.Argument(help="Holds manifest.jsonl and the files it names.")],
    config: ConfigOption = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Directories of rules.")] = None,
    cases: Annotated[int, typer.Option(min=0, help="How many confused cases to show.")] = 20,
    json: JsonOption = False,
) -> None:
    """Judge a labelled directory as a door would: recall, precision and F1, with 95 % intervals.

    Exit status 1 if a verdict is not the one expected or a kind was not found; 2 if the manifest
    is wrong.
    """
    with clear_errors():
        found = config_or_none(config)
        known = read_manifest(directory)
        if unheard := sorted({kind for case in known for kind in case.kinds} - {*search.kinds()}):
            complain(f"genres inconnus ici, donc jamais trouvés : {', '.join(unheard)}")
        outcomes = asyncio.run(judged(directory, known, found, rules or []))
    least = Likelihood.LIKELY  # what shipped rules ask for
    wrong = confused(outcomes, least)
    if json:
        for line in as_json(outcomes, wrong[:cases], least):
            print_json(line)
    else:
        _show(outcomes, wrong, cases, least)
    raise typer.Exit(_CONFUSED if wrong else 0)


async def judged(
    directory: Path, cases: Sequence[Case], config: Config | None, rules: Sequence[Path]
) -> list[Outcome]:
    """What became of each, in the order of the manifest; as many at once as there are cores."""
    cores = os.cpu_count() or 1
    places = asyncio.Semaphore(_UNDER_WAY * cores)
    console = Console(stderr=True)
    async with Bench(config, rules, workers=cores) as bench:
        with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
            task = bar.add_task("evaluate", total=len(cases))

            async def one(case: Case) -> Outcome:
                async with places:
                    outcome = await _judge(bench, directory, case)
                bar.advance(task)
                return outcome

            return list(await asyncio.gather(*map(one, cases)))


async def _judge(bench: Bench, directory: Path, case: Case) -> Outcome:
    try:
        mail = content(directory, case)
    except OSError as error:
        raise Misconfigured(f"{directory / case.name} : illisible ({error.strerror})") from None
    seen = await bench.judge(case.name, mail, case.sender or None, case.to)
    rules = dict.fromkeys(verdict.rule for verdict in seen.verdicts if verdict.rule)
    return Outcome(case, seen.disposition, tuple(rules), seen.seen.findings)


def as_json(
    outcomes: Sequence[Outcome], wrong: Iterable[Outcome], least: Likelihood
) -> Iterable[dict[str, object]]:
    """A line for the whole, for each kind, family and medium, and for each of these cases."""
    yield {"of": "all", **_scores(score(outcomes))}
    for kind, of_kind in by_kind(outcomes, least).items():
        yield {
            "of": "kind",
            "name": kind,
            "recall": _share(of_kind.found),
            "found_in_innocent": _share(of_kind.false),
        }
    for what, label in _GROUPS.items():
        for name, told in by(outcomes, label).items():
            yield {"of": what, "name": name, **_scores(told)}
    for one in wrong:
        yield {
            "of": "case",
            "name": one.case.name,
            "expect": one.case.expect,
            "disposition": one.disposition.value,
            "rules": list(one.rules),
            "missing": sorted(one.missing(least)),
            "findings": [
                {
                    "kind": finding.kind,
                    "count": finding.count,
                    "likelihood": finding.likelihood.word,
                    "masked": finding.masked,
                }
                for finding in one.findings
            ],
        }


_GROUPS: dict[str, Callable[[Case], str]] = {
    "family": lambda case: case.family,
    "medium": lambda case: case.medium,
}


def _scores(told: Score) -> dict[str, object]:
    value, low, high = told.f1
    return {
        "mails": told.mails,
        "precision": _share(told.precision),
        "recall": _share(told.recall),
        "f1": {"value": round(value, 5), "low": round(low, 5), "high": round(high, 5)},
        "innocent_held": _share(told.held),
    }


def _share(share: Share) -> dict[str, object]:
    low, high = share.interval
    return {
        "hits": share.hits,
        "of": share.of,
        "value": round(share.value, 5) if share.of else None,
        "low": round(low, 5),
        "high": round(high, 5),
    }


def _show(
    outcomes: Sequence[Outcome], wrong: Sequence[Outcome], cases: int, least: Likelihood
) -> None:
    whole = score(outcomes)
    value, low, high = whole.f1
    out.print(f"{whole.mails} messages ; intervalles de confiance à 95 % (Wilson)\n")
    out.print(f"rappel     {_told(whole.recall)}")
    out.print(f"précision  {_told(whole.precision)}")
    out.print(f"F1         {_within(value, low, high)}")
    out.print(f"innocents arrêtés  {_told(whole.held)}")
    table = Table("genre", "trouvé", "vu dans un innocent", box=None)
    for kind, of_kind in by_kind(outcomes, least).items():
        table.add_row(_cell(kind), _told(of_kind.found), _told(of_kind.false))
    _print(table)
    for title, label in {"famille": _GROUPS["family"], "support": _GROUPS["medium"]}.items():
        table = Table(title, "messages", "rappel", "innocents arrêtés", box=None)
        for name, told in by(outcomes, label).items():
            table.add_row(_cell(name), str(told.mails), _told(told.recall), _told(told.held))
        _print(table)
    if wrong:
        out.print(f"\n{len(wrong)} cas confondus :")
        for one in wrong[:cases]:
            _print_case(one, least)


def _cell(name: str) -> str:
    """A name of the manifest's, which may look like markup."""
    return escape(plain(name))


def _print(table: Table) -> None:
    if table.row_count:
        out.print()
        out.print(table)


def _print_case(one: Outcome, least: Likelihood) -> None:
    lines = [f"{one.case.name} : {one.case.expect} attendu, {one.disposition.value} obtenu"]
    lines += [f"  règle {rule}" for rule in one.rules]
    if missing := sorted(one.missing(least)):
        lines.append(f"  non trouvé : {', '.join(missing)}")
    lines += [
        f"  {finding.kind} x{finding.count} {finding.likelihood.word} {finding.masked}"
        for finding in one.findings
    ]
    out.print(plain("\n".join(lines)), markup=False)


def _told(share: Share) -> str:
    return f"{_within(share.value, *share.interval)}  {share.hits}/{share.of}" if share.of else "-"


def _within(value: float, low: float, high: float) -> str:
    """ "99,95 % (99,80 à 99,99)" """
    percent, least, most = (f"{100 * part:.2f}".replace(".", ",") for part in (value, low, high))
    return f"{percent} % ({least} à {most})"
