"""One mail judged as a door would, without carrying anything out: for `scan` and `explain`."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Mapping, Sequence, Set
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from gateway import identifiers, parts
from gateway.act.encrypt import Channels, Choice
from gateway.cli.messages import as_mail
from gateway.config import Config
from gateway.decide.engine import NO_CHANNEL, Judge
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.means import mssante_parts
from gateway.model import Disposition, Inspection, Limits, Mail, Reading, Verdict
from gateway.rulebook import read_rules
from gateway.sandbox.inspector import DoorInspector
from gateway.sandbox.wall import SandboxWall
from gateway.store import allowed
from gateway.store.keys import load_hmac

PATIENCE_SECONDS = 120.0
NOBODYS = "localhost"  # "ours", where a sender has no domain


@dataclass(frozen=True, slots=True)
class Judged:
    """ms: of inspection and decision. choices: of the recipients who would get it encrypted, or
    would have with a channel."""

    path: str
    mail: Mail
    seen: Inspection
    verdicts: tuple[Verdict, ...]
    ms: float
    choices: Mapping[str, Choice]

    @property
    def disposition(self) -> Disposition:
        return Disposition.strictest(verdict.disposition for verdict in self.verdicts)


class Bench:
    """A judge and a wall for many mails. Use with `async with`.

    Without a configuration the domain of each mail's sender is ours: one judge for each.
    workers: mails read at once behind the wall.
    """

    def __init__(self, config: Config | None, rules: Sequence[Path], *, workers: int = 1) -> None:
        self._given = config
        least = config or Config.least([NOBODYS])
        self._rules = read_rules(
            tuple(rules) or least.rules,
            search.kinds(),
            partners=frozenset(least.partners),
            reviewers=frozenset(least.reviewers),
            consequence="no mail was judged",
        )
        self._judges: dict[str, tuple[Judge, Channels]] = {}
        self._wall = _LateWall(
            SandboxWall(
                user=least.sandbox.user,
                workers=workers,
                spare=workers,
                memory_bytes=least.sandbox.memory,
                cpu_seconds=least.sandbox.cpu,
                warm=identifiers.warming(),
            )
        )
        key, known = _fingerprinting(config)
        self._inspector = DoorInspector(self._wall, key, least.limits.of_inspection(), known)

    async def __aenter__(self) -> Bench:
        search.warm()  # or the first mail's `ms` would be that of loading lexicons
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._wall.close()

    async def judge(
        self, path: str, content: bytes, sender: str | None, to: Sequence[str]
    ) -> Judged:
        mail = as_mail(content, sender, to, time.time())
        judge, ways = self._judge(mail.envelope.sender)
        started = time.perf_counter()
        seen = await self._inspector.inspect(content, seconds=PATIENCE_SECONDS)
        verdicts = judge.decide(mail, seen)
        took = (time.perf_counter() - started) * 1000
        choices = {
            one.recipient: ways.weigh(mail, one.recipient)
            for one in verdicts
            if one.disposition is Disposition.ENCRYPT or NO_CHANNEL in one.reasons
        }
        return Judged(path, mail, seen, verdicts, took, choices)

    def _judge(self, sender: str) -> tuple[Judge, Channels]:
        domain = "" if self._given else sender.rpartition("@")[2].lower()
        if domain not in self._judges:
            config = self._given or _least(domain)
            ways = parts.channels(config)
            space = mssante_parts.space(config)
            observation, now = parts.observation(config), time.time()
            rules = observation.of(self._rules) if observation.on(now) else self._rules
            judge = Judge(rules, config.places(), ways.fits, space)
            self._judges[domain] = judge, ways
        return self._judges[domain]


def _fingerprinting(config: Config | None) -> tuple[bytes, Set[str]]:
    """The key of the gateway with the values it allows, where there is one that we may read."""
    with suppress(Misconfigured):
        if config:
            return load_hmac(config.keys), allowed.read(config.keys)
    return os.urandom(32), frozenset()


def _least(domain: str) -> Config:
    try:
        return Config.least([domain])
    except ValueError:  # "", "[192.0.2.1]" or no domain at all
        return Config.least([NOBODYS])


class _LateWall:
    """Started by the first mail that needs it: many hold plain text only."""

    def __init__(self, wall: SandboxWall) -> None:
        self._wall, self._started = wall, False
        self._starting = asyncio.Lock()

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        async with self._starting:
            if not self._started:
                await self._wall.start()
                self._started = True
        return await self._wall.read(content, limits, seconds=seconds)

    async def close(self) -> None:
        if self._started:
            await self._wall.close()


def _channel(choice: Choice | None) -> dict[str, str]:
    return {"channel": choice.method.name} if choice and choice.method else {}


def as_json(judged: Judged) -> dict[str, object]:
    """The contract of `scan --json`."""
    return {
        "path": judged.path,
        "disposition": judged.disposition.value,
        "recipients": {
            verdict.recipient: {
                "disposition": verdict.disposition.value,
                "rule": verdict.rule,
                "reasons": list(verdict.reasons),
                **_channel(judged.choices.get(verdict.recipient)),
                **({"monitored": list(verdict.monitored)} if verdict.monitored else {}),
            }
            for verdict in judged.verdicts
        },
        "findings": [
            {
                "kind": finding.kind,
                "count": finding.count,
                "likelihood": finding.likelihood.word,
                "place": str(finding.place),
                "masked": finding.masked,
                **({"near": list(finding.near)} if finding.near else {}),
            }
            for finding in judged.seen.findings
        ],
        "problems": [
            {"kind": p.kind.value, "place": str(p.place), "detail": p.detail}
            for p in judged.seen.problems
        ],
        "coverage": judged.seen.coverage.value,
        "parts": [
            {"place": str(p.place), "kind": p.kind, "coverage": p.coverage.value}
            for p in judged.seen.parts
        ],
        "ms": round(judged.ms, 1),
    }
