"""`vaguemestre portal`: what waits for recipients, and taking it back.

Shown are codes and times. Whom a message is for, nobody reads here: that is under keys that the
sender and the recipient have.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from gateway import parts
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    out,
    print_json,
)
from gateway.config import Config
from gateway.means import portal_parts
from gateway.store.parcel_sender import Listed, Senders

T = TypeVar("T")
app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Messages on the portal: list, recall."
)
_STATES = {
    "refused": "refusé par le destinataire",
    "recalled": "rappelé",
    "expired": "terminé",
    "unsent": "jamais parti",
}


@app.command("list")
def list_(config: ConfigOption = None, as_json: JsonOption = False) -> None:
    """The last thousand, the latest first."""
    with clear_errors():
        settings = configuration(config)
        found = _with_store(settings, lambda senders: senders.list())
    if as_json:
        for one in found:
            print_json(asdict(one))
        return
    table = Table("Code", "Déposé", "Jusqu'au", "État")
    for one in found:
        table.add_row(one.about, _when(one.made, settings), _when(one.until, settings), state(one))
    out.print(table)


@app.command()
def recall(
    identity: Annotated[str, typer.Argument(metavar="ID", help="Code of the mail, 8VNC-R2PF.")],
    config: ConfigOption = None,
) -> None:
    """Close a mail's links, for all of its recipients. Senders are told."""
    with clear_errors():
        done = _with_store(configuration(config), lambda senders: senders.recall_all(identity))
    number = done.unread + done.read
    if not number:
        fail(f"{identity}: nothing waits on the portal under this code", STOPPED)
    late = f", dont {done.read} déjà lu(s)" if done.read else ""
    out.print(f"{identity} : {number} lien(s) fermé(s){late}", markup=False)


def state(one: Listed) -> str:
    if one.how:
        return _STATES.get(one.how, one.how)
    if one.opened:
        return "lu"
    return "pas encore lu" if one.sent else "en partance"


def _with_store(settings: Config, work: Callable[[Senders], Awaitable[T]]) -> T:
    async def run() -> T:
        database = portal_parts.database(settings)
        try:
            return await work(Senders(database))
        finally:
            database.close()

    return asyncio.run(run())


def _when(epoch: float, settings: Config) -> str:
    return datetime.fromtimestamp(epoch, parts.timezone(settings)).strftime("%d/%m/%Y %H:%M")
