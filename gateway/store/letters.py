"""What was written about a held mail: which letters of ours went, and when. Not their text, which
is sealed while they wait and gone once they are sent."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from gateway.store.database import Database
from gateway.store.outbox import RELEASE
from gateway.store.schema import Post, outbox

_MOST = 50


@dataclass(frozen=True, slots=True)
class Written:
    """kind: a Letter's, or "bundled". finished: when it was sent or given up, None until then."""

    kind: str
    created: float
    state: Post
    finished: float | None


class Letters:
    def __init__(self, database: Database) -> None:
        self._database = database

    async def about(self, hold: str) -> tuple[Written, ...]:
        """The oldest first. hold: ".2" is a second dossier of the same mail, told by one code."""
        codes = {hold, hold.partition(".")[0]}
        query = select(outbox.c.kind, outbox.c.created, outbox.c.state, outbox.c.finished)
        query = query.where(outbox.c.about.in_(codes), outbox.c.kind != RELEASE)
        query = query.order_by(outbox.c.id).limit(_MOST)
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(Written(r.kind, r.created, Post(r.state), r.finished) for r in rows)
