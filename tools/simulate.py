"""What it takes to carry so many mails a day: a seeded simulation of discrete events.

    .venv/bin/python -m tools.simulate [--days 1e3,1e6,1e9] [--mails N] [--seed N]
        [--set NAME=VALUE]… [--fails AT] [--json] [--measure]

The model and what it leaves out: docs/capacity.md. --set changes a figure of
tools/simulation/figures.py; --fails simulates every node, of which the first dies at that second;
--measure measures some of the figures on this machine instead.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import fields, replace

from tools.simulation.capacity import plan_for
from tools.simulation.figures import Figures
from tools.simulation.run import Plan, Result, simulate

_DAYS = "1e3,1e4,1e5,1e6,1e7,1e8,1e9"
_HEAD = (
    "| mails a day | nodes × cores | store | cores in use | door p50, p95, p99 ms | 451 first |"
    " hold p50, p99 ms | release p50, p99 s | works/s | commits/s | store in use |\n"
    "|--:|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|"
)


def main(arguments: Sequence[str] | None = None) -> int:
    options = _options(arguments)
    if options.measure:
        from tools.simulation.measure import measured  # needs the gateway, and loads its words

        for name, value in measured().items():
            print(f"{name:<14} {value:.3f}")
        return 0
    days = [float(one) for one in options.days.split(",")]
    plans = [plan_for(a_day, options.figures, options.mails) for a_day in days]
    if options.fails is not None:
        plans = [replace(plan, looked_at=None, fails=options.fails) for plan in plans]
    found = [(plan, simulate(plan, options.figures, options.seed)) for plan in plans]
    if options.json:
        for plan, result in found:
            print(json.dumps(told(plan, result)))
    else:
        print(_HEAD)
        for plan, result in found:
            print(line(told(plan, result)))
    return 0


def told(plan: Plan, result: Result) -> dict[str, object]:
    """For --json; delays in milliseconds, those of the outbox in seconds."""
    return {
        "mails_a_day": plan.a_day,
        "nodes": plan.nodes,
        "cores": plan.cores,
        "store": plan.store,
        "simulated_seconds": plan.seconds,
        "simulated_mails": result.counts["arrived"],
        "cores_in_use": result.cores,
        "door_ms": [1000 * at(result.doors, q) for q in (0.5, 0.95, 0.99)],
        "put_off_at_first": result.put_off,
        "hold_ms": [1000 * at(result.holds, q) for q in (0.5, 0.99)],
        "release_s": [at(result.releases, q) for q in (0.5, 0.99)],
        "letter_s": [at(result.letters, q) for q in (0.5, 0.99)],
        "works_s": result.works_s,
        "transactions_s": result.transactions_s,
        "store_in_use": result.store,
    }


def line(said: dict[str, object]) -> str:
    cells = (
        f"{said['mails_a_day']:,.0f}",
        f"{said['nodes']} × {said['cores']}",
        f"{said['store']}",
        f"{said['cores_in_use']:.0%}",
        _joined(said["door_ms"], ".0f"),
        f"{said['put_off_at_first']:.2%}",
        _joined(said["hold_ms"], ".0f"),
        _joined(said["release_s"], ".1f"),
        f"{said['works_s']:,.3g}",
        f"{said['transactions_s']:,.3g}",
        f"{said['store_in_use']:.1%}",
    )
    return f"| {' | '.join(cells)} |"


def at(delays: list[float], share: float) -> float:
    """The delay that such a share of them does not exceed; 0 where there are none."""
    ordered = sorted(delays)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def _joined(values: object, form: str) -> str:
    assert isinstance(values, list)
    return ", ".join(format(value, form) for value in values)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    add = parser.add_argument
    add("--days", default=_DAYS, help="mails a day, separated by commas")
    add("--mails", type=int, default=40_000, help="to simulate for each of them")
    add("--seed", type=int, default=1)
    add("--set", action="append", default=[], metavar="NAME=VALUE", help="a figure of the model")
    add("--fails", type=float, metavar="AT", help="second at which the first node dies")
    add("--json", action="store_true", help="one object a line")
    add("--measure", action="store_true", help="some figures, measured here")
    options = parser.parse_args(arguments)
    options.figures = Figures()
    kinds = {field.name: type(getattr(options.figures, field.name)) for field in fields(Figures)}
    for setting in options.set:
        name, _, value = setting.partition("=")
        if name not in kinds:
            parser.error(f"no figure {name!r}: {', '.join(kinds)}")
        options.figures = replace(options.figures, **{name: kinds[name](value)})
    return options


if __name__ == "__main__":
    sys.exit(main())
