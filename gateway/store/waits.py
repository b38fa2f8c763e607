"""Held mail that waits for its sender, for a while, or for a second reader (`confirm`, `delay`,
`review`), until they let it go or the time is over; then, or if they say so, it is an officer's.

    held, awaits ─┬─ grant ─────▶ releasing: in clear, or encrypted, as rules said when it was held
                  │      └──────▶ held, awaits nobody: rules leave it to the officers after all
                  ├─ withdraw ──▶ rejected, expired
                  └─ hand_over ─▶ held, awaits nobody

A hold awaits somebody while its column says so; `gateway.store.copies` clears it with the last copy
that is held. Each act is one transaction with its event and letters and is done once, whoever
clicks twice, and whatever node the clock strikes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from gateway.model import Disposition, Letter
from gateway.store.copies import lock_again, move
from gateway.store.database import Database
from gateway.store.events import note, sealed_reason
from gateway.store.held import Held, fetch
from gateway.store.keys import SealingKey
from gateway.store.outbox import ENCRYPTED, IN_CLEAR, put_letters, put_release, sealed_letters
from gateway.store.schema import State, copies, holds, readers, waits
from gateway.store.sealing import keys_about

# A version that knows no `awaits` decides copies beside us, and leaves it as it was.
_WAITING = and_(holds.c.awaits != "", holds.c.waiting)
_WAYS = {Disposition.PASS: IN_CLEAR, Disposition.ENCRYPT: ENCRYPTED}


@dataclass(frozen=True, slots=True)
class Waited:
    """kind: "confirm", "delay", "review". due: seconds since the epoch. unanswered: what becomes
    of it then. reviewers: a group's name, "" for all of them; further: more of them."""

    kind: str
    due: float
    unanswered: str
    reviewers: str
    quorum: int
    further: str | None


