"""A made year, judged: by the shipped rules and the real ledger, which learns from what leaves.

What a mail carries is not read but known beforehand: a number of social security, or nothing. The
officer lets go what was right, and that is learnt; what was astray and stopped teaches nothing;
what was astray and left is learnt, as it would be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from gateway.acquaintance import UNTOLD
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.detect import search
from gateway.ledger import Policy, StoreLedger
from gateway.likeness import keys
from gateway.model import (
    Client,
    Envelope,
    Finding,
    Inspection,
    Likelihood,
    Mail,
    Place,
    Recipient,
    Verdict,
)
from gateway.rulebook import read_rules
from gateway.series import series_of
from gateway.store.correspondents import Correspondents, Lesson
from gateway.store.database import Database
from gateway.store.staff import Source, Staff
from tools.right_recipient.people import OURS, WEBMAIL, House
from tools.right_recipient.wrong import BY_SOFTWARE, MIX, wrong
from tools.right_recipient.year import Post

LISTENING = 30  # days before anything goes astray, or is counted: two weeks are the least
_BEGAN = date(2026, 1, 1)
_SECRET = Inspection(
    findings=(
        Finding(
            *("fr.nir", 1, Likelihood.VERY_LIKELY, Place("1"), "2 79 ** ** *** *** **"),
            fingerprints=("a",),
            near=("person",),
        ),
    )
)


@dataclass(slots=True)
class Tally:
    """mails: that left, after the days of listening. asked: of them, that waited though right, by
    rule. astray, caught: with data, by kind. near, caught_near: of those one letter off, near a
    colleague's address or one that the sender had written to."""

    mails: int = 0
    asked: Counter[str] = field(default_factory=Counter)
    astray: Counter[str] = field(default_factory=Counter)
    caught: Counter[str] = field(default_factory=Counter)
    near: int = 0
    caught_near: int = 0

    def __add__(self, other: Tally) -> Tally:
        """Of two years."""
        return Tally(
            self.mails + other.mails,
            self.asked + other.asked,
            self.astray + other.astray,
            self.caught + other.caught,
            self.near + other.near,
            self.caught_near + other.caught_near,
        )

    @property
    def questioned(self) -> float:
        """Of all mail: what was right and waited, and what was astray and caught."""
        return (self.asked.total() + self.caught.total()) / max(self.mails, 1)

    @property
    def found(self) -> float:
        """Of all that was astray and carried data."""
        return self.caught.total() / max(self.astray.total(), 1)

    @property
    def found_of_people(self) -> float:
        """The same, software's aside."""
        astray = self.astray.total() - self.astray[BY_SOFTWARE]
        return (self.caught.total() - self.caught[BY_SOFTWARE]) / max(astray, 1)

    @property
    def found_near(self) -> float:
        return self.caught_near / max(self.near, 1)


class Replay:
    def __init__(self, database: Database, house: House, listening: int) -> None:
        rules = read_rules([SHIPPED_RULES], search.kinds())
        self.places = Places(domains=(OURS,), webmail=WEBMAIL)
        self._judge = Judge(rules, self.places, lambda mail, recipient: True)
        self._store = Correspondents(database, b"k" * 32)
        self._staff = Staff(database, keys)
        self._house, self._listening = house, listening
        self._written: set[tuple[str, str]] = set()
        self.tally = Tally()

    async def begin(self) -> None:
        addresses = [writer.person.address for writer in self._house.writers]
        await self._staff.replace(addresses, Source.FILE)

    async def day(self, posts: Sequence[Post]) -> None:
        """All of one day; what it teaches is known on the next."""
        if not posts:
            return
        today = _BEGAN + timedelta(days=posts[0].day)
        policy = Policy(ours=self.places.is_internal, seconds=60.0, familiar=(OURS, *WEBMAIL))
        ledger = StoreLedger(self._store, self._staff, policy, today=lambda: today)
        lessons = []
        for post in posts:
            mail, seen = _mail(post), _SECRET if post.data else Inspection()
            known = await ledger.correspondence(mail) if self._judge.wants(seen) else UNTOLD
            stopped = {v.recipient: v for v in self._judge.decide(mail, seen, known) if _asks(v)}
            self._count(post, stopped)
            left = tuple(to for to in post.to if not (to in stopped and to in post.astray))
            if left:
                series = series_of(mail.content)
                lessons.append(Lesson(post.sender, left, today.toordinal(), series))
        await self._store.learn(lessons)
        self._written |= {(one.sender, to) for one in lessons for to in one.recipients}

    def _count(self, post: Post, stopped: dict[str, Verdict]) -> None:
        if post.day < self._listening:
            return
        self.tally.mails += 1
        if post.wrong and post.data:
            caught = any(to in stopped for to in post.astray)
            self.tally.astray[post.wrong] += 1
            self.tally.caught[post.wrong] += caught
            if post.near.endswith(f"@{OURS}") or (post.sender, post.near) in self._written:
                self.tally.near += 1
                self.tally.caught_near += caught
        elif stopped:
            self.tally.asked[next(iter(stopped.values())).rule] += 1


def astray(
    posts: Iterator[Post], house: House, rate: float, since: int, rng: Random
) -> Iterator[Post]:
    """The same mails, of which so many go astray from that day on, each kind as often as the mix
    says."""
    due: list[str] = []
    for post in posts:
        if post.day >= since and rng.random() < rate:
            due += rng.choices(list(MIX), list(MIX.values()))
        slips = ((kind, wrong(kind, post, house, rng)) for kind in due[:20])
        kind, slipped = next(((kind, one) for kind, one in slips if one), ("", None))
        if slipped is not None:
            due.remove(kind)
        yield slipped or post


def _asks(verdict: Verdict) -> bool:
    """Whether the sender, or an officer, is asked about the recipient."""
    return verdict.rule.startswith("recipient/")


def _mail(post: Post) -> Mail:
    subject = (
        f"Subject: {post.series}" if post.series else "Subject: Dossier\r\nUser-Agent: Thunderbird"
    )
    text = f"From: {post.sender}\r\n{subject}\r\n\r\n{post.greets}\r\nvoici le document.\r\n"
    return Mail(
        id="SIMULATED",
        door="smtp",
        client=Client(),
        envelope=Envelope(post.sender, tuple(map(Recipient, post.to))),
        content=text.encode(),
        trace=b"",
        deadline=0.0,
        received=0.0,
    )
