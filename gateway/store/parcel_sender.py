"""What the sender of a parcel does on his own page: follow it, give a telephone number, recall it.

His token opens nothing of the message. Officers recall by the mail's code, and see times alone.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, and_, select, true, update

from gateway.store import codec
from gateway.store.database import Database
from gateway.store.parcel_parts import (
    End,
    ForSender,
    News,
    close,
    identity,
    opened,
    root_of,
    tell,
    under,
)
from gateway.store.portal_tables import parcels


@dataclass(frozen=True, slots=True)
class Followed:
    """A parcel as its sender sees it."""

    about: str
    recipient: str = field(repr=False)
    made: float
    until: float
    opened: float | None
    closed: float | None
    how: str
    phone: bool
    phone_key: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Listed:
    """A parcel for the operator: nothing of it but its times."""

    about: str
    made: float
    until: float
    sent: float | None
    opened: float | None
    closed: float | None
    how: str


@dataclass(frozen=True, slots=True)
class Recalled:
    """How many parcels of a mail were closed: before anybody read them, and after."""

    unread: int
    read: int


class Senders:
    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def follow(self, own: str) -> Followed | None:
        root = root_of(own)
        query = select(parcels).where(parcels.c.own == identity(root))
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        if row is None:
            return None
        told = codec.load(ForSender, opened(root, b"for sender", bytes(row.for_sender)))
        return Followed(
            row.about,
            told.recipient,
            row.made,
            row.until,
            row.opened,
            row.closed,
            row.how,
            row.phone is not None,
            told.phone_key,
        )

    async def give_number(self, own: str, number: str) -> bool:
        """Of the recipient; kept under a key that his link and this token open, and we do not."""
        parcel = await self.follow(own)
        if parcel is None or parcel.how:
            return False
        sealed = under(parcel.phone_key, b"phone", number.encode())
        ours = (parcels.c.own == identity(root_of(own)), parcels.c.how == "")
        given = update(parcels).where(*ours).values(phone=sealed)
        return bool(await self._database.write(lambda c: c.execute(given).rowcount))

    async def recall(self, own: str) -> bool:
        """Whoever has not read it never will."""
        done = await self._recall(parcels.c.own == identity(root_of(own)))
        return bool(done.unread or done.read)

    async def recall_all(self, about: str, compartments: Collection[str] = ()) -> Recalled:
        """All parcels of a mail, by its code. compartments: (): of all of them."""
        return await self._recall(and_(parcels.c.about == about, _of(compartments)))

    async def list(
        self,
        limit: int = 1000,
        *,
        compartments: Collection[str] = (),
        about: str = "",
        before: float | None = None,
    ) -> tuple[Listed, ...]:
        """The latest first. about: of this mail alone. before: made earlier than that."""
        columns = [parcels.c[name] for name in Listed.__dataclass_fields__]
        query = select(*columns).where(_of(compartments))
        if about:
            query = query.where(parcels.c.about == about)
        if before is not None:
            query = query.where(parcels.c.made < before)
        query = query.order_by(parcels.c.made.desc(), parcels.c.id).limit(limit)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(Listed(*row) for row in rows)

    async def _recall(self, which: Any) -> Recalled:
        now = self._clock()
        still = select(parcels).where(which, parcels.c.how == "").with_for_update()

        def work(connection: Connection) -> Recalled:
            rows = connection.execute(still).all()
            unread = sum(row.opened is None for row in rows)
            for row in rows:
                close(connection, row, End.RECALLED, now)
                kind = News.RECALLED if row.opened is None else News.RECALLED_READ
                tell(connection, kind, row, now)
            return Recalled(unread, len(rows) - unread)

        return await self._database.write(work)


def _of(compartments: Collection[str]) -> Any:
    return parcels.c.compartment.in_(compartments) if compartments else true()
