"""`vaguemestre restore`: a backup, into a store that has nothing yet.

There is no --force: what is there is never deleted nor mixed with what comes. To restore over a
store, move it away first.
"""

from __future__ import annotations

import os
import pwd
import time
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.cli.keys import officers_passphrase
from gateway.cli.standstill import demand_stopped, told
from gateway.config import Config
from gateway.store.blobs import Blobs
from gateway.store.database import engine_of
from gateway.store.key_copy import unpack
from gateway.store.keys import HMAC_FILE, load_private
from gateway.store.restore import Restored
from gateway.store.restore import restore as bring_back
from gateway.store.vault import CannotOpen


def restore(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="From `vaguemestre backup`.")],
    config: ConfigOption = None,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FILE", help="From `backup --keys`: laid down first."),
    ] = None,
) -> None:
    """Bring a backup back into an empty store; the gateway must not run.

    No held mail leaves by itself: releases that were on their way go back to the officers.
    """
    with clear_errors():
        settings = configuration(config)
        demand_stopped(settings)
        if not file.is_file():
            fail(f"{file}: no such file")
        if keys is not None:
            _lay_keys(settings, keys)
        restored = _restore(settings, file)
        _give_away(settings)
    _tell(restored, settings)
    if restored.missing:
        fail(f"contents missing of: {', '.join(restored.missing)}", STOPPED)


def _lay_keys(settings: Config, keys: Path) -> None:
    asked = typer.prompt("Phrase secrète de la copie des clés", hide_input=True, err=True)
    laid = unpack(keys, str(asked).encode(), settings.keys)
    out.print(f"Clés : {laid} fichiers dans {settings.keys}.")


def _restore(settings: Config, path: Path) -> Restored:
    opening = load_private(settings.keys, officers_passphrase(settings.keys))
    engine = engine_of(settings.database)
    try:
        with told() as step, open(path, "rb") as file:
            blobs = _place(settings)
            return bring_back(engine, blobs, file, opening, now=time.time(), step=step)
    except CannotOpen as error:
        fail(f"{path}: {error}; restore its keys first, or name them with --keys", STOPPED)
    finally:
        engine.dispose()


def _place(settings: Config) -> Blobs:
    """Of contents, and no connection to it: the store must be nobody's but ours."""
    blobs = parts.blobs(settings)
    try:
        blobs.prepare()
    except OSError as error:
        fail(f"blobs: {error.strerror}", STOPPED)
    finally:
        blobs.close()
    return blobs


def _give_away(settings: Config) -> None:
    """As root with users of its own: each file to whom `serve` and `keys init` would give it."""
    if os.getuid() != 0 or not (settings.users.door and settings.users.release):
        return
    door, release = pwd.getpwnam(settings.users.door), pwd.getpwnam(settings.users.release)
    blobs = parts.folder_of_blobs(settings)
    for path in (blobs, *blobs.glob("*")) if blobs.exists() else ():
        os.chown(path, door.pw_uid, door.pw_gid)
    for path in (settings.keys, *settings.keys.glob(HMAC_FILE)):
        os.chown(path, -1, door.pw_gid)
    for path in settings.keys.glob("officer-*.key"):
        os.chown(path, release.pw_uid, -1)


def _tell(restored: Restored, settings: Config) -> None:
    manifest = restored.manifest
    taken = time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(manifest.taken))
    out.print(
        f"Restauré : sauvegarde du {taken} UTC (version {manifest.version}), "
        f"{restored.blobs} messages, {sum(manifest.rows.values())} lignes."
    )
    out.print(
        f"Dossiers à décider : {restored.waiting}. Envois qui étaient en route, rendus aux "
        f"officiers : {restored.handed_back}. Ce qui a été envoyé après la sauvegarde n'y est pas "
        "écrit : regardez les journaux (`vaguemestre trace`) avant d'envoyer."
    )
    if restored.letters:
        out.print(f"{restored.letters} lettres partiront, peut-être pour la seconde fois.")
    if restored.locked:
        out.print(f"{restored.locked} dossiers ne s'ouvrent avec aucune clé de {settings.keys}.")
