"""`vaguemestre secrets`: passwords agreed on with recipients, for the PDF and ZIP sent to them; and
taking back those that they chose on the portal."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from gateway.act.sealed_pdf import new_secret
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config_words import whom
from gateway.decide.marked import Refused
from gateway.means.portal_boxes import office
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
    """Documents for this address get passwords of their own again, or go to the portal."""
    with clear_errors():
        settings = configuration(config)
        name, boxes = _whom(address), office(settings)
        agreed = Agreed(Path(settings.keys)).forget(name)
        chosen = boxes is not None and boxes.forget(name)
        if not (agreed or chosen):
            fail("there is no password of this address", STOPPED)


def _whom(address: str) -> str:
    try:
        return whom(address)
    except Refused:
        fail('write an address, or "@domaine.example"')
