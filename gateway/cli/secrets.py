"""`vaguemestre secrets`: passwords agreed on with recipients, for the PDF and ZIP sent to them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.act.sealed_pdf import new_secret
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config_words import whom
from gateway.decide.marked import Refused
from gateway.store.agreed import Agreed, complaint

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    help="Passwords agreed on with recipients: set, forget.",
)
Name = Annotated[str, typer.Argument(metavar="ADDRESS", help='An address, or "@domain".')]


@app.command("set")
def set_(
    address: Name,
    new: Annotated[bool, typer.Option("--new", help="Make one up, and say it once.")] = False,
    config: ConfigOption = None,
) -> None:
    """Read a password from standard input; from now on, documents for this address open with it.

    Agree on it by telephone or face to face, never by mail. It is kept under the key of the doors.
    """
    with clear_errors():
        agreed = Agreed(Path(configuration(config).keys))
        secret = new_secret() if new else sys.stdin.readline().rstrip("\r\n")
        wrong = complaint(secret)
        if wrong:
            fail(wrong)
        agreed.put(_whom(address), secret)
    if new:
        out.print(secret, markup=False)


@app.command()
def forget(address: Name, config: ConfigOption = None) -> None:
    """Documents for this address get passwords of their own again."""
    with clear_errors():
        agreed = Agreed(Path(configuration(config).keys))
        name = _whom(address)
        if not agreed.forget(name):
            fail("no password was agreed on with this address", STOPPED)


def _whom(address: str) -> str:
    try:
        return whom(address)
    except Refused:
        fail('write an address, or "@domaine.example"')
