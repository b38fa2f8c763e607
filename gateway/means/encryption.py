"""What encrypts, for the door and for the release process: the channels' order, the wall behind
which pages are drawn, the telephones that passwords go to."""

from __future__ import annotations

from dataclasses import dataclass

import structlog

from gateway import parts
from gateway.act.encrypt import Channels, Encrypt, no_texts
from gateway.act.notice import Notices
from gateway.config import Config
from gateway.means import drawn, mssante_parts, portal_parts, telephones, texting
from gateway.means.drawn import Drawing
from gateway.means.pickup import no_phone
from gateway.means.telephones import Telephones
from gateway.means.texting import Texting
from gateway.model import Disposition
from gateway.ports import Action, Custody, Relay
from gateway.sandbox.wall import SandboxWall


@dataclass(frozen=True, slots=True)
class Workshop:
    """wall: None where nothing is drawn. texting, telephones: None where nobody is texted to, or no
    directory knows whom."""

    wall: SandboxWall | None
    texting: Texting | None
    telephones: Telephones | None

    async def close(self) -> None:
        if self.wall:
            await self.wall.close()


async def workshop(config: Config, log: structlog.BoundLogger) -> Workshop:
    """Before any key is in this process, and before it leaves root."""
    wall = drawn.wall(config, log)
    if wall:
        await wall.start()
    known = config.portal.telephones if config.portal else None
    return Workshop(wall, texting.of(config, log), telephones.of(known, log) if known else None)


def encrypt(
    config: Config,
    workshop: Workshop,
    channels: Channels,
    relay: Relay,
    custody: Custody,
    notices: Notices,
    *,
    remembers: bool = True,
) -> Action:
    """remembers: the mail may come again from the client."""
    made = Encrypt(
        channels,
        relay,
        custody,
        parts.stamp(config).on_written,
        notices.pdf_secret,
        pickup=portal_parts.pickup(config, workshop.telephones or no_phone),
        draw=Drawing(workshop.wall) if workshop.wall else None,
        text=workshop.texting or no_texts,
        remembers=remembers,
    )
    return mssante_parts.through(channels.means.space, relay, Disposition.ENCRYPT, made)


def of_held(
    config: Config, workshop: Workshop, relay: Relay, custody: Custody, notices: Notices
) -> Action:
    """Of held mail: it does not come again from a client."""
    channels = parts.channels(config)
    return encrypt(config, workshop, channels, relay, custody, notices, remembers=False)
