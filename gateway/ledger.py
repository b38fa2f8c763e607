"""Who writes to whom, asked before a verdict and learnt from what left.

    verdict  ─── a look-up of two seconds at most ──▶ what is known of sender and recipients
    left     ─── noted in memory, every few seconds ──▶ the store

What was held and cancelled teaches nothing. Protected mailboxes leave no pair and are asked
nothing; of senders that are exempt, nothing is asked but whether a pair of theirs is blocked
(`store.incidents`), as where nothing is learnt at all. A store that is away, or slow, tells
nothing, and is not asked again for a moment: a verdict never waits for it.
"""

from __future__ import annotations

import asyncio
import time
from collections import OrderedDict, defaultdict
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import date

from gateway.acquaintance import UNTOLD, Acquaintance, Correspondence, Likeness
from gateway.compartments import stands_for
from gateway.decide.lookalike import SLIPS, alike, misspelt, slipped_domains
from gateway.decide.places import domain_of
from gateway.decide.salutation import another, beside_one_word, called
from gateway.errors import Temporary
from gateway.likeness import keys
from gateway.model import Disposition, Inspection, Mail, Receipt, Verdict
from gateway.ports import Journal
from gateway.series import series_of
from gateway.store.correspondents import Correspondents, Lesson, Told
from gateway.store.staff import Staff

AWAY_SECONDS = 2.0  # for which a store that did not answer is not asked again
_SLOW_IN_A_ROW = 2  # look-ups, from which on it counts as one: of a busy machine any one may be
BOOK_SECONDS = 60.0  # that a sender's correspondents are kept in memory
BOOKS = 200  # senders
FLUSH_SECONDS = 5.0  # a killed door loses so much of what it learnt
_BOOK_ADDRESSES = 2_000  # of one sender, the latest
_MOST_KNOWN = 500  # correspondents: whoever has more has namesakes among them
_MOST_OF_SOFTWARE = 50  # of a program, which writes to everybody beyond
_MOST_STRANGERS = 30  # of one mail, that are compared with others
_MOST_NEW_DOMAINS = 5  # of one mail, whose neighbours are looked up: more are nobody's slip
_MOST_ALIKE = 3  # told of one recipient
_AT_ONCE = 500  # lessons a transaction: other writers get their turn in between
_MOST_WAITING = 10_000  # lessons while the store is away; later ones are let go
_KNOWN = Acquaintance(met=True, met_by_house=True, domain_met=True)
_BLOCKED = replace(_KNOWN, blocked=True)


@dataclass(frozen=True, slots=True)
class Policy:
    """ours: whether an address is. enabled: or nothing is learnt, nor asked. protected, exempt:
    addresses, "@domain", or either with stars. learn_days: before anything is a first time.
    seconds: that a look-up may take. series: mails that make one. keep_days: that somebody is
    staff who was only seen to write. familiar: domains that everybody here writes to. counted: of
    which partners, whose mails are counted, an address is one."""

    ours: Callable[[str], bool]
    enabled: bool = True
    protected: tuple[str, ...] = ()
    exempt: tuple[str, ...] = ()
    learn_days: int = 14
    seconds: float = 2.0
    series: int = 5
    keep_days: int = 400
    familiar: tuple[str, ...] = ()
    counted: Callable[[str], tuple[str, ...]] = lambda address: ()

    def is_protected(self, address: str) -> bool:
        return any(stands_for(pattern, address) for pattern in self.protected)

    def is_exempt(self, address: str) -> bool:
        return any(stands_for(pattern, address) for pattern in self.exempt)

    def lesson(self, sender: str, recipients: Iterable[str], day: int) -> Lesson | None:
        """What may be learnt of a mail."""
        if not self.has_history(sender):
            return None
        learnt = tuple(one for one in recipients if not self.is_protected(one))
        return Lesson(sender, learnt, day, partners=self.partners(learnt)) if learnt else None

    def partners(self, recipients: Iterable[str]) -> frozenset[str]:
        return frozenset(name for one in recipients for name in self.counted(one))

    def has_history(self, sender: str) -> bool:
        """Whose mails are learnt of."""
        return self.enabled and bool(sender) and self.ours(sender) and not self.is_protected(sender)


@dataclass(slots=True)
class _Book:
    """Whom one sender writes to, by what they resemble. until: on the monotonic clock."""

    until: float
    addresses: Sequence[str] = field(repr=False)
    by_key: Mapping[str, Sequence[str]] = field(repr=False)

    @property
    def of_everybody(self) -> bool:
        return len(self.addresses) > _MOST_KNOWN

    def near(self, address: str) -> set[str]:
        """For whoever writes to everybody, a plain slip at the same domain alone: among so many,
        namesakes are there by right."""
        found = {known for key in keys(address) for known in self.by_key.get(key, ())}
        if self.of_everybody:
            domain = domain_of(address)
            return {o for o in found if domain_of(o) == domain and alike(address, o) in SLIPS}
        return found


