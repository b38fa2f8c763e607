"""`vaguemestre incident`: what was not for its reader. Alone, what is to qualify; with --from-mail,
one mail to `incidents.address`, on stdin, as an MTA hands it over.

The MTA keeps the mail until it is noted: whatever fails here is tried again (75, EX_TEMPFAIL), and
what nobody can make anything of is an incident all the same, for an officer to look into.
"""

from __future__ import annotations

import asyncio
import sys
from datetime import datetime
from typing import Annotated

import typer

from gateway import ledger_parts, parts
from gateway.cli.common import (
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    configuration,
    demand_store,
    out,
    print_json,
)
from gateway.config import Config
from gateway.means.incident_mail import MAX_BYTES
from gateway.means.incident_taking import IncidentTaking
from gateway.store.database import Database
from gateway.store.incidents import Incident, Kind

AGAIN = 75  # EX_TEMPFAIL of sysexits.h, which pipe(8) of Postfix and its like understand
_PIECE = 64 * 1024


def incident(
    from_mail: Annotated[
        bool, typer.Option("--from-mail", help="A mail to incidents.address, on stdin.")
    ] = False,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Mails that reached somebody else: those to qualify; or take one report, from a mail."""
    if from_mail:
        content = _stdin()
        try:
            asyncio.run(_take(configuration(config), content))
        except typer.Exit:  # said already: the configuration cannot be read
            raise typer.Exit(AGAIN) from None
        except Exception as error:  # its text may quote the mail
            complain(f"not noted, to be tried again: {type(error).__name__}")
            raise typer.Exit(AGAIN) from None
        return
    with clear_errors():
        settings = configuration(config)
        demand_store(settings.database)
        found = asyncio.run(_open(settings))
    for one in found:
        if json:
            print_json(_told(one))
        else:
            when = datetime.fromtimestamp(one.at, parts.timezone(settings))
            stops = "bloqué" if one.stops else "non bloqué"
            out.print(f"{one.id}  {when:%d/%m/%Y %H:%M}  {one.kind}  {one.about or '—'}  {stops}")


def _told(one: Incident) -> dict[str, object]:
    return {
        "id": one.id,
        "at": one.at,
        "kind": one.kind,
        "reports": one.reports,
        "about": one.about,
        "blocked": one.stops,
    }


def _stdin() -> bytes:
    """Its beginning; all of it is read, or the MTA's pipe would break."""
    content = sys.stdin.buffer.read(MAX_BYTES)
    while sys.stdin.buffer.read(_PIECE):
        pass
    return content


async def _open(settings: Config) -> list[Incident]:
    database = Database.open(settings.database)
    try:
        found: list[Incident] = []
        before = None
        several = ledger_parts.incidents(settings, database)
        while page := await several.page(before=before):
            found += page
            before = page[-1].id
        return found
    finally:
        database.close()


async def _take(settings: Config, content: bytes) -> None:
    database = Database.open(settings.database)
    try:
        await IncidentTaking(settings, database)(content, Kind.MAIL)
    finally:
        database.close()
