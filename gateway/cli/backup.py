"""`vaguemestre backup`: all that the store has, in one sealed file, while the gateway runs.

It is sealed to the officers' public keys, so that a nightly run needs no secret, and what stands in
clear in the rows (domains, rules, times) is not readable on a tape. No key is in it: `--keys` puts
these into a file of their own.
"""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    clear_errors,
    configuration,
    demand_store,
    fail,
    out,
)
from gateway.cli.keys import asked_twice
from gateway.cli.standstill import told
from gateway.cli.whole_file import demand_free, whole_file
from gateway.config import Config
from gateway.store.backup import Taken
from gateway.store.backup import backup as take
from gateway.store.database import Database
from gateway.store.key_copy import pack
from gateway.store.keys import DEFAULT, load_public, of_compartment


def backup(
    target: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="In a folder: under the date's name.")
    ],
    config: ConfigOption = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FILE", help="The folder of keys too, under a passphrase."),
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Replace an existing file.")] = False,
) -> None:
    """Save database and held mails into one sealed file, without the keys; the gateway may run."""
    with clear_errors():
        settings = configuration(config)
        now = time.time()
        path = target / _name(now) if target.is_dir() else target
        demand_free(path, force)
        if keys is not None:
            _save_keys(settings, keys, force)
        taken = _take(settings, path, force, now)
    _tell(path, taken, keys)
    if taken.lost:
        fail(f"contents missing of: {', '.join(taken.lost)}", STOPPED)


def _take(settings: Config, path: Path, force: bool, now: float) -> Taken:
    sealing = of_compartment(load_public(settings.keys), DEFAULT)
    demand_store(settings.database)
    database = Database.open(settings.database)
    try:
        with told() as step, whole_file(path, force) as file:
            work = take(database, parts.blobs(settings), file, sealing, now=now, step=step)
            return asyncio.run(work)
    finally:
        database.close()


def _save_keys(settings: Config, path: Path, force: bool) -> None:
    demand_free(path, force)
    packed = pack(settings.keys, asked_twice("Phrase secrète de la copie des clés"))
    with whole_file(path, force) as file:
        file.write(packed)


def _tell(path: Path, taken: Taken, keys: Path | None) -> None:
    out.print(f"{path} : {taken.blobs} messages, {taken.rows} lignes.")
    if taken.erased:
        out.print(f"{taken.erased} contenus échus, effacés pendant la sauvegarde : c'est la règle.")
    if keys is None:
        out.print(
            "ATTENTION : LES CLÉS N'Y SONT PAS, et sans elles cette sauvegarde ne s'ouvre pas. "
            "`--keys FICHIER` en fait une copie, à garder ailleurs."
        )
    else:
        out.print(f"Clés dans {keys} : à garder ailleurs que la sauvegarde, et sa phrase à part.")


def _name(now: float) -> str:
    return time.strftime("vaguemestre-%Y-%m-%dT%H%M%SZ.sauvegarde", time.gmtime(now))
