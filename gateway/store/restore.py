"""Bring a backup back into an empty store, and make nothing of it twice.

    verify all ─▶ contents to their place ─▶ one transaction: tables of that version, rows,
                                                              migrations, `settle` ─▶ commit

The rows come last and at once: killed before, the store is as empty as it was, and the contents
that are there already are taken for what they are when it is tried again.

What happened after the backup is not known any more. So nothing that was on its way leaves by
itself: a release is handed back to the officers, and so is what waited for its sender, its hour or
a second reader; every mail that waits gets its reminder anew and three days at least. Letters go
(to our own people, perhaps for the second time, with the Message-ID they had): a secret or a report
that nobody sent would be lost.
"""

from __future__ import annotations

import gzip
import json
import math
import time
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Connection, Engine, Table, func, select, update
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Misconfigured
from gateway.store import archive, migrate, rows, vault
from gateway.store.archive import Manifest, Unusable
from gateway.store.blobs import Blobs, chunks_of
from gateway.store.copies import move
from gateway.store.events import note
from gateway.store.keys import OpeningKey
from gateway.store.outbox import RELEASE, RESPITE_SECONDS
from gateway.store.rows import Step
from gateway.store.schema import Post, State, holds, outbox


@dataclass(frozen=True, slots=True)
class Restored:
    """waiting: dossiers to be ruled on, the handed back ones included. handed_back: releases that
    were on their way. letters: to be sent. missing: dossiers whose content is not in the backup.
    locked: dossiers that none of the keys at hand opens."""

    manifest: Manifest
    blobs: int
    waiting: int
    handed_back: int
    letters: int
    missing: tuple[str, ...]
    locked: int


def restore(
    engine: Engine,
    blobs: Blobs,
    file: BinaryIO,
    keys: Sequence[OpeningKey],
    *,
    now: float,
    step: Step,
) -> Restored:
    """Misconfigured where the store is not empty, Unusable for the backup or the disk, CannotOpen
    where no key fits: nothing was changed then."""
    try:
        with migrate.alone(engine) as connection:
            _demand_empty(connection)  # before an hour of reading
        manifest = archive.verified(file, keys)
        with migrate.alone(engine) as connection:
            _demand_empty(connection)
            _demand_no_contents(blobs, manifest)
            kept = _restore_blobs(blobs, file, keys, manifest, step)
            _restore_rows(connection, file, keys, manifest, step)
            back = settle(connection, manifest.taken, now)
            return _restored(connection, manifest, kept, back, keys)
    except (SQLAlchemyError, OSError) as error:
        raise Unusable(f"not restored: {getattr(error, 'orig', None) or error}") from error


def _demand_empty(connection: Connection) -> None:
    """Nothing is ever deleted to make room, and nobody fills it meanwhile."""
    migrate.demand_no_later(connection)
    if full := rows.filled(connection):
        raise Misconfigured(f"the database is not empty ({', '.join(full[:3])}): name another one")
    rows.demand_quiet(connection)


def _demand_no_contents(blobs: Blobs, manifest: Manifest) -> None:
    ours = {archive.blob_of(name) for name in manifest.members}
    if any(name not in ours for name in blobs.older_than(math.inf)):
        remedy = "move them away, or name another place"
        raise Misconfigured(f"there are contents of another store: {remedy}")


def _restore_blobs(
    blobs: Blobs, file: BinaryIO, keys: Sequence[OpeningKey], manifest: Manifest, step: Step
) -> int:
    """How many the backup has. One that is there was left by a try that did not come to its end."""
    of = sum(1 for name in manifest.members if archive.blob_of(name))
    done = 0
    for member, stream in archive.members(file, keys):
        if not (name := archive.blob_of(member)):
            continue
        blobs.delete([name])  # of a try before; half of it, perhaps, if the machine went down
        blobs.write(name, chunks_of(stream))
        done += 1
        step("blobs", done, of)
    return done