Blocked = Callable[[str, Iterable[str]], Awaitable[frozenset[str]]]
"""A sender and recipients -> those of them that he may not write to for now."""


async def _nobody(sender: str, recipients: Iterable[str]) -> frozenset[str]:
    return frozenset()


class StoreLedger:
    """gateway.ports.Ledger on the store. count: told how each look-up ended."""

    def __init__(
        self,
        store: Correspondents,
        staff: Staff,
        policy: Policy,
        count: Callable[[str], None] = lambda outcome: None,
        today: Callable[[], date] = date.today,
        blocked: Blocked = _nobody,
    ) -> None:
        self._store, self._staff, self._policy = store, staff, policy
        self._count, self._today, self._blocked = count, today, blocked
        self._books: OrderedDict[str, _Book] = OrderedDict()
        self._away_until = 0.0
        self._slow = 0

    async def correspondence(self, mail: Mail) -> Correspondence:
        sender, policy = mail.envelope.sender, self._policy
        if not sender or not policy.ours(sender) or policy.is_protected(sender):
            return UNTOLD
        if time.monotonic() < self._away_until:
            self._count("away")
            return UNTOLD
        try:
            async with asyncio.timeout(policy.seconds):
                found = await self._asked(mail)
        except Temporary:
            return self._untold(_SLOW_IN_A_ROW)
        except TimeoutError:
            return self._untold(self._slow + 1)
        self._slow = 0
        return found

    def _untold(self, slow: int) -> Correspondence:
        self._slow = slow
        if slow >= _SLOW_IN_A_ROW:
            self._away_until = time.monotonic() + AWAY_SECONDS
        self._count("away")
        return UNTOLD

    async def _asked(self, mail: Mail) -> Correspondence:
        sender, today = mail.envelope.sender, self._today().toordinal()
        every = tuple(dict.fromkeys(mail.envelope.addresses))
        asked = tuple(one for one in every if not self._policy.is_protected(one))
        blocked = await self._blocked(sender, asked)
        if not self._policy.enabled or self._policy.is_exempt(sender):
            return Correspondence(by_recipient=dict.fromkeys(blocked, _BLOCKED))
        series = series_of(mail.content)
        told = await self._store.told(sender, asked, series, today, self._policy.series)
        ripe = told.since is not None and today - told.since >= self._policy.learn_days
        self._count("told" if ripe else "learning")
        strangers = tuple(one for one in asked if one not in told.met)
        by_house = await self._store.known_by_house(strangers[:_MOST_STRANGERS], today)
        resembled = await self._resembled(sender, strangers[:_MOST_STRANGERS], today, bool(series))
        wrong = await self._misspelt(strangers[:_MOST_STRANGERS], told, today) if ripe else ()
        found = dict.fromkeys(every, _KNOWN)
        for one in asked:
            known = _acquaintance(one, told, one in by_house, resembled.get(one, ()))
            known = replace(known, misspelt=one in wrong)
            found[one] = replace(known if ripe else _not_yet(known), blocked=one in blocked)
        greets = await self._greeted(mail, every, today)
        partners = self._policy.partners(every)
        sent = await self._store.sent(partners, today) if partners else {}
        return Correspondence(True, by_recipient=found, greeted=greets, sent_today=sent)

    async def _misspelt(self, strangers: Iterable[str], told: Told, today: int) -> frozenset[str]:
        """Those at a domain that nobody here has written to, one slip from one that many have."""
        of = {one: domain_of(one) for one in strangers}
        new = set(of.values()) - told.domains - {""}
        wrong = {one for one in new if misspelt(one, self._policy.familiar)}
        for one in sorted(new - wrong) if len(new) <= _MOST_NEW_DOMAINS else ():
            if await self._store.frequented(slipped_domains(one), today):
                wrong.add(one)
        return frozenset(one for one, domain in of.items() if domain in wrong)

    async def _greeted(
        self, mail: Mail, recipients: Sequence[str], today: int
    ) -> tuple[Likeness, ...]:
        """Whom the mail calls by name, of the sender's own correspondents. Most call nobody."""
        names = another(mail.content, recipients, informal=True)
        names = names or beside_one_word(mail.content, recipients)
        if not names:
            return ()
        book = await self._book(mail.envelope.sender, today)
        others = sorted(called(names, book.addresses))
        return tuple(Likeness(one, "greeted", False) for one in others[:_MOST_ALIKE])

    async def _resembled(
        self, sender: str, strangers: Sequence[str], today: int, software: bool
    ) -> dict[str, tuple[Likeness, ...]]:
        """A colleague's address resembles others' by right: it is who he is."""
        if not strangers:
            return {}
        colleagues = await self._staff.among(strangers)
        doubtful = [one for one in strangers if one.lower() not in colleagues]
        if not doubtful:
            return {}
        book = await self._book(sender, today)
        if software and len(book.addresses) > _MOST_OF_SOFTWARE:
            return {}  # it mistakes nobody: patients have the names of colleagues, too
        near = await self._staff.near(doubtful)
        return {one: _alike(one, near, book.near(one)) for one in doubtful}

    async def _book(self, sender: str, today: int) -> _Book:
        known = self._books.get(sender)
        if known is None or time.monotonic() >= known.until:
            addresses = await self._store.book(sender, today, _BOOK_ADDRESSES)
            known = _Book(time.monotonic() + BOOK_SECONDS, addresses, _filed(addresses))
            self._books[sender] = known
        self._books.move_to_end(sender)
        while len(self._books) > BOOKS:
            self._books.popitem(last=False)
        return known


