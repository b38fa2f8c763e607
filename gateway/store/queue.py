"""The officers' queue: held mails by risk, age or deadline, filtered, a page at a time; who works
on which; series.

Pages are found by where the last one ended rather than counted off, so that the thousandth costs
what the first does.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    and_,
    case,
    exists,
    func,
    select,
    tuple_,
    union,
)

from gateway.reviewers import Reads
from gateway.store.database import Database, insert
from gateway.store.events import Event, event_of, note, sealed_reason
from gateway.store.held import Held, fetch
from gateway.store.keys import SealingKey, address_hashes
from gateway.store.schema import copies, desk, events, holds
from gateway.store.sealing import keys_about
from gateway.store.votes import to_read

PAGE = 50  # rows
SERIES_SECONDS = 6 * 3600.0  # mails of one sender under one rule within it are one matter
_LEAST_SERIES = 3
_MOST_LOOKED_AT = 500  # of the latest mails, for series: the page must not wait for more


class Order(StrEnum):
    RISK = "risk"
    AGE = "age"
    DEADLINE = "deadline"


_KEYS: dict[Order, tuple[Any, ...]] = {  # the first that differs decides; all ascending
    Order.RISK: (holds.c.rank, holds.c.held, holds.c.id),
    Order.AGE: (holds.c.held, holds.c.id),
    Order.DEADLINE: (holds.c.until, holds.c.id),
}


@dataclass(frozen=True, slots=True)
class Filter:
    """compartments: () is every one. address: a sender's or recipient's. assigned: to whom; "-" is
    to nobody. decided: those that are ruled on, in place of those that wait. asked: whose senders
    ask for release. review: sent urgently by their senders, and not looked at since. like: of a
    mail: that one, and those of the same sender under the same rule in its compartment. reads: what
    waits for this reader."""

    compartments: tuple[str, ...] = ()
    rule: str = ""
    address: str = field(default="", repr=False)
    assigned: str = ""
    decided: bool = False
    second: bool = False
    asked: bool = False
    review: bool = False
    like: str = ""
    reads: Reads | None = None

    @property
    def is_plain(self) -> bool:
        """Whether whole series are in what is asked for, or wholly outside."""
        return self == Filter(self.compartments, self.rule)


@dataclass(frozen=True, slots=True)
class Mark:
    """assigned: who works on it. seen: when anybody opened it. second: a second reader is asked.
    asked: the sender asks for release. review: he sent it urgently, and nobody looked at it yet."""

    assigned: str = ""
    seen: float | None = None
    second: bool = False
    asked: bool = False
    review: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    held: Held
    mark: Mark


@dataclass(frozen=True, slots=True)
class Series:
    """Mails of one sender under one rule, in one compartment, within hours. first: the one that
    stands first in the order asked for. since: when the oldest may have been held."""

    rule: str
    sender_hash: str
    sender_domain: str
    compartment: str
    count: int
    first: str
    since: float


@dataclass(frozen=True, slots=True)
class Standing:
    """messages: that wait. oldest: when the first of them was held. due: how many are cancelled
    within a day. rules: how many each holds, most first. asked: whose senders ask for release.
    review: sent urgently, and not looked at since."""

    messages: int
    oldest: float | None
    due: int
    rules: tuple[tuple[str, int], ...]
    asked: int = 0
    review: int = 0


class Queue:
    """remember: seconds that the figures of `standing` may be old; to count 100,000 takes 15 ms."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[SealingKey],
        hmac_key: bytes,
        *,
        clock: Callable[[], float] = time.time,
        remember: float = 0.0,
    ) -> None:
        self._database = database
        self._keys = tuple(keys)
        self._hmac_key = hmac_key
        self._clock = clock
        self._remember = remember
        self._standings: dict[tuple[str, ...], tuple[float, Standing]] = {}

    async def page(
        self,
        wanted: Filter,
        order: Order,
        after: str = "",
        limit: int = PAGE,
        folded: Collection[Series] = (),
    ) -> tuple[Line, ...]:
        """after: the id of the last line of the page before. folded: of each of these, one line."""
        query = select(holds).where(*self._conditions(wanted), *map(_beside, folded))
        keys = _KEYS[order]
        if after:
            last = select(*keys).where(holds.c.id == after)
            row = await self._database.read(lambda c: c.execute(last).one_or_none())
            if row is not None:
                query = query.where(tuple_(*keys) > tuple_(*row))
        query = query.order_by(*keys).limit(limit)
        return await self._database.read(lambda c: _lines(c, query))

    async def standing(self, compartments: Collection[str] = ()) -> Standing:
        mine = tuple(compartments)
        until, known = self._standings.get(mine, (0.0, None))
        if known is None or time.monotonic() >= until:
            known = await self._counted(mine)
            self._standings[mine] = (time.monotonic() + self._remember, known)
        return known

    def forget(self) -> None:
        """Somebody ruled: whoever did wants to see it in the figures."""
        self._standings.clear()

    async def _counted(self, compartments: tuple[str, ...]) -> Standing:
        """One pass over the narrowest index that has what is asked, or some 20 ms more."""
        waiting = self._conditions(Filter(compartments))
        soon = self._clock() + 86400.0
        first = select(holds.c.held).where(*waiting).order_by(holds.c.held).limit(1)
        due = select(func.count()).where(*waiting, holds.c.until <= soon)
        marked = [
            select(func.count()).where(*self._conditions(one))
            for one in (Filter(compartments, asked=True), Filter(compartments, review=True))
        ]
        number = func.count().label("number")
        rules = select(holds.c.rule, number).where(*waiting).group_by(holds.c.rule)
        rules = rules.order_by(number.desc(), holds.c.rule)

        def work(connection: Connection) -> Standing:
            oldest = connection.execute(first).scalar_one_or_none()
            late = connection.execute(due).scalar_one()
            by_rule = tuple((row.rule, row.number) for row in connection.execute(rules))
            asked, review = (connection.execute(one).scalar_one() for one in marked)
            total = sum(count for _, count in by_rule)
            return Standing(total, oldest, late, by_rule, asked, review)

        return await self._database.read(work)

    async def since(self, moment: float, compartments: Collection[str] = ()) -> int:
        """How many that wait were held after it."""
        waiting = self._conditions(Filter(tuple(compartments)))
        query = select(func.count()).where(*waiting, holds.c.held > moment)
        return await self._database.read(lambda c: int(c.execute(query).scalar_one()))

    async def series(
        self, compartments: Collection[str] = (), order: Order = Order.RISK
    ) -> tuple[Series, ...]:
        """The largest first."""
        waiting = self._conditions(Filter(tuple(compartments)))
        since = self._clock() - SERIES_SECONDS
        number = func.count().label("number")
        latest = (
            select(holds)
            .where(*waiting, holds.c.held >= since, holds.c.hidden == "")
            .order_by(holds.c.held.desc())
            .limit(_MOST_LOOKED_AT)
            .subquery()
        )
        matter = (latest.c.rule, latest.c.sender_hash, latest.c.compartment)
        keys = [latest.c[key.name] for key in _KEYS[order]]
        place = func.row_number().over(partition_by=matter, order_by=keys).label("place")
        placed = select(latest.c.id, latest.c.sender_domain, *matter, place).subquery()
        query = (
            select(
                placed.c.rule,
                placed.c.sender_hash,
                func.min(placed.c.sender_domain).label("sender_domain"),
                placed.c.compartment,
                number,
                func.max(case((placed.c.place == 1, placed.c.id))).label("first"),
            )
            .group_by(placed.c.rule, placed.c.sender_hash, placed.c.compartment)
            .having(number >= _LEAST_SERIES)
            .order_by(number.desc(), placed.c.rule)
            .limit(20)
        )
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple(
            Series(
                row.rule,
                row.sender_hash,
                row.sender_domain,
                row.compartment,
                row.number,
                row.first,
                since,
            )
            for row in rows
        )

    async def like(self, one: Held, compartments: Collection[str] = ()) -> tuple[Held, ...]:
        """Others that wait, of the same sender under the same rule, newest first: in its
        compartment, and none that officers may not look into: together they would tell who wrote.
        """
        if one.hidden:
            return ()
        query = select(holds).where(
            *self._conditions(Filter(tuple(compartments), one.rule)),
            holds.c.compartment == one.compartment,
            holds.c.hidden == "",
            holds.c.sender_hash == one.sender_hash,
            holds.c.id != one.id,
        )
        query = query.order_by(holds.c.held.desc()).limit(PAGE)
        return await self._database.read(lambda c: fetch(c, query))

    async def mark(self, hold: str) -> Mark:
        query = select(desk).where(desk.c.hold_id == hold)
        row = await self._database.read(lambda c: c.execute(query).one_or_none())
        return _mark(row)

    async def see(self, hold: str) -> None:
        """Somebody opened its page; the first time counts."""
        await self._set(hold, {"seen": self._clock()}, keep="seen")

    async def assign(self, hold: str, to: str, who: str) -> None:
        """to: an account's name, or "" for nobody."""
        counts = {"to": to or "-"}
        await self._set(hold, {"assigned": to or None}, ("assigned", who, "", counts))

    async def ask_second(self, hold: str, who: str, reason: str) -> None:
        await self._set(hold, {"second": True}, ("second reader asked", who, reason, {}))

    async def comment(self, hold: str, who: str, words: str) -> None:
        now, keys = self._clock(), await keys_about(self._database, self._keys, hold)
        sealed = sealed_reason(words, keys)
        await self._database.write(lambda c: note(c, "comment", now, hold, who=who, reason=sealed))

    async def record(
        self, compartments: Collection[str] = (), *, before: int | None, limit: int
    ) -> tuple[tuple[int, Event], ...]:
        """What was done, newest first, with the number to go on from. compartments: those mails
        alone; what is erased has none, and is told to whoever sees all."""
        query = select(events).order_by(events.c.id.desc()).limit(limit)
        if before is not None:
            query = query.where(events.c.id < before)
        if compartments:
            mine = select(holds.c.id).where(holds.c.compartment.in_(compartments))
            query = query.where(events.c.hold_id.in_(mine))
        rows = await self._database.read(lambda c: c.execute(query).all())
        return tuple((row.id, event_of(row)) for row in rows)

    async def _set(
        self,
        hold: str,
        values: dict[str, Any],
        event: tuple[str, str, str, dict[str, str]] | None = None,
        *,
        keep: str = "",
    ) -> None:
        """keep: a column whose first value stands."""
        now = self._clock()
        keys = await keys_about(self._database, self._keys, hold)
        sealed = sealed_reason(event[2], keys) if event else b""

        def work(connection: Connection) -> None:
            row = {"hold_id": hold, "second": False} | values
            change = {keep: func.coalesce(desk.c[keep], values[keep])} if keep else values
            connection.execute(
                insert(connection.dialect.name, desk)
                .values(row)
                .on_conflict_do_update(index_elements=["hold_id"], set_=change)
            )
            if event:
                kind, who, _, counts = event
                note(connection, kind, now, hold, who=who, reason=sealed, counts=counts)

        await self._database.write(work)

    def _conditions(self, wanted: Filter) -> list[ColumnElement[bool]]:
        found: list[ColumnElement[bool]] = [_stands(wanted)]
        if wanted.compartments:
            found.append(holds.c.compartment.in_(wanted.compartments))
        if wanted.rule:
            found.append(holds.c.rule == wanted.rule)
        if wanted.address:
            found += [self._concerns(wanted.address), holds.c.hidden == ""]
        if wanted.assigned or wanted.second:
            found.append(_marked(wanted))
        if wanted.asked:
            asked = select(desk.c.hold_id).where(desk.c.asked.is_not(None))
            found.append(holds.c.id.in_(asked))
        if wanted.like:
            found.append(_like(wanted.like))
        if wanted.reads is not None:
            found.append(to_read(wanted.reads))
        return found

    def _concerns(self, address: str) -> ColumnElement[bool]:
        hashed = address_hashes(self._hmac_key, address)
        sent = select(holds.c.id).where(holds.c.sender_hash.in_(hashed))
        got = select(copies.c.hold_id).where(copies.c.address_hash.in_(hashed))
        return holds.c.id.in_(union(sent, got))


