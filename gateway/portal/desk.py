"""What the portal's pages work with; built by `gateway.serve`."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from weakref import WeakValueDictionary
from zoneinfo import ZoneInfo

import structlog

from gateway.act.portal_reply import Answer
from gateway.act.sms import Sms
from gateway.guard import Guard
from gateway.parcel import Box, Terms
from gateway.passkey import Site
from gateway.store.boxes import Boxes, id_of
from gateway.store.parcel_sender import Senders
from gateway.store.parcels import Parcels
from gateway.store.portal_keys import PortalKeys

READERS = 4  # messages opened at once, whoever else wants to
TURNS = 3  # requests of one parcel at once: its page, and files that take a while


@dataclass(frozen=True, slots=True)
class Accounts:
    """site: the portal as browsers know it."""

    site: Site
    keys: PortalKeys


@dataclass(frozen=True, slots=True)
class Desk:
    """organisation: as strangers know us. colour: "#0b5563". reply: octets of an answer.
    unread: how many files of an answer nobody could read. boxes: None where nobody chooses a
    password. accounts: None where nobody registers a passkey. guard: of each address that
    comes."""

    parcels: Parcels
    senders: Senders
    terms: Terms
    organisation: str
    colour: str
    reply: int
    unread: Callable[[Answer], Awaitable[int]]
    log: structlog.BoundLogger
    sms: Sms | None = None
    boxes: Boxes | None = None
    accounts: Accounts | None = None
    guard: Guard = field(default_factory=Guard)
    clock: Callable[[], float] = time.time
    room: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(READERS))
    turns: WeakValueDictionary[str, asyncio.Semaphore] = field(default_factory=WeakValueDictionary)

    def turn(self, parcel: str) -> asyncio.Semaphore:
        """Of those who ask for the same parcel."""
        return self.turns.setdefault(parcel, asyncio.Semaphore(TURNS))

    async def give_up(self, box: Box | None) -> None:
        """What somebody left in his box who says that he is somebody else."""
        if box and self.boxes:
            self.boxes.withdraw(box.token)
        if box and self.accounts:
            await self.accounts.keys.forget(id_of(box.token))

    @property
    def secure(self) -> bool:
        return self.terms.url.startswith("https://")

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.terms.zone)
