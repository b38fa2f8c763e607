"""Parcels on their way in: kept before the mail with their link leaves, as the door sees to it.

A second copy is possible, as with all that we send: killed between the next hop's 250 and our own
record, the door makes another parcel at the retry, and the first goes by its deadline.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass

from gateway.act.portal_letters import About, PortalLetters
from gateway.errors import Temporary
from gateway.model import Letter
from gateway.parcel import Parcel
from gateway.store.parcels import Parcels, Parties


@dataclass(frozen=True, slots=True)
class DoorPickup:
    """`gateway.ports.Pickup`. compartment_of: whose keys what concerns a sender is sealed to."""

    parcels: Parcels
    letters: PortalLetters
    compartment_of: Callable[[str], str]
    clock: Callable[[], float] = time.time

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
        try:
            row = await asyncio.to_thread(self.parcels.sealed, parcel, parties, where)
        except OSError as error:  # disk full, read-only, failing
            raise Temporary("a parcel cannot be kept") from error
        await self.parcels.keep(row)

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