def _stands(wanted: Filter) -> ColumnElement[bool]:
    """What was sent urgently is to be looked at whatever became of it."""
    if wanted.review:
        urged = and_(desk.c.urged.is_not(None), desk.c.reviewed.is_(None))
        return holds.c.id.in_(select(desk.c.hold_id).where(urged))
    return holds.c.decided.is_not(None) if wanted.decided else holds.c.waiting.is_(True)


def _marked(wanted: Filter) -> ColumnElement[bool]:
    of_it = desk.c.hold_id == holds.c.id
    found: list[ColumnElement[bool]] = []
    if wanted.assigned == "-":
        found.append(~exists().where(of_it, desk.c.assigned.is_not(None)))
    elif wanted.assigned:
        found.append(exists().where(of_it, desk.c.assigned == wanted.assigned))
    if wanted.second:
        found.append(holds.c.id.in_(select(desk.c.hold_id).where(desk.c.second.is_(True))))
    return and_(*found)


def _like(hold: str) -> ColumnElement[bool]:
    """As a series is: nothing is like a mail that officers may not look into."""
    one = holds.alias()
    same = (one.c[name] == holds.c[name] for name in ("rule", "sender_hash", "compartment"))
    shown = (one.c.hidden == "", holds.c.hidden == "")
    return exists().where(one.c.id == hold, *same, *shown)


def _beside(series: Series) -> ColumnElement[bool]:
    """Whether a mail is none of these, or the one that stands for them."""
    others = and_(
        holds.c.sender_hash == series.sender_hash,
        holds.c.rule == series.rule,
        holds.c.compartment == series.compartment,
        holds.c.hidden == "",
        holds.c.held >= series.since,
        holds.c.id != series.first,
    )
    return ~others


def _lines(connection: Connection, query: Select[Any]) -> tuple[Line, ...]:
    found = fetch(connection, query)
    ids = [held.id for held in found]
    rows = connection.execute(select(desk).where(desk.c.hold_id.in_(ids))) if ids else ()
    marks = {row.hold_id: _mark(row) for row in rows}
    return tuple(Line(held, marks.get(held.id, Mark())) for held in found)


def _mark(row: Any) -> Mark:
    if not row:
        return Mark()
    review = row.urged is not None and row.reviewed is None
    return Mark(row.assigned or "", row.seen, row.second, row.asked is not None, review)
