"""What correspondents write back to ours: that a mail was not for them. Not listened to unless an
operator asks for it (`incidents.inbound`), since it is mail of people outside that is read.

    mail to ours, from outside ─ says so? ─▶ in memory, for seconds ─▶ an incident to qualify

Beside the way of the mail, which passes as it came: a store that is away makes nothing wait, and a
door that is killed loses what it heard in the last seconds.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import structlog

from gateway.decide.not_for_me import not_for_me
from gateway.errors import Temporary
from gateway.model import Inspection, Mail, Receipt, Verdict
from gateway.ports import Journal
from gateway.watch.log import where

FLUSH_SECONDS = 5.0
MAX_BYTES = 64 * 1024  # of a mail: its header, what is said, what is quoted below it
MOST_WAITING = 200  # while the store is away; later ones are let go


class Heard:
    """ours: whether an address is. take: what to do with a mail that says so; raises Temporary."""

    def __init__(
        self,
        ours: Callable[[str], bool],
        take: Callable[[bytes], Awaitable[None]],
        log: structlog.BoundLogger,
    ) -> None:
        self._ours, self._take, self._log = ours, take, log
        self._waiting: list[bytes] = []

    def __call__(self, mail: Mail) -> None:
        envelope = mail.envelope
        if not envelope.sender or self._ours(envelope.sender):
            return
        if len(self._waiting) < MOST_WAITING and any(map(self._ours, envelope.addresses)):
            content = mail.content[:MAX_BYTES]
            if not_for_me(content):
                self._waiting.append(content)

    async def keep(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """What the store does not take now is kept for the next time."""
        while self._waiting:
            try:
                await self._take(self._waiting[0])
            except Temporary:
                return
            except Exception as error:  # one mail that nobody can make anything of
                self._log.error("heard, not taken", **where(error))
            del self._waiting[0]


@dataclass(frozen=True, slots=True)
class HearingJournal:
    """gateway.ports.Journal that listens, too: to what was let through."""

    journal: Journal
    heard: Heard

    def judged(
        self,
        mail: Mail,
        verdicts: Sequence[Verdict],
        seen: Inspection,
        receipts: Mapping[str, Receipt],
        seconds: float,
    ) -> None:
        self.journal.judged(mail, verdicts, seen, receipts, seconds)
        if any(one.reply.accepted for one in receipts.values()):
            self.heard(mail)

    def failed(self, mail: Mail, what: str) -> None:
        self.journal.failed(mail, what)
