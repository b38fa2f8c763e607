"""Officers are told of incidents: the first at once, those of the hour after it together.

A duty of the clock. Whatever opened them (the portal's news, a mail to the address for it), here
is the one place that writes of them; told and written in one transaction, by one process.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

from gateway.act import incident_letter
from gateway.act.calendar import WorkingDays
from gateway.store.incidents import Incidents

BETWEEN_SECONDS = 3600.0  # letters to the same officers


@dataclass(frozen=True, slots=True)
class IncidentCare:
    """officers_of: of a compartment."""

    incidents: Incidents
    officers_of: Callable[[str], Sequence[str]]
    sender: str
    url: str
    calendar: WorkingDays
    log: structlog.BoundLogger

    async def __call__(self, now: float) -> None:
        for several in await self.incidents.untold():
            if now < several.before + BETWEEN_SECONDS:
                continue
            letter = incident_letter.letter(
                len(several.ids),
                several.since,
                now,
                sender=self.sender,
                to=self.officers_of(several.compartment),
                url=self.url,
                calendar=self.calendar,
            )
            if await self.incidents.tell(several, [letter] if letter else []):
                self.log.warning(
                    "incidents", count=len(several.ids), compartment=several.compartment
                )
