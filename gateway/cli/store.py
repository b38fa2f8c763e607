"""`vaguemestre store`: the store as a whole, from one database to the other."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import (
    ConfigOption,
    clear_errors,
    configuration,
    demand_store,
    fail,
    out,
)
from gateway.cli.standstill import demand_stopped, told
from gateway.config import Config
from gateway.store import transfer
from gateway.store.database import engine_of

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The store as a whole: copy.")


@app.callback()
def group() -> None:
    """Without it, the one command would be the group itself."""


@app.command()
def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database; as in gateway.yaml.")
    ],
    config: ConfigOption = None,
    blobs: Annotated[
        Path | None,
        typer.Option("--blobs", metavar="DIR", help="Copy held mails there; else they stay."),
    ] = None,
) -> None:
    """Copy the store into another database, all or nothing; the gateway must not run.

    Every table is compared before it counts. The source stays as it is.
    """
    with clear_errors():
        settings = configuration(config)
        demand_stopped(settings)
        demand_store(settings.database)
        copied = _copy(settings, to, blobs)
    out.print(f"{copied} lignes copiées et comparées.")
    out.print(
        f"Écrivez `database: {to}` dans gateway.yaml, relancez, puis mettez l'ancienne base de "
        "côté : deux passerelles sur deux copies enverraient deux fois."
    )
    if blobs is not None:
        out.print(f"Messages copiés dans {blobs} : c'est le dossier `blobs` du nouveau `data`.")


def _copy(settings: Config, to: str, blobs: Path | None) -> int:
    source, target = engine_of(settings.database), engine_of(to)
    if target.url.password is not None:
        fail("a password stands here in clear; put it in a file: ?passfile=/etc/vaguemestre/pgpass")
    try:
        with told() as step:
            if blobs is not None:
                transfer.copy_contents(source, parts.blobs(settings), blobs, step=step)
            return transfer.copy(source, target, step=step)
    finally:
        source.dispose()
        target.dispose()
