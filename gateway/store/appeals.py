"""What a sender does about his own held mail beside cancelling it (`Holds.reject`): he asks for its
release, mends an address, or, where he is allowed to, sends it at once for a patient's sake; an
officer looks at that afterwards.

Each is one transaction with its event, and is done once, whoever clicks twice. Words are sealed.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, select, update

from gateway.store.copies import move
from gateway.store.custody import domain_of
from gateway.store.database import Database, insert
from gateway.store.events import SENDER, note, sealed_reason
from gateway.store.held import Held
from gateway.store.hmac_key import honoured
from gateway.store.keys import SealingKey, address_hash
from gateway.store.outbox import ENCRYPTED, IN_CLEAR, put_release
from gateway.store.schema import State, copies, desk, holds
from gateway.store.sealing import keys_about
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
        good = [ticket(key, *about).encode() for key in honoured(self._hmac_key)]
        right = any(hmac.compare_digest(one, given.encode()) for one in good)
        return right and held is not None and self._clock() < held.until

    async def ask(self, hold: str, words: str) -> bool:
        """Tell the officers that the sender wants it sent. False if he did already, or if nothing
        of it is held any more."""
        now, sealed = self._clock(), await self._sealed(hold, words)
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
        now, sealed = self._clock(), await self._sealed(hold, reason)

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
            if moved:
                put_release(connection, hold, moved, now)
                counts, kind = {"recipients": len(moved)}, "urgent release"
                note(connection, kind, now, hold, who=SENDER, reason=sealed, counts=counts)
                _set(connection, hold, {"urged": now, "reviewed": None})
            return moved

        return await self._database.write(work)

    async def protect(self, hold: str, positions: Collection[int]) -> tuple[int, ...]:
        """Order these copies to be sent by a protected way without a ruling; those that were still
        held. Whether he may, and whether there is such a way, is the page's business."""
        now = self._clock()

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
            if moved:
                put_release(connection, hold, moved, now, ENCRYPTED)
                counts = {"recipients": len(moved)}
                note(connection, "protected release", now, hold, who=SENDER, counts=counts)
            return moved

        return await self._database.write(work)

    async def open_up(self, hold: str) -> bool:
        """From now on officers may look into a mail that was the sender's alone: he says so. False
        where they may already, or nothing of it is held any more."""
        now = self._clock()
        closed = (holds.c.id == hold, holds.c.hidden != "", holds.c.waiting.is_(True))
        opening = update(holds).where(*closed).values(hidden="").returning(holds.c.id)

        def work(connection: Connection) -> bool:
            done = connection.execute(opening).first() is not None
            if done:
                note(connection, "opened by sender", now, hold, who=SENDER)
            return done

        return await self._database.write(work)

    async def correct(
        self, held: Held, position: int, was: str, to: str, sealed: bytes, way: str = IN_CLEAR
    ) -> bool:
        """Order one copy to be sent to another address than the one it was held with. False where
        it was not held any more. Whether rules let it pass is the page's business; so is `sealed`
        (`Held.corrected`). Both addresses stand in the record, sealed, unless they are
        the sender's alone."""
        now = self._clock()
        words = b"" if held.hidden else await self._sealed(held.id, f"{was} → {to}")
        hashed = address_hash(self._hmac_key, to)
        mended = {"corrected": sealed, "address_hash": hashed, "domain": domain_of(to)}
        which = and_(copies.c.hold_id == held.id, copies.c.position == position)

        def work(connection: Connection) -> bool:
            moved = move(connection, held.id, State.HELD, State.RELEASING, now, [position])
            if moved:
                connection.execute(update(copies).where(which).values(mended))
                put_release(connection, held.id, moved, now, way)
                counts, kind = {"recipients": 1, "way": way}, "corrected release"
                note(connection, kind, now, held.id, who=SENDER, reason=words, counts=counts)
            return bool(moved)

        return await self._database.write(work)

    async def review(self, hold: str, who: str, words: str) -> bool:
        """An officer has looked at what was sent urgently. False where nothing was left to see."""
        now, sealed = self._clock(), await self._sealed(hold, words)
        left = and_(desk.c.hold_id == hold, desk.c.urged.is_not(None), desk.c.reviewed.is_(None))
        seen = update(desk).where(left).values(reviewed=now).returning(desk.c.hold_id)

        def work(connection: Connection) -> bool:
            first = connection.execute(seen).first() is not None
            if first:
                note(connection, "urgent release reviewed", now, hold, who=who, reason=sealed)
            return first

        return await self._database.write(work)

    async def _sealed(self, hold: str, words: str) -> bytes:
        return sealed_reason(words, await keys_about(self._database, self._keys, hold))


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
