"""Held mail as the officer, the clock and the metrics see it: list, open, rule, remind, expire.

Every ruling is one transaction with its event and with what it puts into the outbox. Ruling needs
no private key; reading who is concerned does (`Held.dossier`), and so does the mail (`open`).
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, and_, exists, func, or_, select, update

from gateway.errors import Temporary
from gateway.model import Envelope, Inspection, Letter, Mail
from gateway.store import codec, correction, vault
from gateway.store.blobs import Blobs
from gateway.store.copies import move
from gateway.store.custody import CONTENT, DOSSIER, context_of
from gateway.store.database import Database
from gateway.store.discretion import discreet
from gateway.store.dossier import Dossier, Outside
from gateway.store.events import Event, history, note, sealed_reason
from gateway.store.keys import OpeningKey, SealingKey, address_hash
from gateway.store.outbox import ENCRYPTED, IN_CLEAR, put_letters, put_release, sealed_letters
from gateway.store.schema import State, copies, holds
from gateway.store.sealing import keys_about

# What a hold with copies in several states is called: what asks for somebody comes first.
_FOREMOST = (State.HELD, State.RELEASING, State.RELEASED, State.REJECTED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's. position: in the envelope of the dossier and of the opened mail. corrected:
    his address where the sender mended it, under the hold's key."""

    position: int
    domain: str
    state: State
    corrected: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as it may be shown without any key. hidden: why not even its officers may look into it
    (a `Hidden`, or "" where they may)."""

    id: str
    received: float
    held: float
    door: str
    queue_id: str
    rule: str
    compartment: str
    hidden: str
    grave: bool
    rank: int
    remind: float
    reminded: float | None
    until: float
    decided: float | None
    size: int  # bytes
    sender_domain: str
    sender_hash: str
    copies: tuple[Copy, ...]
    blob: str = field(repr=False)
    sealed_key: bytes = field(repr=False)
    sealed_dossier: bytes = field(repr=False)

    @property
    def state(self) -> State:
        return min((copy.state for copy in self.copies), key=_FOREMOST.index)

    def dossier(self, keys: Sequence[OpeningKey]) -> Dossier:
        """As officers may see it. Raises CannotOpen."""
        dossier = self.whole(keys)
        return discreet(dossier) if self.hidden else dossier

    def whole(self, keys: Sequence[OpeningKey]) -> Dossier:
        """Who wrote to whom, and what was found: for the sender and for what is done unseen. Raises
        CannotOpen."""
        key = self._key(keys)
        dossier = codec.load(Dossier, self._written(key))
        return replace(dossier, envelope=self._mended(dossier.envelope, key))

    def opens_to(self, keys: Sequence[OpeningKey]) -> bool:
        """Whether one of these keys is among those that it is sealed to."""
        return not vault.keys_of(self.sealed_key).isdisjoint(key.id for key in keys)

    def parties(self, keys: Sequence[OpeningKey] = ()) -> tuple[str, tuple[str, ...]]:
        """Sender and recipients, for officers' lists; "…@domain" for whoever may not or cannot see
        them."""
        try:
            if self.hidden:
                raise vault.CannotOpen("nobody's business")
            key = self._key(keys)
            envelope = self._mended(codec.load(Outside, self._written(key)).envelope, key)
        except vault.CannotOpen:
            return _masked(self.sender_domain), tuple(_masked(c.domain) for c in self.copies)
        return envelope.sender, tuple(envelope.addresses[c.position] for c in self.copies)

    def content(self, keys: Sequence[OpeningKey], blobs: Blobs) -> bytes:
        """The mail's bytes as received. Raises CannotOpen, or OSError for the disk."""
        with blobs.open(self.blob) as stream:
            return vault.decrypt(self._key(keys), CONTENT, stream)

    def corrected(self, address: str, keys: Sequence[OpeningKey]) -> bytes:
        """What the column of that name takes. Raises CannotOpen."""
        return correction.seal(address, self._key(keys))

    def _mended(self, envelope: Envelope, key: bytes) -> Envelope:
        mended = {copy.position: copy.corrected for copy in self.copies if copy.corrected}
        return correction.applied(envelope, mended, key) if mended else envelope

    def _written(self, key: bytes) -> bytes:
        return vault.decrypt(key, DOSSIER, io.BytesIO(self.sealed_dossier))

    def _key(self, keys: Sequence[OpeningKey]) -> bytes:
        return vault.unwrap(self.sealed_key, keys, context_of(self.blob))


@dataclass(frozen=True, slots=True)
class Opened:
    """mail: its envelope names the recipients whose copies were held; deadline is infinite."""

    held: Held
    mail: Mail
    inspection: Inspection
    subject: bytes  # raw, undecoded