def _restore_rows(
    connection: Connection,
    file: BinaryIO,
    keys: Sequence[OpeningKey],
    manifest: Manifest,
    step: Step,
) -> None:
    """Into the tables of the version that the backup was taken from; then these become today's."""
    if migrate.version_of(connection) != manifest.schema:
        from gateway.store.upgrade import emptied_at

        emptied_at(connection, manifest.schema)
    tables = {table.name: table for table in rows.tables_of(connection)}
    done, of = 0, sum(manifest.rows.values())
    for member, stream in archive.members(file, keys):
        if not (name := archive.table_of(member)):
            continue
        columns, values = _part(stream)
        table = tables.get(name)
        if table is None or not set(columns) <= set(table.columns.keys()):
            raise Unusable(f"the backup has rows that version {manifest.schema} does not know")
        rows.write(connection, table, columns, values)
        done += len(values)
        step("rows", done, of)
    _compare(connection, tables, manifest)
    rows.renumber(connection, tuple(tables.values()))
    if manifest.schema != migrate.HEAD:
        from gateway.store.upgrade import upgrade

        upgrade(connection)


def _part(stream: BinaryIO) -> tuple[list[str], list[rows.Row]]:
    try:
        return rows.of_part(gzip.decompress(stream.read()))
    except (ValueError, TypeError, KeyError, EOFError, zlib.error, gzip.BadGzipFile):
        raise Unusable("the backup has rows that cannot be read") from None


def _compare(connection: Connection, tables: dict[str, Table], manifest: Manifest) -> None:
    for name, expected in manifest.rows.items():
        found = rows.count(connection, tables[name]) if name in tables else 0
        if found != expected:
            raise Unusable(f"the backup has {found} rows of {name} in place of {expected}")


def settle(connection: Connection, taken: float, now: float) -> int:
    """Nothing leaves again by itself, and whoever rules knows what he looks at. How many releases
    were handed back."""
    waiting = outbox.c.state == Post.WAITING
    connection.execute(update(outbox).where(waiting).values(owner=None, leased_until=0.0))
    releases = connection.execute(
        select(outbox.c.id, outbox.c.hold_id, outbox.c.positions).where(
            waiting, outbox.c.kind == RELEASE
        )
    ).all()
    for row in releases:
        positions = json.loads(row.positions)
        move(connection, row.hold_id, State.RELEASING, State.HELD, now, positions)
        over = {"state": Post.GIVEN_UP, "finished": now, "cause": "restored"}
        connection.execute(update(outbox).where(outbox.c.id == row.id).values(over))
    left = holds.c.waiting.is_(True)
    anew = {"awaits": "", "release_key": None, "remind": now, "reminded": None}
    connection.execute(update(holds).where(left).values(anew))
    late = update(holds).where(left, holds.c.until < now + RESPITE_SECONDS)
    connection.execute(late.values(until=now + RESPITE_SECONDS))
    since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(taken))
    for hold in connection.execute(select(holds.c.id).where(left)).scalars().all():
        note(connection, "restored", now, hold, counts={"backup": since})
    note(connection, "restored", now, counts={"backup": since, "releases": len(releases)})
    return len(releases)


def _restored(
    connection: Connection,
    manifest: Manifest,
    blobs: int,
    handed_back: int,
    keys: Sequence[OpeningKey],
) -> Restored:
    ours = {key.id for key in keys}
    missing, locked = [], 0
    gone = set(manifest.missing)
    for row in connection.execute(
        select(holds.c.id, holds.c.blob, holds.c.sealed_key, holds.c.decided)
    ):
        locked += vault.keys_of(bytes(row.sealed_key)).isdisjoint(ours)
        if row.blob in gone and row.decided is None:  # of others retention had its due
            missing.append(row.id)
    left = select(func.count()).select_from(holds).where(holds.c.waiting.is_(True))
    waiting = connection.execute(left).scalar_one()
    post = select(func.count()).where(outbox.c.state == Post.WAITING)
    letters = connection.execute(post).scalar_one()
    return Restored(manifest, blobs, waiting, handed_back, letters, tuple(missing), locked)
