"""Beside the inspection of a mail: what may tell by which certificate its recipients can be written
to. A directory is asked for those it was not asked for lately; a mail of somebody outside that is
signed gives his.

Bounded: a mail waits as long as the directory is given, two seconds at most, and one that does not
answer is left alone for a minute. What is not known in time is no certificate, and the next channel
is taken; the answer that came too late serves the next mail.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

import structlog

from gateway.act import signed_mail
from gateway.act.certificate_path import Anchors
from gateway.act.certificate_use import Known, addresses, is_authority
from gateway.ldap.certificates import CertificateDirectory
from gateway.ldap.wire import Away
from gateway.means.found_certificates import Entry, Found, merged
from gateway.means.unfailing import unfailing
from gateway.model import Mail

FRESH_SECONDS = 86_400.0  # what a directory said is asked again after that
ABSENT_SECONDS = 3600.0  # that it knows nobody, too
AWAY_SECONDS = 60.0  # a directory that fails is left alone
MOST_ASKED = 50  # recipients of one mail
MAX_ABSENT = 10_000  # remembered in memory, by hash


@dataclass(slots=True, repr=False)
class CertificateSearch:
    """harvest: keep what signed mails bring. directory: None: nobody is asked."""

    found: Found
    anchors: Anchors
    ours: Callable[[str], bool]
    log: structlog.BoundLogger
    harvest: bool = True
    directory: CertificateDirectory | None = None
    seconds: float = 2.0
    clock: Callable[[], float] = time.time
    _asked: dict[bytes, float] = field(default_factory=dict)
    _under_way: set[asyncio.Task[None]] = field(default_factory=set)
    _away_until: float = 0.0

    async def __call__(self, mail: Mail) -> None:
        """Never raises for what the mail or the directory is."""
        tasks = [asyncio.create_task(self._unfailing(self._ask(one))) for one in self._wanted(mail)]
        if self.harvest and signed_mail.may_be(mail.content):
            taking = asyncio.to_thread(self._take, mail)
            tasks.append(asyncio.create_task(self._unfailing(taking)))
        self._under_way.update(tasks)
        for task in tasks:
            task.add_done_callback(self._under_way.discard)
        if tasks:
            await asyncio.wait(tasks, timeout=self.seconds)

    async def _unfailing(self, looking: Awaitable[None]) -> None:
        with unfailing(self.log):
            await looking

    def _take(self, mail: Mail) -> None:
        writer, known = signed_mail.brought(mail, self._has_path)
        if not known or self.ours(writer):
            return
        held = self.found.held(writer)
        several = merged(known, held)
        if several != tuple(held):
            self._keep(Entry(writer, "mail", self.clock(), several))

    def _wanted(self, mail: Mail) -> list[str]:
        """Whom to ask the directory for, in lower case."""
        now = self.clock()
        if self.directory is None or now < self._away_until:
            return []
        several = dict.fromkeys(address.lower() for address in mail.envelope.addresses)
        due = (one for one in several if now >= self._asked.get(_key(one), 0.0))
        return [one for one in due if not self.ours(one)][:MOST_ASKED]

    async def _ask(self, address: str) -> None:
        self._remember(address, AWAY_SECONDS)  # or each mail asks while the first one waits
        try:
            several = await self.directory.of(address) if self.directory else ()
        except Away as away:
            if self.clock() >= self._away_until:
                self.log.warning("certificate directory away", code=away.code)
            self._away_until = self.clock() + AWAY_SECONDS
            return
        chain = tuple(one for one in several if is_authority(one))
        known = tuple(Known(one, b"", chain) for one in several if address in addresses(one))
        self._remember(address, FRESH_SECONDS if known else ABSENT_SECONDS)
        await asyncio.to_thread(self._replace, address, known)

    def _replace(self, address: str, known: tuple[Known, ...]) -> None:
        """What the directory has no more goes, what mails brought stays."""
        entry = self.found.entry(address)
        trusted = tuple(one for one in known if self._has_path(one))
        if entry is None:
            if trusted:
                self._keep(Entry(address, "directory", self.clock(), trusted))
        elif entry.origin == "mail":
            self._keep(replace(entry, known=merged(trusted, entry.known)))
        elif trusted:
            self._keep(Entry(address, "directory", self.clock(), trusted))
        else:
            with contextlib.suppress(OSError):
                self.found.forget(address)

    def _has_path(self, known: Known) -> bool:
        now = datetime.fromtimestamp(self.clock(), UTC)
        return bool(self.anchors.path(known.certificate, known.chain, now))

    def _keep(self, entry: Entry) -> None:
        try:
            self.found.keep(entry)
        except OSError as error:
            self.log.error("a certificate cannot be kept", why=error.strerror)

    def _remember(self, address: str, seconds: float) -> None:
        if len(self._asked) >= MAX_ABSENT:
            self._asked.clear()
        self._asked[_key(address)] = self.clock() + seconds


def _key(address: str) -> bytes:
    return hashlib.sha256(address.encode()).digest()[:16]
