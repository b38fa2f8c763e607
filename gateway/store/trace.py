"""What the store tells of one mail, without a key: its holds, what was done to them, the letters
sent about it. It outlives the mail by its events."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from sqlalchemy import Column, ColumnElement, Connection, and_, or_, select

from gateway.store.database import Database
from gateway.store.events import Event, event_of
from gateway.store.outbox import RELEASE
from gateway.store.schema import events, holds, outbox


@dataclass(frozen=True, slots=True)
class Kept:
    """A mail as it came to be held."""

    id: str
    received: float
    held: float
    door: str
    queue_id: str
    rule: str
    size: int  # bytes


@dataclass(frozen=True, slots=True)
class Post:
    """A letter about it. kind: of the outbox. state: a `schema.Post`. cause: codes of the last
    reply; "" while none came."""

    about: str
    kind: str
    created: float
    finished: float | None
    state: str
    cause: str


@dataclass(frozen=True, slots=True)
class Story:
    holds: tuple[Kept, ...] = ()
    events: tuple[Event, ...] = ()
    posts: tuple[Post, ...] = ()


class Trace:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def codes(self, name: str, message: Collection[str] = ()) -> frozenset[str]:
        """Our codes for a code of ours, a queue id (either side's) or a Message-ID's hashes, which
        may be cut as in the log."""
        known = [holds.c.id == name, holds.c.id.startswith(f"{name}.", autoescape=True)]
        known += [holds.c.queue_id == name] if name else []
        known += [_begins(holds.c.message_hash, one) for one in message if one]
        held = select(holds.c.id).where(or_(*known))
        said = f"queued={name}"
        sent = select(events.c.hold_id).where(
            events.c.kind == "released",
            or_(
                events.c.detail.endswith(f" {said}", autoescape=True),
                events.c.detail.contains(f" {said} ", autoescape=True),
            ),
        )
        ruled = select(events.c.hold_id).where(
            or_(events.c.hold_id == name, events.c.hold_id.startswith(f"{name}.", autoescape=True))
        )

        def work(connection: Connection) -> frozenset[str]:
            found = [connection.execute(query).scalars() for query in (held, sent, ruled)]
            return frozenset(_code(one) for several in found for one in several if one)

        return await self._database.read(work)

    async def story(self, codes: Collection[str]) -> Story:
        """Of these mails, each in the order in which it happened."""
        if not codes:
            return Story()
        return await self._database.read(lambda connection: _told(connection, sorted(codes)))


def _told(connection: Connection, codes: Iterable[str]) -> Story:
    kept: list[Kept] = []
    noted: list[Event] = []
    posts: list[Post] = []
    for code in codes:
        more = f"{code}."
        of_hold = or_(holds.c.id == code, holds.c.id.startswith(more, autoescape=True))
        columns = (holds.c[name] for name in Kept.__slots__)
        query = select(*columns).where(of_hold).order_by(holds.c.held)
        kept += [Kept(*row) for row in connection.execute(query)]
        of_event = or_(events.c.hold_id == code, events.c.hold_id.startswith(more, autoescape=True))
        rows = connection.execute(select(events).where(of_event).order_by(events.c.id))
        noted += map(event_of, rows)
        of_post = or_(outbox.c.about == code, outbox.c.about.startswith(more, autoescape=True))
        written = (outbox.c[name] for name in Post.__slots__)
        letters = select(*written).where(of_post, outbox.c.kind != RELEASE).order_by(outbox.c.id)
        posts += [Post(*row) for row in connection.execute(letters)]
    return Story(tuple(kept), tuple(noted), tuple(posts))


def _begins(column: Column[str], digits: str) -> ColumnElement[bool]:
    """Of hexadecimal digits; as a range, which the index serves on both databases."""
    return and_(column >= digits, column < f"{digits}g")


def _code(hold: str) -> str:
    """A mail's code, of any of its holds."""
    return hold.partition(".")[0]
