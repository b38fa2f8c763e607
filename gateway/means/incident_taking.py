"""A report of somebody to whom a mail should not have gone, put down as an incident.

Two ways lead here: a mail to the address for it, and what doors hear in mail to ours
(`gateway.heard`). The first blocks the pair where the ledger knows it. The second has only been
understood by a program, so it blocks nothing, and counts only of a pair that the ledger knows.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date

import structlog
from sqlalchemy import select

from gateway import ledger_parts, parts
from gateway.config import Config
from gateway.heard import Heard, HearingJournal
from gateway.means.incident_mail import Said, said
from gateway.ports import Journal
from gateway.store.database import Database
from gateway.store.incidents import Kind, Report
from gateway.store.schema import events


@dataclass(frozen=True, slots=True)
class IncidentTaking:
    config: Config
    database: Database

    async def __call__(self, content: bytes, kind: Kind) -> None:
        """Durable on return, if it is one. Raises Temporary."""
        config = self.config
        aside = (config.incidents.address or "", config.notices_from, *config.officers)
        told = said(content, parts.ours(config), aside)
        if told is None:  # an automaton's: it says nothing of whom a mail was for
            return
        sender, sure = await self._sender(told)
        if kind is Kind.HEARD and not sure:
            return
        about = told.code if await self._is_known(told.code) else ""
        whose, now = parts.compartments(config).name_of(sender), time.time()
        blocks = sure and kind is not Kind.HEARD
        report = Report(kind, now, about, whose, sender, told.reporter, blocks, told.code)
        await ledger_parts.incidents(config, self.database).open(report)

    async def _sender(self, told: Said) -> tuple[str, bool]:
        """Who of those that the mail names wrote to its author; whether the ledger says so."""
        known = ledger_parts.correspondents(self.config, self.database)
        today, series = date.today().toordinal(), self.config.history.series
        met = [
            one
            for one in told.senders
            if told.reporter and (await known.told(one, [told.reporter], "", today, series)).met
        ]
        if len(met) == 1:
            return met[0], True
        return (told.senders[0], False) if len(told.senders) == 1 else ("", False)

    async def _is_known(self, code: str) -> bool:
        """Whether the record speaks of such a mail: nothing else is put down in clear."""
        if not code:
            return False
        query = select(events.c.id).where(events.c.hold_id == code).limit(1)
        return await self.database.read(lambda c: c.execute(query).first() is not None)


def hearing(
    config: Config, database: Database, log: structlog.BoundLogger, journal: Journal
) -> tuple[Heard, Journal]:
    """What listens, and the journal that it is told by: the same one where nobody asked for it."""
    taking = IncidentTaking(config, database)
    heard = Heard(parts.ours(config), lambda content: taking(content, Kind.HEARD), log)
    return heard, HearingJournal(journal, heard) if config.incidents.inbound else journal
