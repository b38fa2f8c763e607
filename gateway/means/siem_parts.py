"""What `siem` of the configuration stands for: who tells the collector of the record, and what is
noted there for its sake, since no mail is held by it: refusals, canaries, rules read anew."""

from __future__ import annotations

import asyncio
import hashlib
import ssl
from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import structlog

from gateway import __version__, parts
from gateway.config import Config
from gateway.config_siem import Siem, collector
from gateway.errors import Misconfigured
from gateway.forwarder import Forwarder, Parties
from gateway.model import Disposition, Inspection, Mail, Receipt, Verdict
from gateway.ports import Journal
from gateway.store.database import Database
from gateway.store.happenings import Happenings
from gateway.store.holds import Holds
from gateway.store.keys import OpeningKey, address_hash, load_hmac
from gateway.store.tail import Tail
from gateway.watch import metrics
from gateway.watch.happening import Happening, as_cef, as_json
from gateway.watch.journal import Hasher
from gateway.watch.syslog import Line, frame

CAUGHT = "caught"
_DIGITS = 12  # hex, of a hash that tells one rule set from another
_WRITTEN = {"cef": as_cef, "json": as_json}


@dataclass(frozen=True, slots=True)
class TellingJournal:
    """gateway.ports.Journal that notes refusals. shown: an address as it may be told, or ""."""

    journal: Journal
    note: Happenings
    shown: Callable[[str], str]

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        self.journal.judged(mail, verdicts, seen, receipts, seconds)
        refused = [r.recipient for r in receipts.values() if r.order is Disposition.REJECT]
        if refused:
            rules = {v.rule for v in verdicts if v.recipient in refused and v.rule}
            sender = self.shown(mail.envelope.sender)
            self.note(
                "mail refused",
                mail.id,
                recipients=len(refused),
                rule=",".join(sorted(rules)),
                door=mail.door,
                **({"sender": sender} if sender else {}),
            )

    def failed(self, mail: Mail, what: str) -> None:
        self.journal.failed(mail, what)


@dataclass(slots=True)
class Telling:
    """Of one process; without a SIEM, nothing is noted and everything goes through."""

    config: Config
    happenings: Happenings | None
    last: str = CAUGHT

    def journal(self, journal: Journal) -> Journal:
        if self.happenings is None or self.config.siem is None:
            return journal
        if self.config.siem.addresses == "none":
            return TellingJournal(journal, self.happenings, lambda address: "")
        hashed = Hasher(partial(address_hash, load_hmac(self.config.keys)))
        return TellingJournal(journal, self.happenings, hashed)

    def canary(self, count: Callable[[str], None]) -> Callable[[str], None]:
        """Counts, and notes when it stops being caught, and when it is again."""

        def counted(outcome: str) -> None:
            count(outcome)
            if self.happenings is not None and (outcome == CAUGHT) != (self.last == CAUGHT):
                kind = "canary caught" if outcome == CAUGHT else "canary failed"
                self.happenings(kind, outcome=str(outcome), node=self.config.hostname)
            self.last = outcome

        return counted

    async def keep(self, stopping: asyncio.Event) -> None:
        if self.happenings is not None:
            await self.happenings.keep(stopping)


def telling(config: Config, database: Database) -> Telling:
    if config.siem is None:
        return Telling(config, None)
    return Telling(config, Happenings(database, metrics.siem_lost().inc))


@dataclass(slots=True)
class Watch:
    """Of the release process: the forwarder, and what is noted of this node's start and rules.
    rules: a hash of those in force."""

    telling: Telling
    forwarder: Forwarder | None
    titles: parts.Titles
    rules: str = ""

    def __post_init__(self) -> None:
        self.rules = _digest(self.telling.config.rules)
        configuration = hashlib.sha256(self.telling.config.model_dump_json().encode())
        told = configuration.hexdigest()[:_DIGITS]
        self._note("gateway started", version=__version__, configuration=told)

    def reload(self) -> None:
        """Reads the rules anew, and says what came of it."""
        self.titles.reload()
        now = _digest(self.telling.config.rules)
        if self.titles.complaint:
            self._note("rules refused")
        elif now != self.rules:
            self.rules = now
            self._note("rules changed", count=len(self.titles.rules.rules))

    async def keep(self, stopping: asyncio.Event) -> None:
        if self.forwarder is not None:
            await asyncio.gather(self.telling.keep(stopping), self.forwarder.keep(stopping))

    def _note(self, kind: str, **counts: object) -> None:
        if self.telling.happenings is not None:
            node = self.telling.config.hostname
            self.telling.happenings(kind, **counts, rules=self.rules, node=node)


def watch(
    config: Config,
    database: Database,
    holds: Holds,
    opening: Sequence[OpeningKey],
    titles: parts.Titles,
    log: structlog.BoundLogger,
) -> Watch:
    told = config.siem
    if told is None:
        return Watch(telling(config, database), None, titles)
    where, tail = collector(told.url), Tail(database)
    forwarder = Forwarder(
        tail=tail,
        line=Line(where, _context(told) if where.way == "tls" else None),
        host=str(config.hostname),
        written=partial(_framed, told),
        parties=_parties(told, tail, holds, opening),
        counts=metrics.Siem(),
        log=log,
    )
    return Watch(telling(config, database), forwarder, titles)


def _framed(told: Siem, what: Happening) -> bytes:
    return frame(
        _WRITTEN[told.format](what),
        facility=told.facility,
        severity=what.syslog_severity,
        at=what.at,
        host=what.host,
        name=what.slug,
    )


def _parties(
    told: Siem, tail: Tail, holds: Holds, opening: Sequence[OpeningKey]
) -> Callable[[Collection[str]], Awaitable[Parties]]:
    async def nobody(ids: Collection[str]) -> Parties:
        return {}

    async def clear(ids: Collection[str]) -> Parties:
        """Masked where no key here opens them, or they are nobody's business."""
        found = {hold: await holds.get(hold) for hold in ids}
        return {hold: held.parties(opening) for hold, held in found.items() if held}

    return {"none": nobody, "hashed": tail.hashed, "clear": clear}[told.addresses]


def _context(told: Siem) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=told.ca)
        if told.client_certificate is not None:
            context.load_cert_chain(told.client_certificate)
    except (OSError, ssl.SSLError) as error:
        raise Misconfigured(f"siem: {told.ca or told.client_certificate}: unusable") from error
    return context


def _digest(folders: Iterable[Path]) -> str:
    """Of all files of rules there, by name; what cannot be read is not in it."""
    hashed = hashlib.sha256()
    for folder in folders:
        for path in sorted(folder.rglob("*.yaml")):
            try:
                content = path.read_bytes()
            except OSError:
                continue
            hashed.update(b"%b\0%d\0" % (path.name.encode(), len(content)) + content)
    return hashed.hexdigest()[:_DIGITS]
