"""The end of the record, for whoever is told of it elsewhere: each event once at least, in order.

How far that got, and until when somebody is at it, are two rows of `daily` (day 0), as the place of
`figures` is. A batch is claimed, sent and acknowledged; what its claimant did not acknowledge,
killed or cut off, is anybody's again after `LEASE_SECONDS`. On PostgreSQL a lower number may be
committed after a higher one: a gap is waited for until it cannot be filled any more.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from sqlalchemy import Connection, func, select

from gateway.store.database import Database, insert
from gateway.store.events import Event, event_of
from gateway.store.figures import RIPE_SECONDS, Key
from gateway.store.schema import copies, daily, events, holds
from gateway.store.turn import take_turn

LEASE_SECONDS = 60.0  # longer than a batch takes to be sent or to fail
SHOWN = 16  # hex digits of an address' hash, as in the log

_PLACE = Key(0, "siem", "event")
_LEASE = Key(0, "siem", "leased until")
_QUERY = select(events, holds.c.rule, holds.c.compartment, holds.c.queue_id).join_from(
    events, holds, events.c.hold_id == holds.c.id, isouter=True
)


@dataclass(frozen=True, slots=True)
class Told:
    """One event, and what its hold says in clear while there is one."""

    id: int
    event: Event
    rule: str
    compartment: str
    queue_id: str


class Tail:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database, self._clock = database, clock

    async def begin(self) -> None:
        """From here on, unless that was said before: what is older is nobody's news."""

        def work(connection: Connection) -> None:
            take_turn(connection, _PLACE.what)
            if _read(connection, _PLACE) is None:
                _write(connection, _PLACE, _last(connection))

        await self._database.write(work)

    async def waiting(self) -> int:
        """How many events are not acknowledged yet."""
        return await self._database.read(lambda c: _last(c) - (_read(c, _PLACE) or 0))

    async def claim(self, most: int) -> tuple[Told, ...]:
        """The next ones, now ours for a while; () where there are none, or another is at it."""
        if not await self._database.read(lambda connection: self._next(connection, most)):
            return ()

        def work(connection: Connection) -> tuple[Told, ...]:
            take_turn(connection, _PLACE.what)
            found = self._next(connection, most)
            if found:
                _write(connection, _LEASE, int(self._clock() + LEASE_SECONDS))
            return found

        return await self._database.write(work)

    async def acknowledge(self, last: int) -> None:
        """All up to this one were taken."""
        await self._database.write(lambda connection: _done(connection, last))

    async def give_back(self) -> None:
        """Nothing was taken: another node may have a way."""
        await self._database.write(lambda connection: _write(connection, _LEASE, 0))

    async def hashed(self, ids: Collection[str]) -> Mapping[str, tuple[str, tuple[str, ...]]]:
        """Sender and recipients of holds, as the log shows addresses."""
        sent = select(holds.c.id, holds.c.sender_hash, holds.c.sender_domain)
        sent = sent.where(holds.c.id.in_(ids))
        had = select(copies.c.hold_id, copies.c.address_hash, copies.c.domain)
        had = had.where(copies.c.hold_id.in_(ids)).order_by(copies.c.hold_id, copies.c.position)

        def work(connection: Connection) -> Mapping[str, tuple[str, tuple[str, ...]]]:
            readers: dict[str, list[str]] = {}
            for hold, hashed, domain in connection.execute(had):
                readers.setdefault(hold, []).append(_shown(hashed, domain))
            return {
                hold: (_shown(hashed, domain), tuple(readers.get(hold, ())))
                for hold, hashed, domain in connection.execute(sent)
            }

        return await self._database.read(work)

    def _next(self, connection: Connection, most: int) -> tuple[Told, ...]:
        place, now = _read(connection, _PLACE), self._clock()
        if place is None or (_read(connection, _LEASE) or 0) > now:
            return ()
        query = _QUERY.where(events.c.id > place).order_by(events.c.id).limit(most)
        rows: Sequence[Any] = connection.execute(query).all()
        if connection.dialect.name == "postgresql":
            rows = list(_without_gap(place, rows, now - RIPE_SECONDS))
        return tuple(map(_told, rows))


def _without_gap(place: int, rows: Sequence[Any], ripe: float) -> Iterable[Any]:
    """Up to a number that may still be committed."""
    numbers = pairwise((place, *(row.id for row in rows)))
    for (before, number), row in zip(numbers, rows, strict=True):
        if number > before + 1 and row.at > ripe:
            return
        yield row


def _told(row: Any) -> Told:
    return Told(row.id, event_of(row), row.rule or "", row.compartment or "", row.queue_id or "")


def _shown(hashed: str, domain: str) -> str:
    return f"{hashed[:SHOWN]}@{domain}" if hashed else ""


def _last(connection: Connection) -> int:
    return connection.execute(select(func.max(events.c.id))).scalar() or 0


def _read(connection: Connection, key: Key) -> int | None:
    is_it = (daily.c[name] == value for name, value in key._asdict().items())
    return connection.execute(select(daily.c.count).where(*is_it)).scalar()


def _write(connection: Connection, key: Key, count: int) -> None:
    statement = insert(connection.dialect.name, daily)
    statement = statement.on_conflict_do_update(
        index_elements=list(Key._fields), set_={"count": statement.excluded.count}
    )
    connection.execute(statement, key._asdict() | {"count": count})


def _done(connection: Connection, last: int) -> None:
    take_turn(connection, _PLACE.what)
    _write(connection, _PLACE, max(last, _read(connection, _PLACE) or 0))
    _write(connection, _LEASE, 0)
