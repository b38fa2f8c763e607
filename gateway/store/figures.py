"""Figures of each day, for pictures and the weekly report: what was held, ruled on, and how soon.

Counting half a million events anew for every page would take half a second, so they are folded
into the table `daily` once and for all, as they come. The place where that got to is itself a row.
Doors add what no event tells (mails passed, problems met: `Tally`). No person is counted: rules,
sending domains, kinds.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime
from itertools import takewhile
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, and_, case, func, select

from gateway.errors import Temporary
from gateway.store import teams
from gateway.store.database import Database, insert
from gateway.store.events import SENDER
from gateway.store.schema import daily, events, holds
from gateway.store.turn import take_turn

RIPE_SECONDS = 300.0  # PostgreSQL: a lower number may be committed later; never by that much
WITHIN = (900, 3600, 4 * 3600, 8 * 3600, 86400, 2 * 86400, 3 * 86400, 5 * 86400)  # seconds to rule
FLUSH_SECONDS = 60.0  # a killed door loses so much of its figures
BEYOND = 0  # a ruling that took longer than all of these
_CHUNK = 2_000  # events a transaction: 20 ms, for which doors wait
_MOST_UNFOLDED = 5_000  # events a page counts itself, those of the last minutes
_RULINGS = {"release": "released", "rejected": "refused"}
_SENDERS = dict.fromkeys(
    ("urgent release", "corrected release", "protected release", "confirmed", "approved"), "settled"
)
_EVENTS = {"held": "held", "expired": "expired"} | _RULINGS | _SENDERS


class Key(NamedTuple):
    """What is counted on a day (an ordinal).

    what: "held", "released", "refused", "expired", "settled" (by the sender himself: cancelled,
    corrected or sent urgently), "false_alarm", "personal" (marked as private by its sender), each
    by "rule" and by "team"; "ruled" by "seconds" (at most so many); "oldest" (seconds). Of doors: a
    disposition, "deferred", "unread" (left although not read whole), "problem" by "kind",
    "monitored" by "rule" (would have stopped it).
    compartment: "" for what is everybody's.
    """

    day: int
    what: str
    by: str = ""
    name: str = ""
    compartment: str = ""


_CURSOR = Key(0, "folded")  # its count: the last event that is counted


@dataclass(frozen=True, slots=True)
class Over:
    """Sums over some days. by_day: (day, what). by_name: (what, by, name)."""

    since: date
    until: date
    by_day: Mapping[tuple[int, str], int]
    by_name: Mapping[tuple[str, str, str], int]

    @property
    def days(self) -> tuple[date, ...]:
        whole = range(self.since.toordinal(), self.until.toordinal() + 1)
        return tuple(map(date.fromordinal, whole))

    def series(self, what: str) -> tuple[int, ...]:
        return tuple(self.by_day.get((day.toordinal(), what), 0) for day in self.days)

    def total(self, what: str) -> int:
        return sum(self.series(what))

    def of(self, what: str, by: str, name: str) -> int:
        return self.by_name.get((what, by, name), 0)

    def names(self, what: str, by: str) -> tuple[tuple[str, int], ...]:
        """The most frequent first."""
        found = [(n, count) for (w, b, n), count in self.by_name.items() if (w, b) == (what, by)]
        return tuple(sorted(found, key=lambda one: (-one[1], one[0])))

    def rulings(self, rule: str) -> int:
        return self.of("released", "rule", rule) + self.of("refused", "rule", rule)

    def within(self, share: float) -> int | None:
        """In how many seconds that share of the rulings was given, rounded up to one of WITHIN;
        BEYOND if longer, None if nothing was ruled on."""
        counts = dict(self.names("ruled", "seconds"))
        left = share * sum(counts.values())
        if not counts:
            return None
        for bound in WITHIN:
            left -= counts.get(str(bound), 0)
            if left <= 0:
                return bound
        return BEYOND


@dataclass(frozen=True, slots=True)
class Waiting:
    """A held mail that nobody ruled on. held: since when, seconds since the epoch."""

    hold: str
    held: float
    rule: str


class Figures:
    def __init__(
        self, database: Database, zone: ZoneInfo, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._database = database
        self._zone = zone
        self._clock = clock

    def today(self) -> date:
        return datetime.fromtimestamp(self._clock(), self._zone).date()

    async def fold(self) -> int:
        """Count the events that nobody counted yet; how many there were."""
        folded = 0
        while some := await self._database.write(self._fold):
            folded += some
        await self._database.write(self._note_oldest)
        return folded

    async def over(self, since: date, until: date, compartments: Collection[str] = ()) -> Over:
        """Both days included, and what happened a moment ago. compartments: () is every one."""
        days = and_(daily.c.day >= since.toordinal(), daily.c.day <= until.toordinal())
        number = func.sum(daily.c.count).label("number")
        mine = (daily.c.compartment.in_(compartments),) if compartments else ()
        at = select(daily.c.day, daily.c.what, number).where(days, daily.c.by != "team", *mine)
        named = select(daily.c.what, daily.c.by, daily.c.name, number).where(days, *mine)

        def work(connection: Connection) -> Over:
            by_day: Counter[tuple[int, str]] = Counter()
            by_name: Counter[tuple[str, str, str]] = Counter()
            for day, what, count in connection.execute(at.group_by(daily.c.day, daily.c.what)):
                by_day[day, what] += int(count)
            named_so = named.group_by(daily.c.what, daily.c.by, daily.c.name)
            for what, by, name, count in connection.execute(named_so):
                by_name[what, by, name] += int(count)
            latest = _unfolded(connection, _cursor(connection), _MOST_UNFOLDED)
            for key, count in self._counted(latest).items():
                if not since.toordinal() <= key.day <= until.toordinal():
                    continue
                if compartments and key.compartment not in compartments:
                    continue
                by_name[key.what, key.by, key.name] += count
                if key.by != "team":
                    by_day[key.day, key.what] += count
            return Over(since, until, by_day, by_name)

        return await self._database.read(work)

    async def by_team(self, over: Over, what: str) -> tuple[tuple[str, int], ...]:
        """The most frequent first; of less than five persons nothing is told apart."""
        found = over.names(what, "team")
        names = [name for name, _ in found if name]
        persons = await self._database.read(lambda c: teams.sizes(c, names))
        return teams.together(found, persons)

    async def oldest(self, limit: int, compartments: Collection[str] = ()) -> tuple[Waiting, ...]:
        """Those that have waited longest."""
        query = select(holds.c.id, holds.c.held, holds.c.rule).where(holds.c.waiting.is_(True))
        if compartments:
            query = query.where(holds.c.compartment.in_(compartments))
        query = query.order_by(holds.c.held, holds.c.id).limit(limit)
        rows = await self._database.read(lambda connection: connection.execute(query).all())
        return tuple(Waiting(row.id, row.held, row.rule) for row in rows)

    async def add(self, counts: Mapping[tuple[str, str, str], int]) -> None:
        """Of a door, for today. counts: by (what, by, name)."""
        day = self.today().toordinal()
        rows = {Key(day, *about): count for about, count in counts.items()}
        await self._database.write(lambda connection: _upsert(connection, rows))

    def _fold(self, connection: Connection) -> int:
        take_turn(connection, "figures")
        ripe = self._clock() - RIPE_SECONDS
        found = _unfolded(connection, _cursor(connection), _CHUNK)
        rows = list(takewhile(lambda row: row.at <= ripe, found))
        if rows:
            _upsert(connection, self._counted(rows))
            _upsert(connection, {_CURSOR: rows[-1].id}, greatest=True)
        return len(rows)

    def _note_oldest(self, connection: Connection) -> None:
        """How long the oldest held mail has waited: the most of each day."""
        now, day = self._clock(), self.today().toordinal()
        query = select(func.min(holds.c.held)).where(holds.c.waiting.is_(True))
        oldest = connection.execute(query).scalar_one()
        if oldest is not None:
            waited = {Key(day, "oldest"): max(0, int(now - oldest))}
            _upsert(connection, waited, greatest=True)

    def _counted(self, rows: Iterable[Any]) -> Counter[Key]:
        counted: Counter[Key] = Counter()
        for row in rows:
            if row.kind not in _EVENTS:
                continue
            day = datetime.fromtimestamp(row.at, self._zone).toordinal()
            compartment = row.compartment or ""
            ruled = row.kind in _RULINGS and row.who != SENDER
            whats = ["settled" if row.who == SENDER else _EVENTS[row.kind]]
            if "code=false_alarm" in row.detail.split():
                whats.append("false_alarm")
            if "hidden=personal" in row.detail.split():
                whats.append("personal")
            for what in whats:
                counted[Key(day, what, "rule", row.rule or "", compartment)] += 1
                counted[Key(day, what, "team", row.sender_domain or "", compartment)] += 1
            if ruled and row.held is not None:
                took = next((most for most in WITHIN if row.at - row.held <= most), BEYOND)
                counted[Key(day, "ruled", "seconds", str(took), compartment)] += 1
        return counted


def _unfolded(connection: Connection, after: int, limit: int) -> Sequence[Any]:
    query = (
        select(
            events.c.id,
            events.c.at,
            events.c.kind,
            events.c.who,
            events.c.detail,
            holds.c.rule,
            holds.c.sender_domain,
            holds.c.compartment,
            holds.c.held,
        )
        .join_from(events, holds, events.c.hold_id == holds.c.id, isouter=True)
        .where(events.c.id > after)
        .order_by(events.c.id)
        .limit(limit)
    )
    return connection.execute(query).all()


def _cursor(connection: Connection) -> int:
    is_it = (daily.c[name] == value for name, value in _CURSOR._asdict().items())
    query = select(daily.c.count).where(*is_it)
    return connection.execute(query).scalar() or 0


def _upsert(connection: Connection, counts: Mapping[Key, int], *, greatest: bool = False) -> None:
    """In one order everywhere, lest two processes wait for each other."""
    if not counts:
        return
    statement = insert(connection.dialect.name, daily)
    new, old = statement.excluded.count, daily.c.count
    total = case((new > old, new), else_=old) if greatest else old + new
    statement = statement.on_conflict_do_update(
        index_elements=list(Key._fields), set_={"count": total}
    )
    rows = [key._asdict() | {"count": count} for key, count in sorted(counts.items())]
    connection.execute(statement, rows)


class Tally:
    """What one door counts, written once a minute in one go. Counting is adding one in memory: a
    store that is down delays no mail, and a door that is killed loses a minute of figures.
    also: what else is to be written as often."""

    def __init__(self, figures: Figures, also: Callable[[], Awaitable[None]] | None = None) -> None:
        self._figures = figures
        self._also = also
        self._counts: Counter[tuple[str, str, str]] = Counter()

    def __call__(self, what: str, by: str = "", name: str = "") -> None:
        self._counts[what, by, name] += 1

    async def keep(self, stopping: asyncio.Event) -> None:
        """Write it down again and again, until told to stop."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """What the store does not take now is kept for the next time."""
        if self._also:
            await self._also()
        counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            await self._figures.add(counts)
        except Temporary:
            self._counts.update(counts)
