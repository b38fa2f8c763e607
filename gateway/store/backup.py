"""Take a backup: the rows as they stand in one instant, then the contents that they name.

Doors, release and console go on meanwhile. A content never changes, so it may be
copied after the rows were read; one that was erased in between belongs to a mail whose time was
over, and is told. What is sealed stays sealed, and no key is in it. Nor are sessions, sign-ins
under way and invitations: restored, they would open again what was closed since.
"""

from __future__ import annotations

import asyncio
import gzip
from collections.abc import Sequence
from dataclasses import dataclass
from typing import BinaryIO

from sqlalchemy import Connection, select

from gateway import __version__
from gateway.store import migrate, rows
from gateway.store.archive import Archive, Manifest, Unusable
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.keys import SealingKey
from gateway.store.rows import Step
from gateway.store.schema import attempts, holds, invitations, metadata, sessions

PASSING = (sessions, attempts, invitations)
_GZIP_LEVEL = 3  # rows shrink to a third; more would cost more than the disk does
_IDS = 500  # values a statement: SQLite takes so many, and no more


@dataclass(frozen=True, slots=True)
class Taken:
    """erased: contents whose time was over while we read. lost: dossiers whose content is not there
    and should be."""

    rows: int
    blobs: int
    erased: int
    lost: tuple[str, ...]


async def backup(
    database: Database,
    blobs: Blobs,
    file: BinaryIO,
    keys: Sequence[SealingKey],
    *,
    now: float,
    step: Step,
) -> Taken:
    """Into an open file. Raises Unusable for a disk that fails, Temporary for the database."""
    archive = Archive(file, keys)
    counts, named = await database.read(lambda c: _write_rows(archive, c, step))
    missing = await asyncio.to_thread(_write_blobs, archive, blobs, tuple(named), step)
    lost = await database.read(lambda connection: _still(connection, missing))
    manifest = Manifest(__version__, migrate.HEAD, now, counts, missing, archive.members)
    await asyncio.to_thread(archive.finish, manifest)
    there = len(named) - len(missing)
    return Taken(sum(counts.values()), there, len(missing) - len(lost), lost)


def _write_rows(
    archive: Archive, connection: Connection, step: Step
) -> tuple[dict[str, int], list[str]]:
    """Rows of each table, and the contents that they name. Misconfigured as `demand_no_later`."""
    view = rows.in_one_view(connection)
    migrate.demand_no_later(view)
    named = list(view.execute(select(holds.c.blob)).scalars())
    kept = [table for table in metadata.sorted_tables if table not in PASSING]
    counts = {table.name: rows.count(view, table) for table in kept}
    done, of = 0, sum(counts.values())
    for table in kept:
        columns = [column.name for column in table.columns]
        for number, part in enumerate(rows.as_parts(columns, rows.read(view, table))):
            packed = gzip.compress(part, _GZIP_LEVEL, mtime=0)
            archive.add(f"rows/{table.name}/{number:06}.jsonl.gz", packed)
            done += part.count(b"\n") - 1
            step("rows", done, of)
    return counts, named


def _write_blobs(
    archive: Archive, blobs: Blobs, names: Sequence[str], step: Step
) -> tuple[str, ...]:
    """Those that were not there."""
    missing = []
    for number, name in enumerate(names, 1):
        try:
            size, stream = blobs.size(name), blobs.open(name)
        except FileNotFoundError:
            missing.append(name)
            continue
        except OSError as error:
            raise Unusable(f"{name}: {error.strerror}") from error
        with stream:
            archive.add_stream(f"blobs/{name}", stream, size)
        step("blobs", number, len(names))
    return tuple(missing)


def _still(connection: Connection, missing: Sequence[str]) -> tuple[str, ...]:
    """Dossiers that name one of these now: rows go first, so nobody erased their contents."""
    lost: list[str] = []
    for start in range(0, len(missing), _IDS):
        some = holds.c.blob.in_(missing[start : start + _IDS])
        lost += connection.execute(select(holds.c.id).where(some)).scalars()
    return tuple(lost)
