"""The record, told to a SIEM as it grows: by the release process, beside everything else.

    store ─claim─▶ written as CEF or JSON ─▶ syslog ─acknowledged─▶ store

The store is the queue: no mail waits for a collector, and one that is away for a week gets that
week when it is back. At least once, in order; what comes again bears the same number.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

import structlog

from gateway.store.tail import Tail, Told
from gateway.watch.happening import Happening
from gateway.watch.log import where

BATCH = 200  # events: some 100 KB
POLL_SECONDS = 1.0
PAUSES_SECONDS = (1.0, 2.0, 5.0, 15.0, 30.0)  # after the first failure, the second…
# Shorter than a lease, so that what another process died with is not waited for twice.

Parties = Mapping[str, tuple[str, tuple[str, ...]]]
"""Of holds: sender and recipients, as they may be told."""


class Line(Protocol):
    def send(self, frames: Sequence[bytes]) -> None: ...

    def close(self) -> None: ...


class Counts(Protocol):
    def sent(self, number: int) -> None: ...

    def waiting(self, number: int) -> None: ...


@dataclass(slots=True)
class Forwarder:
    """written: a happening as a frame. parties: of these holds. failures: in a row. begun: the
    tail was told that from now on all counts."""

    tail: Tail
    line: Line
    host: str
    written: Callable[[Happening], bytes]
    parties: Callable[[Collection[str]], Awaitable[Parties]]
    counts: Counts
    log: structlog.BoundLogger
    failures: int = 0
    begun: bool = False

    async def keep(self, stopping: asyncio.Event) -> None:
        """Until told to stop."""
        while not stopping.is_set():
            try:
                full = await self.forward() == BATCH
            except Exception as error:  # the collector's or the store's trouble: all is kept
                self._failed(error)
                full = False
            if not full:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stopping.wait(), self._pause())
        await asyncio.to_thread(self.line.close)

    async def forward(self) -> int:
        """One batch; how many events it told. Raises OSError, Temporary."""
        if not self.begun:
            await self.tail.begin()
            self.begun = True
        batch = await self.tail.claim(BATCH)
        if not batch:
            self.counts.waiting(await self.tail.waiting())
            return 0
        try:
            await asyncio.to_thread(self.line.send, await self._frames(batch))
        except Exception:
            self.counts.waiting(await self.tail.waiting())
            await self.tail.give_back()
            raise
        await self.tail.acknowledge(batch[-1].id)
        if self.failures:
            self.log.info("siem reached again")
        self.failures = 0
        self.counts.sent(len(batch))
        return len(batch)

    async def _frames(self, batch: Sequence[Told]) -> list[bytes]:
        parties = await self.parties({one.event.hold for one in batch if one.event.hold})
        return [self.written(self._happening(one, parties)) for one in batch]

    def _happening(self, told: Told, parties: Parties) -> Happening:
        event = told.event
        sender, recipients = parties.get(event.hold, ("", ()))
        return Happening(
            id=told.id,
            at=event.at,
            kind=event.kind,
            host=self.host,
            hold=event.hold,
            who=event.who,
            detail=event.detail,
            rule=told.rule,
            compartment=told.compartment,
            queue_id=told.queue_id,
            sender=sender,
            recipients=recipients,
        )

    def _failed(self, error: Exception) -> None:
        if not self.failures:  # once, not at each try
            self.log.error("siem not reached", **where(error))
        self.failures += 1

    def _pause(self) -> float:
        if not self.failures:
            return POLL_SECONDS
        return PAUSES_SECONDS[min(self.failures, len(PAUSES_SECONDS)) - 1]
