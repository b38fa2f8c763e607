"""The end: what is erased, when, and the proof of it.

Erased are expired memory, what the outbox has delivered or given up, and holds decided long
enough ago: first the sealed key with its row, which alone makes the mail unreadable for ever,
then the blob. Blobs without a row go an hour after they were written: a process was killed before
its commit. A copy nobody has ruled on is never erased, whatever its age: expiry (`release`) is a
decision of its own, and the sender is told of it. Nor is a mail that its sender sent urgently,
until an officer has reviewed that. Nor is a blob that was there before this store was: it is
another's, whose database somebody will perhaps name again.

The proof is an event a hold and one a sweep, with counts and times, and they stay.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import asdict, astuple, dataclass
from functools import partial

from sqlalchemy import Connection, Select, and_, delete, exists, select

from gateway.errors import Temporary
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.monitored import KEPT_DAYS
from gateway.store.schema import (
    PENDING,
    Post,
    copies,
    desk,
    events,
    holds,
    memory,
    monitored,
    outbox,
)

DAY_SECONDS = 86400.0
ORPHAN_SECONDS = 3600.0  # a blob waits for its row some seconds, 80 at the very most
BATCH = 200  # holds a transaction: other writers get their turn in between
_BORN = select(events.c.at).order_by(events.c.id).limit(1)  # the first that this store noted


@dataclass(frozen=True, slots=True)
class Purged:
    """How many were erased."""

    holds: int = 0
    memory: int = 0
    outbox: int = 0
    orphans: int = 0
    monitored: int = 0

    def __bool__(self) -> bool:
        return any(astuple(self))


async def retain(
    database: Database,
    blobs: Blobs,
    *,
    now: float,
    keep_decided_days: float = 7,
    keep_sent_days: float = 7,
    keep_given_up_days: float = 30,
) -> Purged:
    """One sweep. Raises Temporary; what was done until then stays done and proven."""
    erased = await _erase_holds(database, blobs, now, now - keep_decided_days * DAY_SECONDS)
    sent = await _erase_outbox(database, Post.DONE, now - keep_sent_days * DAY_SECONDS)
    failed = await _erase_outbox(database, Post.GIVEN_UP, now - keep_given_up_days * DAY_SECONDS)
    forgotten = delete(memory).where(memory.c.expires <= now)
    remembered = await database.write(lambda connection: connection.execute(forgotten).rowcount)
    orphans = await _sweep(database, blobs, now - ORPHAN_SECONDS)
    let_out = delete(monitored).where(monitored.c.at <= now - KEPT_DAYS * DAY_SECONDS)
    over = await database.write(lambda connection: connection.execute(let_out).rowcount)
    purged = Purged(erased, remembered, sent + failed, orphans, over)
    if purged:
        await database.write(
            lambda connection: note(connection, "purged", now, counts=asdict(purged))
        )
        await database.scrub()
    return purged


async def _erase_holds(database: Database, blobs: Blobs, now: float, before: float) -> int:
    """The rows first: were we killed in between, the blobs are orphans that nobody can open."""
    total = 0
    while True:
        names = await database.write(lambda connection: _erase_batch(connection, now, before))
        await _delete(blobs, names)
        total += len(names)
        if len(names) < BATCH:
            return total


def _erase_batch(connection: Connection, now: float, before: float) -> Sequence[str]:
    # `decided` says it all; asked twice, since what goes here does not come back.
    pending = exists().where(copies.c.hold_id == holds.c.id, copies.c.state.in_(PENDING))
    urged = and_(desk.c.urged.is_not(None), desk.c.reviewed.is_(None))
    review = exists().where(desk.c.hold_id == holds.c.id, urged)
    over = and_(holds.c.decided <= before, ~pending, ~review)
    query = select(holds.c.id, holds.c.blob).where(over).limit(BATCH)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    for row in rows:
        note(connection, "erased", now, row.id)
    connection.execute(delete(holds).where(holds.c.id.in_([row.id for row in rows])))
    return [row.blob for row in rows]


async def _erase_outbox(database: Database, state: Post, before: float) -> int:
    over = delete(outbox).where(outbox.c.state == state, outbox.c.finished <= before)
    return await database.write(lambda connection: connection.execute(over).rowcount)


async def _sweep(database: Database, blobs: Blobs, before: float) -> int:
    orphans = []
    for some in _batches(await _older_than(blobs, before)):
        query = select(holds.c.blob).where(holds.c.blob.in_(some))
        known = await database.read(partial(_scalars, query))
        orphans += [name for name in some if name not in known]
    if not orphans:
        return 0
    born = await database.read(lambda connection: connection.execute(_BORN).scalar())
    others = frozenset(orphans if born is None else await _older_than(blobs, born))
    ours = [name for name in orphans if name not in others]
    return sum([await _delete(blobs, some) for some in _batches(ours)])


async def _older_than(blobs: Blobs, then: float) -> Sequence[str]:
    try:
        return await asyncio.to_thread(lambda: list(blobs.older_than(then)))
    except OSError as error:
        raise Temporary("store unavailable") from error


def _batches(names: Sequence[str]) -> Iterator[Sequence[str]]:
    return (names[start : start + BATCH] for start in range(0, len(names), BATCH))


def _scalars(query: Select[str], connection: Connection) -> frozenset[str]:
    return frozenset(connection.execute(query).scalars())


async def _delete(blobs: Blobs, names: Sequence[str]) -> int:
    try:
        return await asyncio.to_thread(blobs.delete, names)
    except OSError as error:
        raise Temporary("store unavailable") from error
