"""Held mail as the officer, the clock and the metrics see it: list, open, rule, remind, expire.

Every ruling is one transaction with its event and with what it puts into the outbox. Ruling needs
no private key; reading who is concerned does (`Held.dossier`), and so does the mail (`open`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from gateway.errors import Temporary
from gateway.model import Inspection, Letter, Mail
from gateway.store import vault
from gateway.store.blobs import Blobs
from gateway.store.copies import move
from gateway.store.database import Database
from gateway.store.events import Event, history, note, sealed_reason
from gateway.store.held import Held, fetch
from gateway.store.keys import OpeningKey, SealingKey, address_hashes, of_compartment
from gateway.store.outbox import ENCRYPTED, IN_CLEAR, put_letters, put_release, sealed_letters
from gateway.store.schema import State, copies, holds
from gateway.store.sealing import keys_about


@dataclass(frozen=True, slots=True)
class Opened:
    """mail: its envelope names the recipients whose copies were held; deadline is infinite."""

    held: Held
    mail: Mail
    inspection: Inspection
    subject: bytes  # raw, undecoded


@dataclass(frozen=True, slots=True)
class Counts:
    """For metrics. messages: officers' holds with a copy nobody ruled on. oldest: seconds since the
    epoch."""

    messages: int
    oldest: float | None


class Holds:
    """keys: public ones, to seal an officer's reasons and our letters."""

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._clock = clock

    async def list(
        self,
        states: Collection[State] = tuple(State),
        *,
        compartments: Collection[str] | None = None,
        before: float | None = None,
        limit: int = 1000,
    ) -> tuple[Held, ...]:
        """Holds with a copy in one of these states, newest first; `before`: held earlier."""
        wanted = exists().where(copies.c.hold_id == holds.c.id, copies.c.state.in_(states))
        query = select(holds).where(wanted).order_by(holds.c.held.desc(), holds.c.id).limit(limit)
        if compartments is not None:
            query = query.where(holds.c.compartment.in_(compartments))
        if before is not None:
            query = query.where(holds.c.held < before)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def get(self, hold: str) -> Held | None:
        query = select(holds).where(holds.c.id == hold)
        found = await self._database.read(lambda connection: fetch(connection, query))
        return found[0] if found else None

    async def find(self, address: str) -> tuple[Held, ...]:
        """Holds that this address sent or was to receive, newest first."""
        wanted = address_hashes(self._hmac_key, address)
        of_it = copies.c.hold_id == holds.c.id
        received = exists().where(of_it, copies.c.address_hash.in_(wanted))
        query = select(holds).where(or_(holds.c.sender_hash.in_(wanted), received))
        query = query.order_by(holds.c.held.desc(), holds.c.id)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def open(
        self,
        hold: str,
        keys: Sequence[OpeningKey],
        *,
        unseen: bool = False,
        ordered: bool = False,
    ) -> Opened | None:
        """The whole mail again; None where there is no such hold. Raises CannotOpen, as it does for
        one that is its sender's alone; UnderLock where `keys` have not its content's.

        unseen: to send it or to try rules on it. To show it to anybody, `reveal` first. ordered: by
        a ruling, to be sent.
        """
        held = await self.get(hold)
        if held is None:
            return None
        if held.hidden and not unseen:
            raise vault.CannotOpen("its sender's alone")
        try:
            content = await asyncio.to_thread(held.content, keys, self._blobs, ordered=ordered)
        except OSError as error:
            raise Temporary("store unavailable") from error
        dossier = held.whole(keys)
        mail = dossier.with_content(content)
        seen = held.inspected(dossier.inspection, keys, ordered=ordered)
        return Opened(held, mail, seen, dossier.subject)

    async def reveal(self, hold: str, who: str, reason: str = "", /, **what: str) -> None:
        """Record that this officer is about to read it. what: "whole", "download", or "part" with
        its kind."""
        await self.record(hold, "revealed", who, reason, **what)

    async def record(
        self, hold: str, kind: str, who: str, reason: str = "", /, **counts: object
    ) -> None:
        """Something that was done about it, for good."""
        sealed = sealed_reason(reason, await keys_about(self._database, self._keys, hold))
        now = self._clock()
        await self._database.write(
            lambda c: note(c, kind, now, hold, who=who, reason=sealed, counts=counts)
        )

    async def release(
        self,
        hold: str,
        who: str,
        reason: str = "",
        positions: Collection[int] | None = None,
        *,
        code: str = "",
        encrypted: bool = False,
        unlocking: Sequence[OpeningKey] = (),
        **more: str,
    ) -> tuple[int, ...]:
        """Order held copies (all, by default) to be sent; those that were still held. Raises
        UnderLock where the content is, and none of `unlocking` opens it.

        () says that there was nothing left to rule on. code: one of a closed list, for figures.
        encrypted: by the channel that fits each recipient. more: for the record.
        """
        now, held = self._clock(), await self.get(hold)
        if held is None:
            return ()
        keys = of_compartment(self._keys, held.compartment)
        sealed, key = sealed_reason(reason, keys), held.lent(unlocking, keys)
        route = ENCRYPTED if encrypted else IN_CLEAR

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
            if moved:
                put_release(connection, hold, moved, now, route, key)
                way = {"way": route} if encrypted else {}
                counts = {"recipients": len(moved)} | _coded(code) | way | more
                note(connection, "release", now, hold, who=who, reason=sealed, counts=counts)
            return moved

        return await self._database.write(work)

    async def reject(
        self,
        hold: str,
        who: str,
        reason: str = "",
        positions: Collection[int] | None = None,
        letters: Sequence[Letter] = (),
        *,
        code: str = "",
    ) -> tuple[int, ...]:
        """Held copies are never to be sent; `letters` tell of it."""
        return await self._close(hold, State.REJECTED, letters, who, reason, positions, code)

    async def expire(self, hold: str, letters: Sequence[Letter]) -> tuple[int, ...]:
        """Nobody ruled in time: copies still held are cancelled, and `letters` tell the sender."""
        return await self._close(hold, State.EXPIRED, letters)

    async def remind(self, ids: Collection[str], letters: Sequence[Letter]) -> bool:
        """Post one reminder of all these, once. False, and nothing is done, where another process
        reminded of one of them or nothing of one is held any more: ask anew what is due."""
        now, first = self._clock(), next(iter(ids), "")
        rows = sealed_letters(letters, await keys_about(self._database, self._keys, first))
        due = and_(holds.c.id.in_(ids), holds.c.reminded.is_(None), holds.c.waiting.is_(True))
        claim = update(holds).where(due).values(reminded=now).returning(holds.c.id)

        def work(connection: Connection) -> bool:
            with connection.begin_nested() as savepoint:
                if len(connection.execute(claim).all()) != len(set(ids)):
                    savepoint.rollback()
                    return False
                put_letters(connection, rows, now)
                for hold in ids:
                    note(connection, "reminded", now, hold)
                return True

        return await self._database.write(work)

    async def due_reminders(self, now: float, limit: int = 100) -> tuple[Held, ...]:
        late = and_(holds.c.remind <= now, holds.c.reminded.is_(None), holds.c.awaits == "")
        query = select(holds).where(late, holds.c.waiting.is_(True))
        query = query.order_by(holds.c.remind).limit(limit)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def due_expiries(self, now: float, limit: int = 100) -> tuple[Held, ...]:
        theirs = and_(holds.c.waiting.is_(True), holds.c.awaits == "")
        query = select(holds).where(holds.c.until <= now, theirs)
        query = query.order_by(holds.c.until).limit(limit)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def compartments(self) -> tuple[str, ...]:
        """Those with mail that waits for a ruling, whatever the configuration says today."""
        query = select(holds.c.compartment).where(holds.c.waiting.is_(True)).distinct()
        found = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(sorted(found))

    async def counts(self, compartments: Collection[str] = ()) -> Counts:
        """compartments: () is every one."""
        theirs = and_(holds.c.waiting.is_(True), holds.c.awaits == "")
        query = select(func.count(), func.min(holds.c.held)).where(theirs)
        if compartments:
            query = query.where(holds.c.compartment.in_(compartments))
        n, oldest = await self._database.read(lambda connection: connection.execute(query).one())
        return Counts(n, oldest)

    async def history(self, hold: str) -> tuple[Event, ...]:
        """What was done to it, in order; it stands after the mail is erased."""
        return await self._database.read(lambda connection: history(connection, hold))

    async def _close(
        self,
        hold: str,
        state: State,
        letters: Sequence[Letter],
        who: str = "",
        reason: str = "",
        positions: Collection[int] | None = None,
        code: str = "",
    ) -> tuple[int, ...]:
        now = self._clock()
        keys = await keys_about(self._database, self._keys, hold)
        rows, sealed = sealed_letters(letters, keys), sealed_reason(reason, keys)

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, state, now, positions)
            if moved:
                put_letters(connection, rows, now)
                counts = {"recipients": len(moved)} | _coded(code)
                note(connection, state.value, now, hold, who=who, reason=sealed, counts=counts)
            return moved

        return await self._database.write(work)


def _coded(code: str) -> dict[str, object]:
    return {"code": code} if code else {}