class Waits:
    """keys: public ones, to seal what people say and our letters. officers: when they are reminded
    of what is handed to them at a time, and when it is cancelled."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        officers: Callable[[float], tuple[float, float]],
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._officers = officers
        self._clock = clock

    async def of(self, hold: str) -> Waited | None:
        """What it waits or waited for; None where it never did, or is erased."""
        query = select(waits).where(waits.c.hold_id == hold)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return Waited(*row[1:]) if row else None

    async def of_mail(self, code: str) -> tuple[Held, ...]:
        """Every hold of a mail that awaits somebody: it may be held twice, and two mails may bear
        one code (40 bits are few)."""
        named = or_(holds.c.id == code, holds.c.id.startswith(f"{code}.", autoescape=True))
        query = select(holds).where(named, _WAITING).order_by(holds.c.id)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def due(self, now: float, limit: int = 100) -> tuple[Held, ...]:
        """Whose time is over, the longest first."""
        query = select(holds).join(waits, waits.c.hold_id == holds.c.id)
        query = query.where(_WAITING, waits.c.due <= now)
        query = query.order_by(waits.c.due, holds.c.id).limit(limit)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def grant(
        self,
        hold: str,
        kind: str,
        who: str,
        words: str = "",
        positions: Collection[int] | None = None,
        *,
        protected: bool = False,
        **counts: object,
    ) -> tuple[int, ...]:
        """Let copies (all, by default) go by the way that rules had for them, or on to the
        officers; those that were still held and awaited somebody. kind: of the event. protected: in
        clear never. () says that there was nothing left to grant, or that a second reader refused
        it and what follows is under way."""
        now, sealed = self._clock(), await self._sealed(hold, words)

        def work(connection: Connection) -> tuple[int, ...]:
            if not _open(connection, hold) or _refused(connection, hold):
                return ()
            after = _after(connection, hold, positions)
            if not after:
                return ()
            said = {"recipients": len(after)} | counts
            note(connection, kind, now, hold, who=who, reason=sealed, counts=said)
            for order, way in _WAYS.items():
                some = [position for position in after if after[position] is order]
                _send(connection, hold, some, ENCRYPTED if protected else way, now)
            if set(after.values()) - _WAYS.keys():
                self._to_officers(connection, hold, now)
            return tuple(after)

        return await self._database.write(work)

    async def withdraw(
        self,
        hold: str,
        kind: str,
        who: str,
        words: str = "",
        letters: Sequence[Letter] = (),
        positions: Collection[int] | None = None,
        *,
        state: State = State.REJECTED,
        **counts: object,
    ) -> tuple[int, ...]:
        """Copies (all, by default) are never to be sent. kind: of the event."""
        now, sealed = self._clock(), await self._sealed(hold, words)
        rows = sealed_letters(letters, await keys_about(self._database, self._keys, hold))

        def work(connection: Connection) -> tuple[int, ...]:
            if not _open(connection, hold):
                return ()
            moved = move(connection, hold, State.HELD, state, now, positions)
            if moved:
                put_letters(connection, rows, now)
                said = {"recipients": len(moved)} | counts
                note(connection, kind, now, hold, who=who, reason=sealed, counts=said)
            return moved

        return await self._database.write(work)

    async def hand_over(
        self,
        hold: str,
        kind: str,
        who: str = "",
        words: str = "",
        letters: Sequence[Letter] = (),
        **counts: object,
    ) -> bool:
        """It awaits nobody but the officers from now on, with time to rule on it. kind: of the
        event. False where it awaited nobody any more."""
        now, sealed = self._clock(), await self._sealed(hold, words)
        rows = sealed_letters(letters, await keys_about(self._database, self._keys, hold))

        def work(connection: Connection) -> bool:
            if not _open(connection, hold):
                return False
            self._to_officers(connection, hold, now)
            put_letters(connection, rows, now)
            note(connection, kind, now, hold, who=who, reason=sealed, counts=counts)
            return True

        return await self._database.write(work)

    def _to_officers(self, connection: Connection, hold: str, now: float) -> None:
        remind, until = self._officers(now)
        anew = {"awaits": "", "remind": remind, "reminded": None, "until": until}
        connection.execute(update(holds).where(holds.c.id == hold).values(anew))
        lock_again(connection, hold)

    async def _sealed(self, hold: str, words: str) -> bytes:
        return sealed_reason(words, await keys_about(self._database, self._keys, hold))


async def awaiting(database: Database) -> dict[str, int]:
    """How many mails wait for whom, for metrics; of a kind that none waits for, nothing."""
    query = select(holds.c.awaits, func.count()).where(_WAITING)
    rows = await database.read(lambda c: c.execute(query.group_by(holds.c.awaits)).all())
    return {row[0]: row[1] for row in rows}


def _open(connection: Connection, hold: str) -> bool:
    """Whether it awaits anybody; from here to the commit, nobody else can change that."""
    query = select(holds.c.id).where(holds.c.id == hold, _WAITING).with_for_update()
    return bool(connection.execute(query).scalar())


def _refused(connection: Connection, hold: str) -> bool:
    """By a second reader, in the moment before its hour."""
    no = exists().where(readers.c.hold_id == hold, readers.c.agrees.is_(False))
    return bool(connection.execute(select(no)).scalar())


def _after(
    connection: Connection, hold: str, positions: Collection[int] | None
) -> dict[int, Disposition]:
    which = and_(copies.c.hold_id == hold, copies.c.state == State.HELD)
    if positions is not None:
        which = and_(which, copies.c.position.in_(positions))
    query = select(copies.c.position, copies.c.after).where(which).order_by(copies.c.position)
    return {row.position: Disposition(row.after) for row in connection.execute(query)}


def _send(
    connection: Connection, hold: str, positions: Sequence[int], way: str, now: float
) -> None:
    if not positions:
        return
    lent = select(holds.c.release_key).where(holds.c.id == hold)
    key = bytes(connection.execute(lent).scalar() or b"")
    moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
    put_release(connection, hold, moved, now, way, key)
