"""`vaguemestre store`: the store as a whole, from one place to another."""

from __future__ import annotations

from dataclasses import dataclass
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
from gateway.config import Config, read_config
from gateway.config_store import shown
from gateway.errors import Misconfigured
from gateway.store import transfer
from gateway.store.blobs import Blobs
from gateway.store.database import engine_of
from gateway.store.file_blobs import FileBlobs

app = typer.Typer(add_completion=False, no_args_is_help=True, help="The store as a whole: copy.")


@dataclass(frozen=True, slots=True)
class _Target:
    """blobs: None: contents stay where they are. way: what to do afterwards."""

    database: str
    blobs: Blobs | None
    way: str


@app.callback()
def group() -> None:
    """Without it, the one command would be the group itself."""


@app.command()
def copy(
    to: Annotated[
        str, typer.Option("--to", metavar="URL", help="An empty database; as in gateway.yaml.")
    ] = "",
    config: ConfigOption = None,
    blobs: Annotated[
        Path | None,
        typer.Option("--blobs", metavar="DIR", help="Copy held mails there; else they stay."),
    ] = None,
    into: Annotated[
        Path | None,
        typer.Option("--into", metavar="FILE", help="A gateway.yaml with the new database, blobs."),
    ] = None,
) -> None:
    """Copy the store into another database, all or nothing; the gateway must not run.

    Every table and every content is compared before it counts. The source stays as it is.
    """
    with clear_errors():
        settings = configuration(config)
        target = _target(to, blobs, into)
        demand_stopped(settings)
        demand_store(settings.database)
        contents, rows = _copy(settings, target)
    if rows is not None:
        out.print(f"{rows} lignes copiées et comparées.")
    if contents is not None:
        out.print(f"{contents} messages copiés et comparés.")
    out.print(target.way)


def _target(to: str, blobs: Path | None, into: Path | None) -> _Target:
    if bool(to) == bool(into) or (into and blobs):
        raise Misconfigured("say where to: --to URL, with --blobs DIR or not; or --into FILE")
    aside = (
        "relancez, puis mettez l'ancienne base de côté : deux passerelles sur deux copies "
        "enverraient deux fois."
    )
    if into is not None:
        new = read_config(into)
        return _Target(new.database, parts.blobs(new), f"Mettez {into} en service, {aside}")
    way = f"Écrivez `database: {to}` dans gateway.yaml, {aside}"
    if blobs is not None:
        way += f"\nMessages copiés dans {blobs} : c'est le dossier `blobs` du nouveau `data`."
    return _Target(to, FileBlobs(blobs) if blobs else None, way)


def _copy(settings: Config, target: _Target) -> tuple[int | None, int | None]:
    """How many contents and rows; None: these stay."""
    source, there = engine_of(settings.database), engine_of(target.database)
    if shown(target.database) != target.database != settings.database:
        fail("a password stands here in clear; put it in a file: ?passfile=/etc/vaguemestre/pgpass")
    contents = rows = None
    try:
        with told() as step:
            if target.blobs is not None:
                old = parts.blobs(settings)
                contents = transfer.copy_contents(source, old, target.blobs, step=step)
            if target.database != settings.database:
                source.dispose()
                rows = transfer.copy(source, there, step=step)
        return contents, rows
    finally:
        source.dispose()
        there.dispose()
