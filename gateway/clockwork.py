"""What is due by the clock: reminders, cancellations, the officers' digest and week, erasure.

Run by the release process, between two looks at the outbox. Each act is claimed in the store in one
transaction with the letter that it sends, so that two processes, or one killed and started again,
write once. Nothing here is purged silently: nothing is cancelled whose officers were not reminded
and given time to rule, nor while no key here tells whom to write to; a cancellation goes with word
to the sender (a sender of ours: strangers are never written to).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog

from gateway.act.monthly import Own
from gateway.act.notice import Case, Notices
from gateway.act.weekly import Week
from gateway.act.wording import persons
from gateway.model import Letter
from gateway.retain import retain
from gateway.store import proof
from gateway.store.blobs import Blobs
from gateway.store.classes import Periods
from gateway.store.database import Database
from gateway.store.digest import MONTHLY, WEEKLY, is_posted, post_once
from gateway.store.dossier import Dossier
from gateway.store.figures import WITHIN, Figures
from gateway.store.held import Held
from gateway.store.holds import Holds
from gateway.store.keys import DEFAULT, OpeningKey, SealingKey, of_compartment
from gateway.store.own import in_clear
from gateway.store.schema import State
from gateway.watch.log import where

ROUND_SECONDS = 30.0  # deadlines are hours and days
RETAIN_SECONDS = 3600.0
LATE_DIGEST_SECONDS = 6 * 3600.0  # a digest missed by more is left to the next
LATE_WEEKLY_SECONDS = 2 * 86400.0
COUNT_SECONDS = 300.0
RESPITE_SECONDS = 86400.0  # to rule after a reminder that came late, we having been down
MOST = 1000  # holds a round
MOST_TOLD = 10_000  # lines of a digest


@dataclass(slots=True)
class Clockwork:
    """digest_hours: "09:00", local time. Working days are the calendar's business. weekly: the
    same, of the week's figures on Monday; "" sends none. duties: what else is asked each
    round, with the time.

    digested, reported, listed: the moment whose digest, week or month is known to be seen to, in
    seconds since the epoch.

    key: of keyed hashes, that proves what was erased. periods: of each class of what is kept.

    Each compartment has its own letters; one that is configured no more is told of with `default`.
    """

    database: Database
    blobs: Blobs
    holds: Holds
    notices: Notices
    opening: Sequence[OpeningKey]
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    digest_hours: Sequence[str]
    timezone: ZoneInfo
    key: bytes = field(repr=False)
    periods: Periods = field(default_factory=Periods)
    weekly: str = ""
    duties: Sequence[Callable[[float], Awaitable[None]]] = ()
    clock: Callable[[], float] = time.time
    next_round: float = 0.0
    next_retain: float = 0.0
    next_count: float = 0.0
    digested: float = 0.0
    reported: float = 0.0
    listed: float = 0.0

    async def __call__(self) -> None:
        now = self.clock()
        if now < self.next_round:
            return
        self.next_round = now + ROUND_SECONDS
        await self._duty(self.remind)
        await self._duty(self.expire)
        await self._duty(self.digest)
        await self._duty(self.report)
        await self._duty(self.list_own)
        for duty in self.duties:
            await self._duty(partial(duty, now))
        if now >= self.next_count:
            self.next_count = now + COUNT_SECONDS
            await self._duty(self.count)
        if now >= self.next_retain:
            self.next_retain = now + RETAIN_SECONDS
            await self._duty(self.retain)

    async def _duty(self, duty: Callable[[], Awaitable[None]]) -> None:
        """One that fails does not keep the others from being done."""
        try:
            await duty()
        except Exception as error:
            self.log.error("clockwork deferred", **where(error))

    async def remind(self) -> None:
        """One reminder to each team for all of its that is due now."""
        now = self.clock()
        due: dict[str, list[Held]] = {}
        for held in await self.holds.due_reminders(now, MOST):
            due.setdefault(self._team(held.compartment), []).append(held)
        for team, several in due.items():
            letter = self.notices.of(team).reminder(await self._cases(several), now)
            if await self.holds.remind([held.id for held in several], [letter] if letter else []):
                self.log.info("reminded", messages=len(several), compartment=team)

    async def expire(self) -> None:
        """Cancel what nobody ruled on, and tell the sender of it."""
        now = self.clock()
        for held in await self.holds.due_expiries(now, MOST):
            dossier = _dossier(held, self.opening)
            if dossier is None:
                self.log.error("cannot be cancelled: no key here opens it", id=held.id)
                continue
            if not await self._was_reminded(held, now):
                continue
            letter = self.notices.cancelled(_case(held, dossier), now)
            if await self.holds.expire(held.id, [letter] if letter else []):
                self.log.warning("cancelled", id=held.id, rule=held.rule, told=bool(letter))

    async def digest(self) -> None:
        now = self.clock()
        slot = _latest(self.digest_hours, self.timezone, now)
        if slot is None or slot <= self.digested or now - slot > LATE_DIGEST_SECONDS:
            return
        if not await is_posted(self.database, slot):
            told: dict[str, list[str]] = {}
            for name in await self.holds.compartments():
                told.setdefault(self._team(name), []).append(name)
            letters = []
            for team, names in told.items():
                held = await self.holds.list([State.HELD], compartments=names, limit=MOST_TOLD)
                waiting = [one for one in held if not one.awaits]  # of others' the officers hear
                letters.append(
                    (team, self.notices.of(team).digest(await self._cases(waiting), now))
                )
            if await post_once(self.database, self._sealed(letters), slot=slot, now=now):
                self.log.info("digest", letters=len(letters))
        self.digested = slot

    async def report(self) -> None:
        """The figures of the week that ended on Sunday."""
        now = self.clock()
        slot = _latest([self.weekly] if self.weekly else [], self.timezone, now, weekday=0)
        if slot is None or slot <= self.reported or now - slot > LATE_WEEKLY_SECONDS:
            return
        if not await is_posted(self.database, slot, WEEKLY):
            monday = datetime.fromtimestamp(slot, self.timezone).date()
            letters = []
            for team in self.notices.teams or [DEFAULT]:
                alone = () if len(self.notices.teams) < 2 else (team,)
                letters.append(
                    (team, self.notices.of(team).week(await self._week(monday, alone), now))
                )
            sealed = self._sealed(letters)
            if await post_once(self.database, sealed, slot=slot, now=now, kind=WEEKLY):
                self.log.info("weekly report", letters=len(sealed))
        self.reported = slot

    async def list_own(self) -> None:
        """What officers sent in clear of their own in the month before this one."""
        now = self.clock()
        today = datetime.fromtimestamp(now, self.timezone)
        first = today.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
        slot = first.timestamp()
        if slot <= self.listed:
            return
        if not await is_posted(self.database, slot, MONTHLY):
            before = (first - timedelta(days=1)).replace(day=1)
            told: dict[str, list[Own]] = {}
            for name, hold, at, who in await in_clear(self.database, before.timestamp(), slot):
                told.setdefault(self._team(name), []).append(Own(hold, at, who))
            letters = [
                (team, self.notices.of(team).month(own, before.date(), now))
                for team, own in told.items()
            ]
            sealed = self._sealed(letters)
            await post_once(self.database, sealed, slot=slot, now=now, kind=MONTHLY)
        self.listed = slot

    async def count(self) -> None:
        """Fold the events of the last minutes into the figures."""
        await self._figures().fold()

    async def retain(self) -> None:
        purged = await retain(
            self.database,
            self.blobs,
            now=self.clock(),
            key=self.key,
            periods=self.periods,
        )
        if purged:
            head = await self.database.read(proof.head)
            self.log.info("erased", **purged, proof=head)

    def _figures(self) -> Figures:
        return Figures(self.database, self.timezone, clock=self.clock)

    def _team(self, compartment: str) -> str:
        return compartment if compartment in self.notices.teams else DEFAULT

    def _sealed(
        self, letters: Sequence[tuple[str, Letter | None]]
    ) -> list[tuple[Letter, Sequence[SealingKey]]]:
        """Those that there are, with the keys of the team that reads them."""
        return [(letter, of_compartment(self.sealing, team)) for team, letter in letters if letter]

    async def _week(self, monday: date, compartments: Collection[str]) -> Week:
        """Of the seven days before. compartments: () is every one, and what the doors counted."""
        figures = self._figures()
        last = monday - timedelta(days=1)
        over = await figures.over(monday - timedelta(days=7), last, compartments)
        counts = await self.holds.counts(compartments)
        oldest = await figures.oldest(1, compartments)
        wrong = [
            (self.notices.title(rule) or f"règle {rule}", alarms, over.rulings(rule))
            for rule, alarms in over.names("false_alarm", "rule")
        ]
        return Week(
            over.since,
            over.until,
            held=over.total("held"),
            released=over.total("released"),
            refused=over.total("refused"),
            expired=over.total("expired"),
            passed=over.total("pass"),
            encrypted=over.total("encrypt"),
            waiting=counts.messages,
            oldest=(oldest[0].hold, oldest[0].held) if oldest else None,
            half=over.within(0.5),
            most=over.within(0.9),
            longest=WITHIN[-1],
            wrong=tuple(wrong),
        )

    async def _was_reminded(self, held: Held, now: float) -> bool:
        """Long enough ago to have ruled: as long as was meant to lie between, a day at most."""
        events = await self.holds.history(held.id)
        reminders = [event.at for event in events if event.kind == "reminded"]
        respite = min(max(held.until - held.remind, 0.0), RESPITE_SECONDS)
        return bool(reminders) and max(reminders) + respite <= now

    async def _cases(self, several: Sequence[Held]) -> list[Case]:
        """In a thread: to open thousands takes seconds."""
        return await asyncio.to_thread(lambda: [case_of(held, self.opening) for held in several])


def case_of(
    held: Held, keys: Sequence[OpeningKey], positions: Collection[int] | None = None
) -> Case:
    """What letters may tell of a held mail; recipients: those (all, by default) still held."""
    dossier = _dossier(held, keys)
    if dossier is None:
        return Case(held.id, held.received, held.rule, 0, held.until)
    return _case(held, dossier, positions)


def _case(held: Held, dossier: Dossier, positions: Collection[int] | None = None) -> Case:
    kept = [copy.position for copy in held.copies if copy.state is State.HELD]
    kept = [one for one in kept if positions is None or one in positions]
    return Case(
        held.id,
        held.received,
        held.rule,
        persons(dossier.inspection),
        held.until,
        dossier.envelope.sender,
        tuple(dossier.envelope.addresses[position] for position in kept),
    )


def _dossier(held: Held, keys: Sequence[OpeningKey]) -> Dossier | None:
    """None: no key here opens it, or it is damaged; the others must not wait for it."""
    try:
        return held.whole(keys)
    except Exception:  # CannotOpen, or what the codec raises
        return None


def _latest(
    hours: Sequence[str], zone: ZoneInfo, now: float, weekday: int | None = None
) -> float | None:
    """The last of these hours that has struck, seconds since the epoch: today's or yesterday's, or
    those of the last such day (0 is Monday)."""
    today = datetime.fromtimestamp(now, zone)
    days = [today - timedelta(days=back) for back in range(2 if weekday is None else 8)]
    struck = [
        moment.timestamp()
        for hour in hours
        for day in days
        for moment in [_at(day, hour)]
        if moment.timestamp() <= now and weekday in (None, day.weekday())
    ]
    return max(struck, default=None)


def _at(day: datetime, hour: str) -> datetime:
    hours, minutes = hour.split(":")
    return day.replace(hour=int(hours), minute=int(minutes), second=0, microsecond=0)
