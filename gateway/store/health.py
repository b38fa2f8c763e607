"""How the store does, for whoever runs the gateway: what waits to be sent, room on disk."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, func, select, text

from gateway.store.blobs import Blobs
from gateway.store.bypass import Bypass, Period
from gateway.store.database import Database
from gateway.store.schema import Post, outbox

_GIVEN_UP_SECONDS = 7 * 86400.0  # looked back for what could not be sent


@dataclass(frozen=True, slots=True)
class Standing:
    """kind: of the database. version: of its tables. posts: that wait in the outbox; oldest: since
    when, seconds since the epoch. given_up: posts that could not be sent, within a week. free:
    octets left on the disk of the held mails; None where nobody can tell."""

    kind: str
    version: str
    posts: int
    oldest: float | None
    given_up: int
    free: int | None


class Health:
    def __init__(
        self, database: Database, blobs: Blobs, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database, self._blobs, self._clock = database, blobs, clock

    async def bypassed(self) -> float | None:
        """Since when mail goes past the gateway, as declared; seconds since the epoch."""
        return await Bypass(self._database).since()

    async def bypasses(self) -> tuple[Period, ...]:
        """The newest first."""
        return tuple(reversed(await Bypass(self._database).periods()))

    async def look(self) -> Standing:
        waiting = select(func.count(), func.min(outbox.c.created)).where(
            outbox.c.state == Post.WAITING
        )
        since = self._clock() - _GIVEN_UP_SECONDS
        lost = select(func.count()).where(
            outbox.c.state == Post.GIVEN_UP, outbox.c.finished >= since
        )

        def work(connection: Connection) -> Standing:
            posts, oldest = connection.execute(waiting).one()
            given_up = connection.execute(lost).scalar_one()
            version = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
            free = self._blobs.free()
            return Standing(connection.dialect.name, str(version), posts, oldest, given_up, free)

        return await self._database.read(work)