@dataclass(frozen=True, slots=True)
class Counts:
    """For metrics. messages: holds with a copy nobody ruled on. oldest: seconds since the epoch."""

    messages: int
    oldest: float | None


class Holds:
    """keys: public ones, to seal an officer's reasons and our letters."""

    def __init__(
        self,
        database: Database,
        blobs: Path,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database = database
        self._blobs = Blobs(blobs)
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
        wanted = address_hash(self._hmac_key, address)
        received = exists().where(copies.c.hold_id == holds.c.id, copies.c.address_hash == wanted)
        query = select(holds).where(or_(holds.c.sender_hash == wanted, received))
        query = query.order_by(holds.c.held.desc(), holds.c.id)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def open(
        self, hold: str, keys: Sequence[OpeningKey], *, unseen: bool = False
    ) -> Opened | None:
        """The whole mail again; None where there is no such hold. Raises CannotOpen, as it does for
        one that is its sender's alone.

        unseen: to send it or to try rules on it. To show it to anybody, `reveal` first.
        """
        held = await self.get(hold)
        if held is None:
            return None
        if held.hidden and not unseen:
            raise vault.CannotOpen("its sender's alone")
        try:
            content = await asyncio.to_thread(held.content, keys, self._blobs)
        except OSError as error:
            raise Temporary("store unavailable") from error
        dossier = held.whole(keys)
        mail = dossier.with_content(content)
        return Opened(held, mail, dossier.inspection, dossier.subject)

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
        **more: str,
    ) -> tuple[int, ...]:
        """Order held copies (all, by default) to be sent; those that were still held.

        () says that there was nothing left to rule on. code: one of a closed list, for figures.
        encrypted: by the channel that fits each recipient. more: for the record.
        """
        now = self._clock()
        sealed = sealed_reason(reason, await keys_about(self._database, self._keys, hold))
        route = ENCRYPTED if encrypted else IN_CLEAR

        def work(connection: Connection) -> tuple[int, ...]:
            moved = move(connection, hold, State.HELD, State.RELEASING, now, positions)
            if moved:
                put_release(connection, hold, moved, now, route)
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
        late = and_(holds.c.remind <= now, holds.c.reminded.is_(None))
        query = select(holds).where(late, holds.c.waiting.is_(True))
        query = query.order_by(holds.c.remind).limit(limit)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def due_expiries(self, now: float, limit: int = 100) -> tuple[Held, ...]:
        query = select(holds).where(holds.c.until <= now, holds.c.waiting.is_(True))
        query = query.order_by(holds.c.until).limit(limit)
        return await self._database.read(lambda connection: fetch(connection, query))

    async def compartments(self) -> tuple[str, ...]:
        """Those with mail that waits for a ruling, whatever the configuration says today."""
        query = select(holds.c.compartment).where(holds.c.waiting.is_(True)).distinct()
        found = await self._database.read(lambda c: c.execute(query).scalars().all())
        return tuple(sorted(found))

    async def counts(self, compartments: Collection[str] = ()) -> Counts:
        """compartments: () is every one."""
        query = select(func.count(), func.min(holds.c.held)).where(holds.c.waiting.is_(True))
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


def fetch(connection: Connection, query: Any) -> tuple[Held, ...]:
    rows = connection.execute(query).all()
    found: dict[str, list[Copy]] = {row.id: [] for row in rows}
    ids = tuple(found)
    for start in range(0, len(ids), 500):  # SQLite takes so many values a statement, and no more
        some = copies.c.hold_id.in_(ids[start : start + 500])
        ordered = select(copies).where(some).order_by(copies.c.hold_id, copies.c.position)
        for row in connection.execute(ordered):
            found[row.hold_id].append(_copy(row))
    return tuple(_held(row, tuple(found[row.id])) for row in rows)


def _copy(row: Any) -> Copy:
    return Copy(row.position, row.domain, State(row.state), bytes(row.corrected or b""))


def _held(row: Any, kept: tuple[Copy, ...]) -> Held:
    return Held(
        row.id,
        row.received,
        row.held,
        row.door,
        row.queue_id,
        row.rule,
        row.compartment,
        row.hidden,
        row.grave,
        row.rank,
        row.remind,
        row.reminded,
        row.until,
        row.decided,
        row.size,
        row.sender_domain,
        row.sender_hash,
        kept,
        row.blob,
        bytes(row.sealed_key),
        bytes(row.dossier),
    )


def _masked(domain: str) -> str:
    return f"…@{domain}" if domain else ""
