"""What officers get by the clock, the digest and the week's figures: posted once for each moment of
its timetable, whoever gets there first."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, select

from gateway.model import Letter
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.keys import SealingKey
from gateway.store.outbox import put_letters, sealed_letters
from gateway.store.schema import events
from gateway.store.turn import take_turn

DIGEST = "digest"
WEEKLY = "weekly"
MONTHLY = "monthly"


async def is_posted(database: Database, slot: float, kind: str = DIGEST) -> bool:
    """Whether this moment's was seen to. slot: seconds since the epoch."""
    return await database.read(lambda connection: _is_posted(connection, slot, kind))


async def post_once(
    database: Database,
    letters: Sequence[tuple[Letter, Sequence[SealingKey]]],
    *,
    slot: float,
    now: float,
    kind: str = DIGEST,
) -> bool:
    """Into the outbox, unless this moment's was seen to. No letter: there was nothing to tell, and
    what comes later is the next one's. letters: each with the keys of its compartment."""
    rows = [row for letter, keys in letters for row in sealed_letters([letter], keys)]

    def work(connection: Connection) -> bool:
        take_turn(connection, kind)
        if _is_posted(connection, slot, kind):
            return False
        put_letters(connection, rows, now)
        note(connection, kind, now, counts={"letters": len(rows)})
        return True

    return await database.write(work)


def _is_posted(connection: Connection, slot: float, kind: str) -> bool:
    since = select(events.c.id).where(events.c.kind == kind, events.c.at >= slot).limit(1)
    return connection.execute(since).first() is not None
