"""The end: what is erased, when, and the proof of it.

Erased are holds decided long enough ago: first the sealed key with its row, which alone makes the
mail unreadable for ever, then the blob. Then whatever has outlived the period of its class
(`gateway.store.classes`), the record itself last. Blobs without a row go an hour after they were
written: a process was killed before its commit. A copy nobody has ruled on is never erased,
whatever its age: expiry (`release`) is a decision of its own, and the sender is told of it. Nor is
a mail that its sender sent urgently, until an officer has reviewed that. Nor is a blob that was
there before this store was: it is another's, whose database somebody will perhaps name again. Nor
what the record says of a mail that is still here, said first of all (the store's birth) or last of
its kind: a bypass stands until it is ended. Of the proofs only the very last stays: an older one,
left behind alone, would look like a chain that somebody broke.

The proof is an event a hold and one a sweep, with counts and times, each of which holds fast the
one before it (`gateway.store.proof`).
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import TypeVar

from sqlalchemy import (
    ColumnElement,
    Connection,
    Delete,
    Select,
    and_,
    delete,
    exists,
    func,
    or_,
    select,
)

from gateway.errors import Temporary
from gateway.store.blobs import Blobs
from gateway.store.classes import DAY_SECONDS, Class, Periods, classes, fading, record
from gateway.store.database import Database
from gateway.store.proof import KINDS, Chain
from gateway.store.schema import PENDING, accounts, copies, desk, events, holds

T = TypeVar("T")

ORPHAN_SECONDS = 3600.0  # a blob waits for its row some seconds, 80 at the very most
BATCH = 200  # holds a transaction: other writers get their turn in between
_EVENTS = 2000  # a transaction: 20 ms, for which doors wait
_BORN = select(events.c.at).order_by(events.c.id).limit(1)  # the first that this store noted
_IS_PROOF = events.c.kind.in_(KINDS)
_IS_PROVEN = and_(_IS_PROOF, events.c.detail.contains("proof="))
_FIRST = func.coalesce(select(func.min(events.c.id)).where(~_IS_PROVEN).scalar_subquery(), 0)
_LAST_OF_EACH = (select(func.max(events.c.id)).where(~_IS_PROOF).group_by(events.c.kind)).union_all(
    select(func.coalesce(func.max(events.c.id), 0)).where(_IS_PROOF)
)

Purged = Mapping[str, int]  # class -> how many were erased; those of which nothing was are left out


async def retain(
    database: Database,
    blobs: Blobs,
    *,
    now: float,
    key: bytes,
    periods: Periods = Periods(),  # noqa: B008  frozen
) -> Purged:
    """One sweep. key: what the proof is made with. Raises Temporary; what was done until then stays
    done, of held mails proven as well."""
    counts = {"holds": await _erase_holds(database, blobs, key, now, periods)}
    for one in (*classes(periods), *fading()):
        gone = one.erasure(now)
        counts[one.name] = await database.write(partial(_rows, gone))
    counts["orphans"] = await _sweep(database, blobs, now - ORPHAN_SECONDS)
    counts["accounts"] = await _erase_accounts(database, now, periods)
    for part in record(periods):
        counts[part.name] = await _erase_events(database, events_over(part, now))
    purged = {name: count for name, count in counts.items() if count}
    if purged:
        await database.write(lambda c: Chain(c, key).add("purged", now, counts=purged))
        await database.scrub()
    return purged


def decided_before(now: float, periods: Periods) -> ColumnElement[bool]:
    """Of holds: whose time is over. `decided` says it all; asked twice, since what goes here does
    not come back."""
    pending = exists().where(copies.c.hold_id == holds.c.id, copies.c.state.in_(PENDING))
    urged = and_(desk.c.urged.is_not(None), desk.c.reviewed.is_(None))
    review = exists().where(desk.c.hold_id == holds.c.id, urged)
    return and_(holds.c.decided <= now - periods.decided * DAY_SECONDS, ~pending, ~review)


def events_over(part: Class, now: float) -> ColumnElement[bool]:
    """But for what is said of a mail that is still here, the last of each kind, and the first of
    all but proofs, by which this store's birth is known."""
    here = exists().where(holds.c.id == events.c.hold_id)
    return and_(part.over(now), ~here, events.c.id.not_in(_LAST_OF_EACH), events.c.id != _FIRST)


async def _erase_holds(
    database: Database, blobs: Blobs, key: bytes, now: float, periods: Periods
) -> int:
    """The rows first: were we killed in between, the blobs are orphans that nobody can open."""
    over = decided_before(now, periods)
    total = 0
    while True:
        names = await database.write(lambda connection: _erase_batch(connection, key, now, over))
        await _delete(blobs, names)
        total += len(names)
        if len(names) < BATCH:
            return total


def _erase_batch(
    connection: Connection, key: bytes, now: float, over: ColumnElement[bool]
) -> Sequence[str]:
    query = select(holds.c.id, holds.c.blob).where(over).limit(BATCH)
    rows = connection.execute(query.with_for_update(skip_locked=True)).all()
    if rows:
        chain = Chain(connection, key)
        for row in rows:
            chain.add("erased", now, row.id)
        connection.execute(delete(holds).where(holds.c.id.in_([row.id for row in rows])))
    return [row.blob for row in rows]


async def _erase_accounts(database: Database, now: float, periods: Periods) -> int:
    """Those closed, once the record names them no more: the name must not become another's while
    it says who ruled."""
    entered = func.coalesce(accounts.c.entered, accounts.c.created)
    mark = "account=" + accounts.c.name + "%"  # of a longer name as well: it stays a while more
    named = or_(events.c.who == accounts.c.name, events.c.detail.like(mark))
    gone = delete(accounts).where(
        accounts.c.disabled.is_(True),
        entered <= now - periods.events * DAY_SECONDS,
        ~exists().where(named),
    )
    return await database.write(partial(_rows, gone))


async def _erase_events(database: Database, over: ColumnElement[bool]) -> int:
    """Found by a reader, since it is a look at every row, and those who write must not wait."""
    total = 0
    query = select(events.c.id).where(over).limit(_EVENTS)
    while ids := await database.read(partial(_scalars, query)):
        gone = delete(events).where(events.c.id.in_(ids))
        total += await database.write(partial(_rows, gone))
    return total


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


def _scalars(query: Select[T], connection: Connection) -> frozenset[T]:
    return frozenset(connection.execute(query).scalars())


def _rows(statement: Delete, connection: Connection) -> int:
    return connection.execute(statement).rowcount


async def _delete(blobs: Blobs, names: Sequence[str]) -> int:
    try:
        return await asyncio.to_thread(blobs.delete, names)
    except OSError as error:
        raise Temporary("store unavailable") from error
