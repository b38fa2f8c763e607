"""What certificates need from time to time: their revocation looked up, their end announced, what
is past its end forgotten. Asked by the clock of the release process.

Officers get one letter a week while certificates near their end: how many, and which command names
them. A certificate whose owner has a longer one is nobody's concern.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from cryptography import x509
from prometheus_client import Gauge

from gateway.act import alarm
from gateway.act.certificate_use import Standing, standing
from gateway.act.certificates import Directory
from gateway.act.notice import Notices
from gateway.act.revocation_fetch import Fetcher
from gateway.act.smime_signature import Signer
from gateway.means.found_certificates import Found
from gateway.store.database import Database
from gateway.store.digest import is_posted, post_once
from gateway.store.keys import DEFAULT, SealingKey, of_compartment

ROUND_SECONDS = 300.0
WEEK_SECONDS = 7 * 86_400.0
MONDAY_SECONDS = 4 * 86_400.0  # 1 January 1970 was a Thursday
ANNOUNCED = "certificates expiring"  # kind of the event that keeps two processes from writing twice


@dataclass(slots=True, repr=False)
class CertificateCare:
    """fetcher: None where nobody asks for revocation. next_round: seconds since the epoch.
    fetching: under way beside the clock's other duties, which need not wait for a dead site."""

    book: Directory
    database: Database
    notices: Notices
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    expiring: Gauge
    warn_days: int
    fetcher: Fetcher | None = None
    found: Found | None = None
    next_round: float = 0.0
    fetching: asyncio.Task[None] | None = None

    async def __call__(self, now: float) -> None:
        if now < self.next_round:
            return
        self.next_round = now + ROUND_SECONDS
        moment = datetime.fromtimestamp(now, UTC)
        if self.fetcher and (self.fetching is None or self.fetching.done()):
            self.fetching = asyncio.create_task(self._fetch(self.fetcher, moment))
        count = await asyncio.to_thread(self._count, moment)
        self.expiring.set(count)
        await self._announce(count, now)
        if self.found:
            await asyncio.to_thread(self._forget, self.found, moment)

    async def _fetch(self, fetcher: Fetcher, now: datetime) -> None:
        try:
            paths = await asyncio.to_thread(self._paths, now)
            failed = await fetcher(paths, now)
        except OSError as error:
            self.log.error("revocations cannot be kept", why=error.strerror)
            return
        if failed:
            self.log.warning("revocation unknown", certificates=failed)

    def _paths(self, now: datetime) -> list[tuple[x509.Certificate, ...]]:
        """Of all that may be used by itself."""
        trust = self.book.trust
        if trust is None:
            return []
        return [
            path
            for _, known in self.book.every()
            if standing(known.certificate, now) is Standing.USED
            and (path := trust.anchors.path(known.certificate, known.chain, now))
        ]

    def _count(self, now: datetime) -> int:
        """Addresses whose last usable certificate ends soon, and our own signature's."""
        soon = now + timedelta(days=self.warn_days)
        ends: dict[str, datetime] = {}
        for address, known in self.book.every():
            if self.book.standing(known) is Standing.USED:
                end = known.certificate.not_valid_after_utc
                ends[address] = max(end, ends.get(address, end))
        own = isinstance(self.book.signer, Signer) and self._own_ends(self.book.signer, soon)
        return sum(end <= soon for end in ends.values()) + own

    @staticmethod
    def _own_ends(signer: Signer, soon: datetime) -> bool:
        return signer.certificate.not_valid_after_utc <= soon

    async def _announce(self, count: int, now: float) -> None:
        slot = (now - MONDAY_SECONDS) // WEEK_SECONDS * WEEK_SECONDS + MONDAY_SECONDS
        if not count or await is_posted(self.database, slot, ANNOUNCED):
            return
        letter = alarm.expiring(
            count,
            self.warn_days,
            now,
            sender=self.notices.sender,
            to=self.notices.of(DEFAULT).officers,
        )
        letters = [(letter, of_compartment(self.sealing, DEFAULT))] if letter else []
        if await post_once(self.database, letters, slot=slot, now=now, kind=ANNOUNCED):
            self.log.warning("certificates expiring", count=count)

    @staticmethod
    def _forget(found: Found, now: datetime) -> None:
        for entry in found.entries():
            if all(now > known.certificate.not_valid_after_utc for known in entry.known):
                found.forget(entry.address)
