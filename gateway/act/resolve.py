"""Key records from DNS, for what we verify: bounded in time and in number, and remembered a while.

Asks the resolvers that the configuration names and no others. Blocking: to be called in a thread.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import dns.exception
import dns.nameserver
import dns.resolver

from gateway.act.signature import MAX_RECORD_BYTES
from gateway.act.verify import Lookup, Unanswered

MAX_LOOKUPS = 60  # of one mail: a chain of 50 sets, its newest signature, five DKIM-Signatures
KEPT_SECONDS = 600.0
AGAIN_SECONDS = 60.0  # after a name without an answer: waiting for it holds a thread each time
MAX_KEPT = 1_000  # names; the oldest go first
TRY_SECONDS = 1.5  # of one question to one resolver


@dataclass(frozen=True, slots=True)
class _Kept:
    """record: None where the DNS says that there is none."""

    until: float
    record: bytes | None
    answered: bool


class Resolver:
    """addresses: (numeric address, port). seconds: for all questions about one mail together."""

    def __init__(
        self,
        addresses: Sequence[tuple[str, int]],
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._asked = dns.resolver.Resolver(configure=False)
        self._asked.nameservers = [dns.nameserver.Do53Nameserver(*one) for one in addresses]
        self._asked.timeout = TRY_SECONDS
        self._seconds = seconds
        self._clock = clock
        self._kept: dict[bytes, _Kept] = {}

    def for_one_mail(self) -> Lookup:
        end, asked = self._clock() + self._seconds, 0

        def lookup(name: bytes) -> bytes | None:
            nonlocal asked
            known = self._kept.get(name)
            if known is None or known.until <= self._clock():
                left = end - self._clock()
                asked += 1
                if left <= 0 or asked > MAX_LOOKUPS:
                    raise Unanswered
                known = self._keep(name, left)
            if not known.answered:
                raise Unanswered
            return known.record

        return lookup

    def _ask(self, name: bytes, seconds: float) -> bytes | None:
        try:
            answer = self._asked.resolve(name.decode("ascii"), "TXT", lifetime=seconds)
        except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer):
            return None
        except (dns.exception.DNSException, UnicodeError, OSError) as error:
            raise Unanswered from error
        records = [b"".join(record.strings) for record in answer]
        keys = [one for one in records if b"p=" in one]  # others may stand beside the key
        return keys[0][: MAX_RECORD_BYTES + 1] if keys else None

    def _keep(self, name: bytes, seconds: float) -> _Kept:
        """Asked, and kept; silence, too, where there was the time for an answer."""
        try:
            record, answered, lasting = self._ask(name, seconds), True, KEPT_SECONDS
        except Unanswered:
            record, answered = None, False
            lasting = AGAIN_SECONDS if seconds >= TRY_SECONDS else 0.0
        while len(self._kept) >= MAX_KEPT:
            self._kept.pop(next(iter(self._kept)), None)
        kept = self._kept[name] = _Kept(self._clock() + lasting, record, answered)
        return kept
