"""Parcels on their way in: kept before the mail with their link leaves, as the door sees to it.

A second copy is possible, as with all that we send: killed between the next hop's 250 and our own
record, the door makes another parcel at the retry, and the first goes by its deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from gateway.act.portal_letters import About, PortalLetters
from gateway.errors import Temporary
from gateway.model import Letter
from gateway.parcel import Box, Parcel
from gateway.store.parcel_parts import Parties
from gateway.store.parcels import Parcels


async def no_phone(address: str) -> str:
    return ""


@dataclass(frozen=True, slots=True)
class DoorPickup:
    """`gateway.ports.Pickup`. compartment_of: whose keys what concerns a sender is sealed to.
    box_of: of a recipient; None where nobody has any. phone_of: as a directory knows it, or ""."""

    parcels: Parcels
    letters: PortalLetters
    compartment_of: Callable[[str], str]
    clock: Callable[[], float] = time.time
    box_of: Callable[[str], Box | None] = lambda address: None
    phone_of: Callable[[str], Awaitable[str]] = no_phone

    async def keep(self, parcel: Parcel) -> None:
        about = about_of(parcel)
        parties = Parties(
            about.sender,
            about.recipient,
            about.own,
            parcel.message_id,
            about.received,
            about.until,
        )
        where = self.compartment_of(about.sender)
        phone = await self.phone_of(parcel.recipient)
        try:
            row = await asyncio.to_thread(self._sealed, parcel, parties, where, phone)
        except OSError as error:  # disk full, read-only, failing
            raise Temporary("a parcel cannot be kept") from error
        await self.parcels.keep(row)

    def _sealed(self, parcel: Parcel, parties: Parties, where: str, phone: str) -> dict[str, Any]:
        return self.parcels.sealed(parcel, parties, where, self.box_of(parcel.recipient), phone)

    async def sent(self, parcel: Parcel) -> None:
        with contextlib.suppress(Temporary):
            await self.parcels.sent(parcel.link)

    async def withdraw(self, parcel: Parcel) -> None:
        with contextlib.suppress(Temporary):
            await self.parcels.withdraw(parcel.link)

    def letter(self, parcel: Parcel) -> Letter:
        return self.letters.code(about_of(parcel), parcel.code, self.clock())


def about_of(parcel: Parcel) -> About:
    mail = parcel.mail
    return About(
        mail.id, mail.envelope.sender, parcel.recipient, parcel.own, mail.received, parcel.until
    )
