"""What a process notes in the record without waiting for it: refusals, canaries, rules read anew.

Noting is adding one to a list in memory; every few seconds the list is written in one go. It is
bounded: what is more while the store is away is counted as lost, and a process that is killed loses
its last seconds.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import NamedTuple

from sqlalchemy import Connection

from gateway.errors import Temporary
from gateway.store.database import Database
from gateway.store.events import note

FLUSH_SECONDS = 5.0
MOST_WAITING = 1_000  # some seconds of a flood of refusals


class _Noted(NamedTuple):
    kind: str
    at: float
    hold: str
    counts: dict[str, object]


class Happenings:
    """lost: told of each that was not noted."""

    def __init__(
        self,
        database: Database,
        lost: Callable[[], None] = lambda: None,
        *,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._database, self._lost, self._clock = database, lost, clock
        self._waiting: list[_Noted] = []

    def __call__(self, kind: str, hold: str = "", /, **counts: object) -> None:
        """counts: as of `gateway.store.events.note`."""
        if len(self._waiting) >= MOST_WAITING:
            self._lost()
            return
        self._waiting.append(_Noted(kind, self._clock(), hold, counts))

    async def keep(self, stopping: asyncio.Event) -> None:
        """Write it down again and again, until told to stop, and once more then."""
        while not stopping.is_set():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), FLUSH_SECONDS)
            await self.flush()

    async def flush(self) -> None:
        """What the store does not take now is kept for the next time."""
        batch = tuple(self._waiting)
        if not batch:
            return

        def work(connection: Connection) -> None:
            for one in batch:
                note(connection, one.kind, one.at, one.hold, counts=one.counts)

        with suppress(Temporary):
            await self._database.write(work)
            del self._waiting[: len(batch)]
