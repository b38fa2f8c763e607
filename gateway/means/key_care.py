"""What OpenPGP keys need from time to time: their end counted, what was found long ago forgotten.
Asked by the clock of the release process."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from prometheus_client import Gauge

from gateway.act.openpgp_keys import Keyring
from gateway.means.found_keys import FoundKeys

ROUND_SECONDS = 3600.0
DAY_SECONDS = 86_400.0
FORGOTTEN_SECONDS = 200 * DAY_SECONDS  # longer than anything found holds


@dataclass(slots=True, repr=False)
class KeyCare:
    """next_round: seconds since the epoch."""

    keyring: Keyring
    found: Sequence[FoundKeys]
    expiring: Gauge
    warn_days: int
    next_round: float = 0.0

    async def __call__(self, now: float) -> None:
        if now < self.next_round:
            return
        self.next_round = now + ROUND_SECONDS
        ends = await asyncio.to_thread(self.keyring.ends)
        soon = now + self.warn_days * DAY_SECONDS
        self.expiring.set(sum(end <= soon for end in ends.values()))
        for place in self.found:
            await asyncio.to_thread(place.forget_older, FORGOTTEN_SECONDS)
