"""Passkeys that recipients registered on the portal, each of a box, and challenges to answer.

What is kept of one opens nothing: its private half never leaves the authenticator. A challenge is
good once, for five minutes, for what it was asked for.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from gateway.store.database import Database
from gateway.store.portal_tables import challenges, passkeys

MOST = 10  # of one box
MOST_ASKED = 20  # challenges of one place that nobody answered
ANSWER_SECONDS = 300.0


@dataclass(frozen=True, slots=True)
class PortalKey:
    """`gateway.passkey.Passkey`. id: to speak of it in pages. used: None for never."""

    id: str
    box: str
    credential: bytes = field(repr=False)
    public_key: bytes = field(repr=False)
    counter: int
    added: float
    used: float | None


class PortalKeys:
    """box: `boxes.id_of` of its token."""

    def __init__(self, database: Database, *, clock: Callable[[], float] = time.time) -> None:
        self._database = database
        self._clock = clock

    async def of(self, box: str) -> tuple[PortalKey, ...]:
        query = select(passkeys).where(passkeys.c.box == box).order_by(passkeys.c.added)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(map(_key, rows))

    async def find(self, credential: bytes, box: str) -> PortalKey | None:
        """Of this box: another's key opens nothing here."""
        mine = (passkeys.c.id == _hash(credential)) & (passkeys.c.box == box)
        query = select(passkeys).where(mine)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return _key(row) if row else None

    async def add(self, box: str, credential: bytes, public_key: bytes, counter: int) -> bool:
        """False where the box has too many, or the credential is somebody's already."""
        row = {
            "id": _hash(credential),
            "box": box,
            "credential": credential,
            "public_key": public_key,
            "counter": counter,
            "added": self._clock(),
        }

        def work(connection: Connection) -> bool:
            mine = select(func.count()).where(passkeys.c.box == box)
            same = select(func.count()).where(passkeys.c.id == row["id"])
            full = connection.execute(mine).scalar_one() >= MOST
            if full or connection.execute(same).scalar_one():
                return False
            connection.execute(insert(passkeys).values(row))
            return True

        return await self._database.write(work)

    async def used(self, key: PortalKey, counter: int) -> bool:
        """False where it is gone, or a copy of the authenticator was used meanwhile."""
        same = (passkeys.c.id == key.id) & (passkeys.c.counter == key.counter)
        one = update(passkeys).where(same).values(counter=counter, used=self._clock())
        return await self._database.write(lambda c: bool(c.execute(one).rowcount))

    async def remove(self, box: str, id_: str) -> None:
        """Only where it is this box's."""
        one = delete(passkeys).where(passkeys.c.box == box, passkeys.c.id == id_)
        await self._database.write(lambda c: c.execute(one))

    async def forget(self, box: str) -> None:
        """All of a box's."""
        several = delete(passkeys).where(passkeys.c.box == box)
        await self._database.write(lambda c: c.execute(several))

    async def ask(self, challenge: str, place: str) -> bool:
        """Keep a challenge until it is answered. False where too many wait for an answer there."""
        now = self._clock()
        row = {"id": _hash(challenge.encode()), "place": place, "ends": now + ANSWER_SECONDS}

        def work(connection: Connection) -> bool:
            connection.execute(delete(challenges).where(challenges.c.ends <= now))
            asked = select(func.count()).where(challenges.c.place == place)
            if connection.execute(asked).scalar_one() >= MOST_ASKED:
                return False
            connection.execute(insert(challenges).values(row))
            return True

        return await self._database.write(work)

    async def answer(self, challenge: str, place: str) -> bool:
        """Whether it was asked there, lately, and not answered before."""
        asked = (challenges.c.id == _hash(challenge.encode())) & (challenges.c.place == place)
        one = delete(challenges).where(asked, challenges.c.ends > self._clock())
        return await self._database.write(lambda c: bool(c.execute(one).rowcount))


def _hash(raw: bytes) -> str:
    return hashlib.sha256(raw).hexdigest()


def _key(row: Any) -> PortalKey:
    return PortalKey(
        row.id,
        row.box,
        bytes(row.credential),
        bytes(row.public_key),
        row.counter,
        row.added,
        row.used,
    )
