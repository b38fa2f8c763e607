"""What a sender does about his own held mail beside cancelling it (`Holds.reject`): he asks for its
release, or, where he is allowed to, sends it at once for a patient's sake; an officer looks at that
afterwards.

Each is one transaction with its event, and is done once, whoever clicks twice. Words are sealed.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from gateway.store.copies import move
from gateway.store.database import Database, insert
from gateway.store.events import SENDER, note, sealed_reason
from gateway.store.holds import Held
from gateway.store.keys import SealingKey
from gateway.store.outbox import put_release
from gateway.store.schema import State, desk, holds
from gateway.store.tickets import ticket


class Appeals:
    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._clock = clock

    def opens(self, held: Held | None, given: str) -> bool:
        """Whether this ticket is good for this hold. Takes as long where there is none."""
        about = (held.id, held.sender_hash, held.received) if held else ("", "", 0.0)
        right = hmac.compare_digest(ticket(self._hmac_key, *about).encode(), given.encode())
        return right and held is not None and self._clock() < held.until

    async def ask(self, hold: str, words: str) -> bool:
        """Tell the officers that the sender wants it sent. False if he did already, or if nothing
        of it is held any more."""
        now, sealed = self._clock(), sealed_reason(words, self._keys)
        waiting = select(holds.c.waiting).where(holds.c.id == hold).with_for_update()

        def work(connection: Connection) -> bool:
            if not connection.execute(waiting).scalar():
                return False
            first = _set(connection, hold, {"asked": now}, desk.c.asked.is_(None))
            if first:
                note(connection, "asked", now, hold, who=SENDER, reason=sealed)
            return first

        return await self._database.write(work)

    async def urge(self, hold: str, reason: str, positions: Collection[int]) -> tuple[int, ...]:
        """Order these copies to be sent without a ruling; those that were still held. Whether he
        may is the page's business."""
        now, sealed = self._clock(), sealed_reason(reason, self._keys)

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
            if moved:
                put_release(connection, hold, moved, now)
                counts, kind = {"recipients": len(moved)}, "urgent release"
                note(connection, kind, now, hold, who=SENDER, reason=sealed, counts=counts)
                _set(connection, hold, {"urged": now, "reviewed": None})
            return moved

        return await self._database.write(work)

    async def review(self, hold: str, who: str, words: str) -> bool:
        """An officer has looked at what was sent urgently. False where nothing was left to see."""
        now, sealed = self._clock(), sealed_reason(words, self._keys)
        left = and_(desk.c.hold_id == hold, desk.c.urged.is_not(None), desk.c.reviewed.is_(None))
        seen = update(desk).where(left).values(reviewed=now).returning(desk.c.hold_id)

        def work(connection: Connection) -> bool:
            first = connection.execute(seen).first() is not None
            if first:
                note(connection, "urgent release reviewed", now, hold, who=who, reason=sealed)
            return first

        return await self._database.write(work)


def _set(
    connection: Connection,
    hold: str,
    values: dict[str, Any],
    where: ColumnElement[bool] | None = None,
) -> bool:
    """On the hold's row of the desk, if `where` holds of it. Whether it was done."""
    statement = (
        insert(connection.dialect.name, desk)
        .values({"hold_id": hold, "second": False} | values)
        .on_conflict_do_update(index_elements=["hold_id"], set_=values, where=where)
        .returning(desk.c.hold_id)
    )
    return connection.execute(statement).first() is not None
