"""What the release process sees of parcels: what happened to them, what is due, what is to go."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Collection, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Connection, and_, delete, func, or_, select, update

from gateway.store import codec, vault
from gateway.store.blobs import Blobs
from gateway.store.database import Database
from gateway.store.keys import OpeningKey
from gateway.store.parcel_parts import NEWS, PARTIES, End, Parties, close
from gateway.store.parcels import MOST_WRONG
from gateway.store.portal_tables import news, parcels

MOST = 100  # of a kind, at a time
KEPT_SECONDS = 30 * 86400.0  # a closed parcel can still be looked up, by its times alone
ORPHAN_SECONDS = 3600.0  # a blob waits for its row for some seconds


@dataclass(frozen=True, slots=True)
class Happened:
    """One piece of news, or what a deadline makes one. id: 0 for a deadline."""

    id: int
    parcel: str
    kind: str
    about: str
    at: float
    compartment: str
    parties: bytes = field(repr=False)
    sealed: bytes = field(repr=False)

    def who(self, keys: Sequence[OpeningKey]) -> Parties:
        """Raises CannotOpen."""
        return codec.load(Parties, vault.open_sealed(self.parties, keys, PARTIES))

    def said(self, keys: Sequence[OpeningKey]) -> bytes:
        """A code, an answer; b"" where there is nothing to it. Raises CannotOpen."""
        return vault.open_sealed(self.sealed, keys, NEWS) if self.sealed else b""


@dataclass(frozen=True, slots=True)
class Standing:
    """Of parcels that can be opened. locked: of these, for wrong codes, now or for good."""

    unread: int
    read: int
    locked: int


class ParcelClock:
    def __init__(
        self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._clock = clock

    async def news(self, but: Collection[int] = ()) -> AsyncIterator[Happened]:
        """The oldest first, one in memory at a time: an answer may have ten megabytes. but: ids of
        those that nobody here can open."""
        query = select(news.c.id).where(news.c.id.not_in(but)).order_by(news.c.id).limit(MOST)
        for number in await self._database.read(lambda c: c.execute(query).scalars().all()):
            one = select(news).where(news.c.id == number)
            row = await self._database.read(partial(_only, one))
            if row is not None:
                yield Happened(
                    row.id,
                    "",
                    row.kind,
                    row.about,
                    row.at,
                    row.compartment,
                    bytes(row.parties),
                    bytes(row.sealed or b""),
                )

    async def told(self, one: Happened) -> None:
        gone = delete(news).where(news.c.id == one.id)
        await self._database.write(lambda connection: connection.execute(gone))

    async def unread(self) -> tuple[Happened, ...]:
        """Half of whose time is over, and whose senders were not reminded."""
        now = self._clock()
        half = parcels.c.made + (parcels.c.until - parcels.c.made) / 2 <= now
        waiting = and_(parcels.c.how == "", parcels.c.sent.is_not(None), parcels.c.opened.is_(None))
        return await self._due(and_(waiting, half, parcels.c.reminded.is_(None)), "unread")

    async def reminded(self, one: Happened) -> None:
        now = self._clock()
        done = update(parcels).where(parcels.c.id == one.parcel).values(reminded=now)
        await self._database.write(lambda connection: connection.execute(done))

    async def over(self) -> tuple[Happened, ...]:
        """Whose time has come: "ended" where somebody read them, "expired" where nobody did, and
        "unsent" where we do not know that their mail left. Those are not closed before: killed or
        cut off from the store after the next hop's 250, a door could not say that it did."""
        late = and_(parcels.c.how == "", parcels.c.until <= self._clock())
        unread, sent = parcels.c.opened.is_(None), parcels.c.sent.is_not(None)
        return (
            *await self._due(and_(late, unread, sent), "expired"),
            *await self._due(and_(late, ~unread), "ended"),
            *await self._due(and_(late, unread, ~sent), "unsent"),
        )

    async def end(self, one: Happened) -> None:
        now = self._clock()
        how = End.UNSENT if one.kind == "unsent" else End.EXPIRED
        still = select(parcels).where(parcels.c.id == one.parcel, parcels.c.how == "")

        def work(connection: Connection) -> None:
            row = connection.execute(still.with_for_update()).one_or_none()
            if row is not None:
                close(connection, row, how, now)

        await self._database.write(work)

    async def sweep(self) -> int:
        """Forget parcels closed long ago, news that no key opened, and contents that no open parcel
        has. How many contents."""
        now = self._clock()
        old = and_(parcels.c.how != "", parcels.c.closed <= now - KEPT_SECONDS)
        stale = news.c.at <= now - KEPT_SECONDS

        def forget(connection: Connection) -> None:
            connection.execute(delete(parcels).where(old))
            connection.execute(delete(news).where(stale))

        await self._database.write(forget)
        gone = 0
        batch: list[str] = []
        for name in self._blobs.older_than(now - ORPHAN_SECONDS):
            batch.append(name)
            if len(batch) == MOST:
                gone += await self._drop(batch)
                batch = []
        return gone + await self._drop(batch)

    async def standing(self) -> Standing:
        still = parcels.c.how == ""
        is_read, is_locked = parcels.c.opened.is_not(None), parcels.c.wrong >= MOST_WRONG
        shut = select(func.count()).where(
            still, or_(is_locked, parcels.c.shut_until > self._clock())
        )
        waiting = select(is_read, func.count()).where(still).group_by(is_read)

        def work(connection: Connection) -> Standing:
            found = {bool(read): number for read, number in connection.execute(waiting)}
            locked = connection.execute(shut).scalar_one()
            return Standing(found.get(False, 0), found.get(True, 0), locked)

        return await self._database.read(work)

    async def _drop(self, names: Sequence[str]) -> int:
        alive = select(parcels.c.blob).where(parcels.c.blob.in_(names), parcels.c.how == "")
        kept = await self._database.read(lambda c: set(c.execute(alive).scalars()))
        return self._blobs.delete([name for name in names if name not in kept])

    async def _due(self, which: Any, kind: str) -> tuple[Happened, ...]:
        query = select(parcels).where(which).order_by(parcels.c.until).limit(MOST)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(
            Happened(0, row.id, kind, row.about, row.made, row.compartment, bytes(row.parties), b"")
            for row in rows
        )


def _only(query: Any, connection: Connection) -> Any:
    return connection.execute(query).one_or_none()
