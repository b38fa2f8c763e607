"""Certificates, keys and the white list, for the channels: what is looked up beside the inspection
of each mail, and what the release process does for them from time to time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from gateway.act.notice import Notices
from gateway.config import Config
from gateway.means import certificate_duties, mssante_parts, openpgp_parts
from gateway.means.unfailing import unfailing
from gateway.model import Mail
from gateway.ports import Ahead
from gateway.store.database import Database
from gateway.store.keys import SealingKey


def ahead(config: Config, log: structlog.BoundLogger) -> Ahead | None:
    """All of them at once. None where nothing is looked up."""
    made = (certificate_duties.search(config, log), openpgp_parts.search(config, log))
    several = [one for one in made if one is not None]

    async def of(mail: Mail) -> None:
        await asyncio.gather(*(alone(one, mail) for one in several))

    async def alone(one: Ahead, mail: Mail) -> None:
        with unfailing(log):
            await one(mail)

    return of if several else None


def care(
    config: Config,
    database: Database,
    notices: Notices,
    sealing: Sequence[SealingKey],
    log: structlog.BoundLogger,
) -> tuple[Callable[[float], Awaitable[None]], ...]:
    """Duties of the clock."""
    certificates = certificate_duties.care(config, database, notices, sealing, log)
    space = mssante_parts.care(config, database, notices, sealing, log)
    return certificates, openpgp_parts.care(config), *([space] if space else [])
