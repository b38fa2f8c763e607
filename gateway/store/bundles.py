"""Which notices go at once and which wait to be told of together: so many an hour a person.

    notice ─┬─ among the first of the hour ──────────────▶ sent as it is
            ├─ in a series: put off for ten minutes ─┐
            └─ put off to the end of the hour ───────┴────▶ "bundled": one letter for all of them

A series is what a program sends: a mail of a sender, held by a rule within a minute of another of
his under that rule, of which this person was told or is to be. People seldom write so fast, and if
they do, are told of the second mail ten minutes late.

A question to a sender ("question") has a deadline, and people do write twice in a minute: it is put
off in a series alone, from the fourth on, for two minutes; word that a mail leaves by itself never.

A person's hour begins with the first notice after the last hour ended. All is counted from the
rows of the outbox, so it survives a restart, and holds for several processes together. A person is
known by a keyed hash; the readers of one letter (the officers, say) count as one person. What is
of another kind (a PDF's secret, reports, digests, reminders) never comes here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, and_, func, select, update

from gateway.model import Disposition, Letter
from gateway.store.database import Database
from gateway.store.keys import SealingKey, keyed
from gateway.store.outbox import Item, put_letters, sealed_letters
from gateway.store.schema import Post, holds, outbox
from gateway.store.turn import take_turn

NOTICE, QUESTION, BUNDLED, BUNDLE = "notice", "question", "bundled", "bundle"
HOUR_SECONDS = 3600.0
SERIES_SECONDS = 60.0  # between two mails of a series at most
SERIES_WAIT_SECONDS = 600.0  # from the first that is put off to the letter for all
QUESTION_WAIT_SECONDS = 120.0  # the same, of a series of questions
QUESTIONS_AT_ONCE = 3  # of a series
BATCH = 500  # SQLite takes so many values a statement, and no more
_TURN = "bundles"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A notice that was put off. about: the dossier it speaks of. created: seconds since epoch."""

    id: int
    about: str
    created: float


class Bundles:
    """hourly: notices a person gets in an hour, one by one. series: seconds between two mails that
    are one matter."""

    def __init__(
        self,
        database: Database,
        hmac_key: bytes,
        *,
        hourly: int = 20,
        series: float = SERIES_SECONDS,
    ) -> None:
        self._database = database
        self._hmac_key = hmac_key
        self._hourly = hourly
        self._series = series

    def person(self, addresses: Sequence[str]) -> str:
        """The keyed hash that a letter's readers are known by."""
        folded = sorted({address.lower() for address in addresses})
        parts = (address.encode("utf-8", "surrogatepass") for address in folded)
        return keyed(self._hmac_key, "readers", *parts)

    async def admit(self, item: Item, person: str, now: float) -> bool:
        """Whether to send this leased notice now; else it is put off to the end of the hour."""

        def work(connection: Connection) -> bool:
            take_turn(connection, _TURN)
            found = select(outbox.c.kind, outbox.c.hour).where(outbox.c.id == item.id)
            row = connection.execute(found).one()
            if row.kind != BUNDLED and row.hour is not None:
                return True  # tried before: it counts already
            start, told = _hour(connection, person, now)
            kind = NOTICE if row.kind == BUNDLED else row.kind
            values = {"kind": kind, "person": person, "hour": start}
            due = now  # or when to tell of it with others
            if row.kind == QUESTION:
                if self._in_series(connection, item, person, QUESTIONS_AT_ONCE):
                    due = now + QUESTION_WAIT_SECONDS
            elif told >= self._hourly:
                due = start + HOUR_SECONDS
            elif row.kind == NOTICE and self._in_series(connection, item, person):
                due = min(now + SERIES_WAIT_SECONDS, start + HOUR_SECONDS)
            if due > now:
                values |= {"kind": BUNDLED, "due": due, "leased_until": 0.0, "owner": None}
            connection.execute(update(outbox).where(outbox.c.id == item.id).values(values))
            return due <= now

        return await self._database.write(work)

    def _in_series(
        self, connection: Connection, item: Item, person: str, told_before: int = 1
    ) -> bool:
        this, before, notice = holds.alias(), holds.alias(), outbox.alias()
        same = and_(
            before.c.sender_hash == this.c.sender_hash,
            before.c.rule == this.c.rule,
            before.c.id != this.c.id,
            before.c.held.between(this.c.held - self._series, this.c.held),
        )
        told = and_(notice.c.about == before.c.id, notice.c.person == person)
        found = (
            select(before.c.id)
            .distinct()
            .select_from(this.join(before, same).join(notice, told))
            .where(this.c.id == item.about, this.c.awaits != Disposition.DELAY.value)
        )
        return len(connection.execute(found.limit(told_before)).all()) == told_before

    async def waiting(self, person: str) -> tuple[Waiting, ...]:
        """What was put off for this person, the oldest first."""
        columns = select(outbox.c.id, outbox.c.about, outbox.c.created)
        query = columns.where(_put_off(person)).order_by(outbox.c.id)
        return await self._database.read(
            lambda connection: tuple(Waiting(*row) for row in connection.execute(query))
        )

    async def replace(
        self,
        waiting: Sequence[Waiting],
        letter: Letter,
        keys: Sequence[SealingKey],
        person: str,
        now: float,
    ) -> bool:
        """`letter` goes instead of these; False, and nothing is done, where some went already."""
        [row] = sealed_letters([letter], keys)
        ids = {one.id for one in waiting}
        over = {"state": Post.DONE, "finished": now, "sealed": None, "owner": None}

        def work(connection: Connection) -> bool:
            take_turn(connection, _TURN)
            still = set(connection.execute(select(outbox.c.id).where(_put_off(person))).scalars())
            if not ids <= still:
                return False
            start, _ = _hour(connection, person, now)
            for some in _batches(sorted(ids)):
                connection.execute(update(outbox).where(outbox.c.id.in_(some)).values(over))
            put_letters(connection, [row | {"person": person, "hour": start}], now)
            return True

        return await self._database.write(work)


def _put_off(person: str) -> Any:
    return and_(outbox.c.person == person, outbox.c.kind == BUNDLED, outbox.c.state == Post.WAITING)


def _hour(connection: Connection, person: str, now: float) -> tuple[float, int]:
    """When the person's hour began, maybe now, and how many letters were sent in it."""
    newest = select(func.max(outbox.c.hour)).where(outbox.c.person == person)
    start = connection.execute(newest).scalar()
    if start is None or not start <= now < start + HOUR_SECONDS:
        return now, 0
    sent = and_(outbox.c.person == person, outbox.c.hour == start, outbox.c.kind != BUNDLED)
    return start, connection.execute(select(func.count()).where(sent)).scalar() or 0


def _batches(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    return (ids[start : start + BATCH] for start in range(0, len(ids), BATCH))
