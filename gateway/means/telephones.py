"""Telephones that a directory knows of recipients, for the codes of what waits on the portal.

Asked when a parcel is kept, after the verdict; a number that its sender gives later takes its
place. A parcel waits two seconds at most, and a directory that does not answer is left alone for a
minute: without a number, the sender tells the code, as he does anyway.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from gateway.act.sms import number_of
from gateway.config_smime import PhoneLdap
from gateway.ldap.lookup import Lookup
from gateway.ldap.wire import Away
from gateway.means.certificate_duties import lookup_terms

AWAY_SECONDS = 60.0


def of(told: PhoneLdap, log: structlog.BoundLogger) -> Telephones:
    """Misconfigured where its login or its authority cannot be read."""
    return Telephones(Lookup(*lookup_terms(told)), told.attribute, told.seconds, log)


@dataclass(slots=True)
class Telephones:
    """attribute: where a number stands. seconds: that a parcel waits."""

    lookup: Lookup
    attribute: str
    seconds: float
    log: structlog.BoundLogger
    clock: Callable[[], float] = time.time
    _away_until: float = 0.0

    async def __call__(self, address: str) -> str:
        """The one number of this address, as the network writes it; "" where there is none, or two
        persons have the address. Never raises for what the directory is."""
        if self.clock() < self._away_until or not _is_text(address):
            return ""
        try:
            async with asyncio.timeout(self.seconds):
                entries = await self.lookup.of(address, (self.attribute,))
        except (Away, TimeoutError) as away:
            self._away_until = self.clock() + AWAY_SECONDS
            code = away.code if isinstance(away, Away) else "timeout"
            self.log.warning("directory of telephones away", code=code)
            return ""
        if len(entries) != 1:
            return ""
        several = map(number_of, entries[0].attributes.get(self.attribute.lower(), ()))
        return next(filter(None, several), "")


def _is_text(address: str) -> bool:
    """No directory has another; and that it cannot be asked is no fault of the directory's."""
    try:
        address.encode()
    except UnicodeEncodeError:
        return False
    return True
