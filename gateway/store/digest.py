"""The officers' digest, posted once for each hour of its timetable, whoever gets there first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from gateway.model import Letter
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.keys import SealingKey
from gateway.store.outbox import put_letters, sealed_letters
from gateway.store.schema import events

KIND = "digest"


async def post_once(
    database: Database, letter: Letter, keys: Sequence[SealingKey], *, slot: float, now: float
) -> bool:
    """Into the outbox, unless one was posted since `slot` (seconds since the epoch)."""
    rows = sealed_letters([letter], keys)

    def work(connection: Connection) -> bool:
        last = select(func.max(events.c.at)).where(events.c.kind == KIND)
        if (connection.execute(last).scalar() or 0.0) >= slot:
            return False
        put_letters(connection, rows, now)
        note(connection, KIND, now)
        return True

    return await database.write(work)
