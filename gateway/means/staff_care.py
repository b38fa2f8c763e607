"""Staff as the directory has them, looked up at intervals: the whole list each time, so that
who has left goes. A duty of the clock, on each node that has one: to take the same list twice
changes nothing, so nobody has to be elected.

A directory that is away is asked again soon, and changes nothing; neither does an answer with none
of our addresses in it, or with less than half of those it had: a right that was taken from the
reader looks like that, and so does a wrong base.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gateway.ldap import staff as directory
from gateway.ldap.wire import Away
from gateway.store.staff import Change, Source, Staff

AGAIN_SECONDS = 900.0  # after a failure
_FEW = 20  # colleagues: a small house may well lose half


class Doubtful(Exception):
    """An answer that is hardly the list of those who work here."""


@dataclass(frozen=True, slots=True)
class Roll:
    """Where staff stand. ours: whether an address is."""

    terms: directory.Terms
    context: ssl.SSLContext
    ours: Callable[[str], bool]
    staff: Staff

    async def call(self, *, dry: bool = False, any_change: bool = False) -> Change:
        """Raises Away, Doubtful, Temporary. any_change: whatever the answer takes away."""
        told = await directory.addresses(self.terms, self.context)
        found = {one for one in told if self.ours(one)}
        if not found:
            raise Doubtful("no address of our domains in it")
        change = await self.staff.replace(found, Source.LDAP, dry=True)
        before = change.found - change.added + change.gone
        if not any_change and before > _FEW and change.gone * 2 > before:
            raise Doubtful("less than half of those it had")
        return change if dry else await self.staff.replace(found, Source.LDAP)


@dataclass(slots=True)
class StaffCare:
    """every: seconds from one look to the next. due: of the next, seconds since the epoch."""

    roll: Roll
    every: float
    log: structlog.BoundLogger
    due: float = 0.0

    async def __call__(self, now: float) -> None:
        if now < self.due:
            return
        self.due = now + AGAIN_SECONDS
        try:
            change = await self.roll.call()
        except Away as away:
            self.log.warning("directory away", code=away.code)
            return
        except Doubtful as doubt:
            self.log.error("directory not taken", why=str(doubt))
            return
        self.due = now + self.every
        self.log.info("directory", found=change.found, added=change.added, gone=change.gone)
