"""What officers released in clear of their own mail, as the record tells it: it outlives the mails,
so the compartment stands in the event itself."""

from __future__ import annotations

from sqlalchemy import select

from gateway.store.database import Database
from gateway.store.keys import DEFAULT
from gateway.store.schema import events

OWN, IN_CLEAR, WHERE = "own", "clear", "in"  # words of an event's detail


def mark(compartment: str) -> dict[str, str]:
    return {OWN: IN_CLEAR, WHERE: compartment}


async def in_clear(
    database: Database, since: float, until: float
) -> tuple[tuple[str, str, float, str], ...]:
    """(compartment, hold, when, account), the oldest first. since, until: seconds since the epoch,
    as is when."""
    query = (
        select(events.c.hold_id, events.c.at, events.c.who, events.c.detail)
        .where(events.c.kind == "release", events.c.at >= since, events.c.at < until)
        .where(events.c.detail.contains(f"{OWN}={IN_CLEAR}"))
        .order_by(events.c.id)
    )
    rows = await database.read(lambda connection: connection.execute(query).all())
    return tuple((_where(row.detail), row.hold_id, row.at, row.who) for row in rows)


def _where(detail: str) -> str:
    told = dict(word.partition("=")[::2] for word in detail.split())
    return told.get(WHERE, DEFAULT)
