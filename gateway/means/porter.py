"""Between the portal and the outbox: what happened to parcels is told, what is late goes.

Run by the release process. The portal itself can tell nobody anything: it leaves news, sealed, in
its own store; here they become letters to senders of ours. A letter is in the outbox before its
news are struck out, so that killed in between it is written twice, never not at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy import Connection

from gateway.act import portal_reply
from gateway.act.portal_letters import About, PortalLetters
from gateway.act.portal_reply import Answer
from gateway.model import Letter
from gateway.store import codec
from gateway.store.boxes import Boxes
from gateway.store.database import Database
from gateway.store.events import note
from gateway.store.incidents import Incidents, Kind, Report
from gateway.store.keys import OpeningKey, SealingKey, of_compartment
from gateway.store.outbox import put_letters, sealed_letters
from gateway.store.parcel_clock import Happened, ParcelClock
from gateway.store.parcel_parts import News, Parties
from gateway.watch.log import where

NEWS_SECONDS = 2.0  # somebody is on the telephone, waiting for a code
ROUND_SECONDS = 30.0  # deadlines are days
SWEEP_SECONDS = 3600.0


@dataclass(slots=True)
class Porter:
    """database: the quarantine's, with the outbox, the events and the incidents.
    count: how many parcels wait, by state. stuck: ids of news that cannot be told."""

    parcels: ParcelClock
    database: Database
    letters: PortalLetters
    incidents: Incidents
    opening: Sequence[OpeningKey]
    sealing: Sequence[SealingKey]
    log: structlog.BoundLogger
    clock: Callable[[], float] = time.time
    boxes: Boxes | None = None
    count: Callable[[str, int], None] = lambda state, number: None
    next_round: float = 0.0
    next_sweep: float = 0.0
    stuck: set[int] = field(default_factory=set)

    async def keep(self, stopping: asyncio.Event) -> None:
        """Until told to stop; a store that is away is asked again."""
        while not stopping.is_set():
            try:
                await self.once()
            except Exception as error:
                self.log.error("porter deferred", **where(error))
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stopping.wait(), NEWS_SECONDS)

    async def once(self) -> None:
        now = self.clock()
        async for one in self.parcels.news(frozenset(self.stuck)):
            if await self._carry(one, one.at):
                await self.parcels.told(one)
            else:
                self.stuck.add(one.id)
        if now >= self.next_round:
            self.next_round = now + ROUND_SECONDS
            await self._due(now)
        if now >= self.next_sweep:
            self.next_sweep = now + SWEEP_SECONDS
            await self.parcels.sweep()
            if self.boxes:
                await asyncio.to_thread(self.boxes.sweep)

    async def _due(self, now: float) -> None:
        for one in await self.parcels.unread():
            await self._carry(one, now)
            await self.parcels.reminded(one)
        for one in await self.parcels.over():
            if one.kind == "expired":
                await self._carry(one, now)
            await self.parcels.end(one)  # told or not: the day was promised
        standing = await self.parcels.standing()
        for state in ("unread", "read", "locked"):
            self.count(state, getattr(standing, state))

    async def _carry(self, one: Happened, now: float) -> bool:
        """Into the outbox. False: no key here opens it, or nothing can be made of it. News stay
        where they are until the next start, a month at most, and hold up no others."""
        try:
            letters, incident = self._letters(one, now), self._incident(one)
        except Exception as error:
            self.log.error(
                "parcel: its news cannot be told", id=one.about, what=one.kind, **where(error)
            )
            return False
        rows = sealed_letters(letters, of_compartment(self.sealing, one.compartment))

        def work(connection: Connection) -> None:
            put_letters(connection, rows, now)
            if incident is not None:
                self.incidents.put(connection, incident)
            note(connection, f"portal {one.kind}", now, one.about)

        await self.database.write(work)
        self.log.info("parcel", id=one.about, what=one.kind, letters=len(letters))
        return True

    def _letters(self, one: Happened, now: float) -> list[Letter]:
        """Raises CannotOpen."""
        who, write = one.who(self.opening), self.letters
        about = About(one.about, who.sender, who.recipient, who.own, who.received, who.until)
        letters: list[Letter | None] = []
        match one.kind:
            case News.OPENED:
                letters.append(write.read(about, now))
            case News.CODE:
                letters.append(write.code(about, one.said(self.opening).decode(), now, anew=True))
            case News.REPLY:
                letters.append(self._reply(one, who, now))
            case News.CHOSEN:
                letters.append(write.chosen(about, now))
            case News.LOCKED:
                letters.append(write.locked(about, now))
            case News.RECALLED | News.RECALLED_READ:
                letters.append(write.recalled(about, now, read=one.kind == News.RECALLED_READ))
            case News.REFUSED | News.REFUSED_READ:
                letters.append(write.refused(about, now))
            case "unread":
                letters.append(write.unread(about, now))
            case "expired":
                letters.append(write.expired(about, now))
        return [letter for letter in letters if letter]

    def _incident(self, one: Happened) -> dict[str, Any] | None:
        """A row, where somebody says that it was not for him: officers are told by `IncidentCare`.
        Raises CannotOpen."""
        kinds = {News.REFUSED: Kind.PORTAL, News.REFUSED_READ: Kind.PORTAL_READ}
        if one.kind not in kinds:
            return None
        who, kind = one.who(self.opening), kinds[News(one.kind)]
        report = Report(
            kind, one.at, one.about, one.compartment, who.sender, who.recipient, sure=True
        )
        return self.incidents.sealed(report)

    def _reply(self, one: Happened, who: Parties, now: float) -> Letter | None:
        if not self.letters.ours(who.sender):
            return None
        return portal_reply.reply(
            codec.load(Answer, one.said(self.opening)),
            sender=self.letters.sender,
            to=who.sender,
            author=who.recipient,
            message_id=who.message_id,
            dossier=one.about,
            when=now,
        )
