"""When canaries fly, and who is told: before a door takes its first mail, then again and again.

A door that does not catch its first one takes no mail, which then waits at the mail server in
front; it tries again until it does. One that catches none later goes on, loudly: to end it would
end what is under way, and whether to is the operator's to say.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog

from gateway.canary import Canary, Flight, Outcome

AGAIN_SECONDS = 5.0  # after one that was not caught
SLACK_SECONDS = 30.0  # beyond the time of a flight, before silence counts as a failure


@dataclass(slots=True)
class Rounds:
    """every: seconds between two flights. count: by outcome, for the metrics. say: to the
    supervisor; `within`: seconds until it hears of the next at the latest."""

    canary: Canary
    every: float
    log: structlog.BoundLogger
    count: Callable[[str], None]
    say: Callable[[Mapping[str, object]], None]
    last: Outcome = Outcome.CAUGHT
    covered: bool = True

    async def first(self, stopping: asyncio.Event) -> None:
        """Returns once the door may serve, or is to stop."""
        while not stopping.is_set():
            if (await self._fly()).outcome.serves:
                return
            await _pause(stopping, AGAIN_SECONDS)

    async def keep(self, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            caught = self.last is Outcome.CAUGHT
            await _pause(stopping, self.every if caught else min(self.every, AGAIN_SECONDS))
            if not stopping.is_set():
                await self._fly()

    async def _fly(self) -> Flight:
        try:
            flight = await self.canary.fly()
        except Exception:  # the canary's own fault counts as what it is: nobody knows
            flight = Flight(Outcome.UNANSWERED, self.covered, 0.0)
        self.count(flight.outcome)
        self._log(flight)
        self.last, self.covered = flight.outcome, flight.covered
        within = self.every + 2 * self.canary.seconds + SLACK_SECONDS
        self.say({"event": "canary", "outcome": flight.outcome, "within": within})
        return flight

    def _log(self, flight: Flight) -> None:
        ms = round(flight.seconds * 1000, 1)
        if flight.outcome is not Outcome.CAUGHT:
            self.log.error("canary", outcome=flight.outcome.value, ms=ms)
        elif self.last is not Outcome.CAUGHT:
            self.log.info("canary", outcome=flight.outcome.value, ms=ms)
        if self.covered and not flight.covered:
            self.log.warning("canary not covered", see="docs/operateur/contournement.md")


async def _pause(stopping: asyncio.Event, seconds: float) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(stopping.wait(), seconds)
