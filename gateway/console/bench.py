"""Rules on the bench: their own tests, and a mail that somebody tries against them.

What is tried is read as a door reads it, behind the wall, and judged by the live rules and by the
same rules with every one enforced. Nothing of it is kept: no log, no store, no file.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from email.header import Header
from pathlib import Path

from gateway import inspection, preview
from gateway.decide import rule_tests
from gateway.decide.engine import Fits, Judge
from gateway.decide.observation import Observation
from gateway.decide.places import Places
from gateway.decide.rules import RuleSet
from gateway.decide.space import Space
from gateway.errors import Temporary
from gateway.model import (
    DEFAULT_LIMITS,
    Client,
    Disposition,
    Envelope,
    Inspection,
    Limits,
    Mail,
    Reading,
    Recipient,
    Verdict,
)
from gateway.ports import Inspector, Wall
from gateway.rulebook import tests_of

PATIENCE_SECONDS = 30.0  # to read what is tried; somebody waits before a screen
TESTING_SECONDS = 20.0  # for all tests; those left over are told as such
AT_ONCE = 2  # mails tried at the same time, of everybody together
_FAR = 1e12  # no deadline: no client waits for a reply


class Values:
    """The console's wall, asked for what a door asks of its own."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        order = preview.request(preview.Order.VALUES, content)
        return await self._wall.read(order, limits, seconds=seconds)


@dataclass(frozen=True, slots=True)
class Tried:
    """strict: the verdicts if no rule were merely observed. edited: by other rules, if any."""

    seen: Inspection
    verdicts: tuple[Verdict, ...]
    strict: tuple[Verdict, ...]
    edited: tuple[Verdict, ...] = ()

    @property
    def disposition(self) -> Disposition:
        return Disposition.strictest([verdict.disposition for verdict in self.verdicts])


@dataclass(frozen=True, slots=True)
class Tested:
    """Of one rule. failed: in words, as `vaguemestre rules test` says them."""

    passed: int
    failed: tuple[str, ...]


@dataclass(slots=True)
class Bench:
    """rules: the last that loaded; observation: when only some of them stop mail. stale: what is
    wrong with newer ones on disk, or "". tested: by rule, as of `tested_at` (seconds since the
    epoch); left: tests for which there was no time. inspector: None where there is no sandbox, and
    nothing can be tried."""

    rules: Callable[[], RuleSet]
    stale: Callable[[], str]
    directories: Sequence[Path]
    places: Places
    fits: Fits | None
    inspector: Inspector | None
    space: Space | None = None
    observation: Observation = field(default_factory=Observation)
    reviewers: Collection[str] | None = None
    clock: Callable[[], float] = time.time
    tested: dict[str, Tested] = field(default_factory=dict)
    tested_at: float = 0.0
    left: int = 0
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(AT_ONCE))
    _testing: asyncio.Lock = field(default_factory=asyncio.Lock)

    def in_force(self, rules: RuleSet | None = None) -> RuleSet:
        """As they are today: these, or those on disk."""
        found = self.rules() if rules is None else rules
        return self.observation.of(found) if self.observation.on(self.clock()) else found

    async def judge(
        self, content: bytes, sender: str, to: Sequence[str], edited: RuleSet | None = None
    ) -> Tried:
        """Temporary where there is no worker in time, or no sandbox at all."""
        if self.inspector is None:
            raise Temporary("no sandbox")
        mail = Mail(
            id="",
            door="console",
            client=Client(),
            envelope=Envelope(sender, tuple(Recipient(one) for one in dict.fromkeys(to))),
            content=content,
            trace=b"",
            deadline=_FAR,
            received=self.clock(),
        )
        async with self._turns:
            seen = await self.inspector.inspect(content, seconds=PATIENCE_SECONDS)
            return await asyncio.to_thread(self._judged, mail, seen, edited)

    def anew(self, mail: Mail, seen: Inspection, recipient: str) -> Verdict | None:
        """What the rules in force say now of a mail held before, for this recipient alone. None
        where those on disk are broken, and nobody knows what the doors go by."""
        rules = self.in_force()
        if self.stale() or not rules.rules:
            return None
        alone = replace(mail.envelope, recipients=(Recipient(recipient),))
        today = replace(mail, envelope=alone, received=self.clock())
        (verdict,) = Judge(rules, self.places, self.fits, self.space).decide(today, seen)
        return verdict

    async def test(self) -> None:
        """All tests beside the rules, unless they run already. Misconfigured for broken ones."""
        if self._testing.locked():
            return
        async with self._testing:
            self.tested, self.left = await asyncio.to_thread(self._test)
            self.tested_at = self.clock()

    def _judged(self, mail: Mail, seen: Inspection, edited: RuleSet | None) -> Tried:
        rules = self.rules()
        enforced = [rule.model_copy(update={"mode": "enforce"}) for rule in rules.rules]
        strictest = RuleSet(tuple(enforced), rules.paths)
        sets = (self.in_force(rules), strictest, self.in_force(edited or RuleSet(())))
        live, strict, other = (
            Judge(one, self.places, self.fits, self.space).decide(mail, seen) for one in sets
        )
        return Tried(seen, live, strict, other)

    def _test(self) -> tuple[dict[str, Tested], int]:
        rules, cases, key = self.rules(), tests_of(self.directories), os.urandom(32)
        known = {path: identity for identity, path in rules.paths.items()}
        ends, tested, left = time.monotonic() + TESTING_SECONDS, {}, 0

        def inspect(content: bytes) -> Inspection:
            return inspection.conclude(inspection.read(content, DEFAULT_LIMITS), key)

        for path, several in cases.items():
            identity = known.get(rule_tests.rule_of(path))
            if identity is None:
                continue
            if time.monotonic() > ends:
                left += len(several)
                continue
            results = list(rule_tests.run_cases(rules, {path: several}, inspect))
            failed = tuple(str(result) for result in results if not result.passed)
            tested[identity] = Tested(len(results) - len(failed), failed)
        return tested, left


def pasted(text: str, subject: str, sender: str, to: Sequence[str]) -> bytes:
    """A plain mail of it, as a program would send it."""
    title = Header(subject, "utf-8").encode(linesep="\r\n") if subject else ""
    head = (
        f"From: {sender}",
        f"To: {', '.join(to)}",
        f"Subject: {title}",
        "MIME-Version: 1.0",
        "Content-Type: text/plain; charset=utf-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        "\r\n".join(text.splitlines()),
        "",
    )
    return "\r\n".join(head).encode("utf-8", "replace")


def as_received(content: bytes) -> bytes:
    """Files saved on disk mostly end their lines with LF alone."""
    return content if b"\r\n" in content else content.replace(b"\n", b"\r\n")
