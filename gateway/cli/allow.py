"""`vaguemestre allow`: values that are no finding, kept as fingerprints."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.detect import search
from gateway.inspection import fingerprint
from gateway.model import Medium, Place, Text
from gateway.store import allowed
from gateway.store.keys import load_hmac

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Values that are no finding: add, list."
)


@app.command("add")
def add(
    kind: Annotated[str, typer.Argument(help="As rules name it: iban, card, fr.rib…")],
    config: ConfigOption = None,
) -> None:
    """Read values from standard input, one a line, and let them pass from the next start on.

    Write them as a mail would, with the label where the kind needs one. Only a keyed hash of each
    is kept, so that the file tells nobody what they are.
    """
    with clear_errors():
        settings = configuration(config)
        if kind not in search.kinds():
            fail(f"{kind}: no such kind; one of {', '.join(search.kinds())}")
        key, missing = load_hmac(settings.keys), 0
        search.warm()
        for number, line in enumerate(sys.stdin, 1):
            values = _values(kind, line)
            if line.strip() and not values:
                out.print(f"line {number}: no {kind} is found in it")
                missing += 1
            for value in values:
                allowed.add(settings.keys, kind, fingerprint(key, kind, value))
                out.print(f"{kind} {search.masked(kind, value)}", markup=False)
        if missing:
            raise typer.Exit(STOPPED)


def _values(kind: str, line: str) -> list[str]:
    hits, _ = search.search([Text(Place(""), line, Medium.BODY)])
    return [hit.value for hit in hits if hit.kind == kind]


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """How many values of each kind are allowed; which, nobody can tell."""
    with clear_errors():
        for kind, many in sorted(allowed.count(configuration(config).keys).items()):
            out.print(f"{kind}  {many}")
