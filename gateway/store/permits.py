"""Two pairs of eyes: who asked to read a mail whole, and which other officer allowed it.

    asked ──another account, within a day──▶ granted ──half an hour──▶ over: ask again

Each step is on record with its person; the reason is sealed like every other.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, select, update

from gateway.store.database import Database, insert
from gateway.store.events import note, sealed_reason
from gateway.store.keys import SealingKey
from gateway.store.schema import permits
from gateway.store.sealing import keys_about

GRANTED_SECONDS = 30 * 60.0
ASKED_SECONDS = 24 * 3600.0  # a request that nobody answered by then was for another day


@dataclass(frozen=True, slots=True)
class Permit:
    """granted_by: "" while nobody has. until: when it is over."""

    account: str
    asked: float
    granted_by: str = ""
    until: float = 0.0


class Permits:
    """keys: public ones, to seal reasons."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._clock = clock

    async def of(self, hold: str) -> tuple[Permit, ...]:
        """Those asked for or granted that still count, the oldest first."""
        now = self._clock()
        query = select(permits).where(permits.c.hold_id == hold).order_by(permits.c.asked)
        rows = await self._database.read(lambda c: c.execute(query).all())
        found = (Permit(r.account, r.asked, r.granted_by or "", r.until or 0.0) for r in rows)
        return tuple(
            one
            for one in found
            if (one.until > now if one.granted_by else one.asked > now - ASKED_SECONDS)
        )

    async def ask(self, hold: str, who: str, reason: str) -> None:
        """Anew, whatever was granted before."""
        now, keys = self._clock(), await keys_about(self._database, self._keys, hold)
        sealed = sealed_reason(reason, keys)
        fresh = {"asked": now, "granted_by": None, "until": None}

        def work(connection: Connection) -> None:
            connection.execute(
                insert(connection.dialect.name, permits)
                .values({"hold_id": hold, "account": who} | fresh)
                .on_conflict_do_update(index_elements=["hold_id", "account"], set_=fresh)
            )
            note(connection, "reading asked", now, hold, who=who, reason=sealed)

        await self._database.write(work)

    async def grant(self, hold: str, account: str, who: str) -> bool:
        """False where nothing is asked for any more, or somebody would allow himself."""
        now = self._clock()
        asked = (
            permits.c.hold_id == hold,
            permits.c.account == account,
            permits.c.account != who,
            permits.c.granted_by.is_(None),
            permits.c.asked > now - ASKED_SECONDS,
        )
        granted = update(permits).where(*asked)
        granted = granted.values(granted_by=who, until=now + GRANTED_SECONDS)

        def work(connection: Connection) -> bool:
            if not connection.execute(granted).rowcount:
                return False
            note(connection, "reading granted", now, hold, who=who, counts={"to": account})
            return True

        return await self._database.write(work)