def _filed(addresses: Iterable[str]) -> Mapping[str, Sequence[str]]:
    by_key: dict[str, list[str]] = defaultdict(list)
    for address in addresses:
        for key in keys(address):
            by_key[key].append(address)
    return by_key


def _alike(address: str, staff: Iterable[str], own: Collection[str]) -> tuple[Likeness, ...]:
    """Colleagues first: they are sure to exist."""
    colleagues = dict.fromkeys(staff, True)
    candidates = colleagues | dict.fromkeys((one for one in own if one not in colleagues), False)
    told = (
        Likeness(other, how, colleague)
        for other, colleague in candidates.items()
        if (how := alike(address, other))
    )
    return tuple(sorted(told, key=lambda one: (not one.colleague, one.address)))[:_MOST_ALIKE]


def _not_yet(known: Acquaintance) -> Acquaintance:
    """Nobody is a stranger where all would be; what resembles a colleague does so all the same."""
    return replace(known, met=True, met_by_house=True, domain_met=True)


def _acquaintance(
    address: str, told: Told, by_house: bool, resembled: tuple[Likeness, ...]
) -> Acquaintance:
    met = address in told.met
    return Acquaintance(
        met=met,
        met_by_house=met or by_house,
        domain_met=address.lower().rpartition("@")[2].rstrip(".") in told.domains,
        alike=resembled,
        out_of_place=address in told.apart,
        new_in_flow=address in told.new,
    )


class Lessons:
    """What one process learns, written every few seconds in one go, never in a verdict's way."""

    def __init__(
        self,
        store: Correspondents,
        staff: Staff,
        policy: Policy,
        today: Callable[[], date] = date.today,
    ) -> None:
        self._store, self._staff, self._policy, self._today = store, staff, policy, today
        self._waiting: list[Lesson] = []

    def __call__(self, sender: str, recipients: Collection[str], content: bytes = b"") -> None:
        """That a mail left. content: to tell what series it belongs to, where it may."""
        day = self._today().toordinal()
        lesson = self._policy.lesson(sender, recipients, day)
        if lesson and len(self._waiting) < _MOST_WAITING:
            self._waiting.append(replace(lesson, series=series_of(content)))

    async def keep(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """What the store does not take now is kept for the next time."""
        until = self._today().toordinal() + self._policy.keep_days
        while lessons := self._waiting[:_AT_ONCE]:
            try:
                await self._store.learn(lessons)
            except Temporary:
                return
            del self._waiting[: len(lessons)]
            with suppress(Temporary):  # they will write again
                await self._staff.learn({lesson.sender for lesson in lessons}, until)


@dataclass(frozen=True, slots=True)
class LearningJournal:
    """gateway.ports.Journal that learns, too: of copies that were let go, encrypted or not."""

    journal: Journal
    learn: Lessons

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        self.journal.judged(mail, verdicts, seen, receipts, seconds)
        left = [
            one.recipient
            for one in receipts.values()
            if one.reply.accepted and one.order in (Disposition.PASS, Disposition.ENCRYPT)
        ]
        if left:
            self.learn(mail.envelope.sender, left, mail.content)

    def failed(self, mail: Mail, what: str) -> None:
        self.journal.failed(mail, what)
