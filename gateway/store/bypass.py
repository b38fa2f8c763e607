"""When mail went past the gateway, by whose word and why: two events a period, in the record that
nothing changes.

A period stands until somebody ends it. The gateway cannot see mail that it is not given: what is
not declared is not known here.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway.store.database import Database
from gateway.store.events import Event, event_of, note, sealed_reason
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.schema import events
from gateway.store.turn import take_turn

BEGUN, ENDED = "bypass begun", "bypass ended"
_EITHER = select(events).where(events.c.kind.in_((BEGUN, ENDED)))


@dataclass(frozen=True, slots=True)
class Period:
    """since, until: seconds since the epoch; until None: it stands. who, ended_by: accounts of the
    system."""

    since: float
    who: str
    begun: Event
    until: float | None = None
    ended_by: str = ""

    def reason(self, keys: Sequence[OpeningKey]) -> str:
        """Raises CannotOpen."""
        return self.begun.reason(keys)


class Bypass:
    """keys: public ones, to seal the reasons, which are in somebody's words."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey] = (),
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._keys, self._clock = database, tuple(keys), clock

    async def begin(self, who: str, reason: str) -> bool:
        """False where one stands already: that one goes on."""
        return await self._note(BEGUN, who, sealed_reason(reason, self._keys))

    async def end(self, who: str) -> bool:
        """False where none stands."""
        return await self._note(ENDED, who, b"")

    async def since(self) -> float | None:
        """Of the period that stands, seconds since the epoch."""
        row = await self._database.read(_last)
        return float(row.at) if row is not None and row.kind == BEGUN else None

    async def periods(self) -> tuple[Period, ...]:
        """All there ever were, the oldest first."""
        query = _EITHER.order_by(events.c.id)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        found: list[Period] = []
        for event in map(event_of, rows):
            if event.kind == BEGUN:
                found.append(Period(event.at, event.who, event))
            elif found:
                begun = found[-1]
                ended = max(event.at, begun.since)  # by a clock that was put back meanwhile
                found[-1] = Period(begun.since, begun.who, begun.begun, ended, event.who)
        return tuple(found)

    async def _note(self, kind: str, who: str, reason: bytes) -> bool:
        now = self._clock()

        def work(connection: Connection) -> bool:
            take_turn(connection, "bypass")
            row = _last(connection)
            standing = row is not None and row.kind == BEGUN
            if standing == (kind == BEGUN):
                return False
            note(connection, kind, now, who=who, reason=reason)
            return True

        return await self._database.write(work)


def _last(connection: Connection) -> Any:
    return connection.execute(_EITHER.order_by(events.c.id.desc()).limit(1)).first()
