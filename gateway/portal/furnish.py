"""The portal's desk, furnished from the Config: what `gateway.serve` starts the portal with.

No key of the gateway's is on it but public ones: of what it shows, the keys come with its visitors.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog

from gateway import parts
from gateway.act import portal_reply
from gateway.act.portal_reply import Answer
from gateway.act.sms import Sms
from gateway.config import Config
from gateway.means import portal_parts
from gateway.means.portal_boxes import boxes
from gateway.model import Limits, Trouble
from gateway.passkey import Site
from gateway.portal.desk import Accounts, Desk
from gateway.ports import Wall
from gateway.store.keys import SealingKey
from gateway.store.parcel_sender import Senders
from gateway.store.parcels import Parcels
from gateway.store.portal_keys import PortalKeys

READ_SECONDS = 30.0  # that whoever sent an answer waits at most, while its files are looked at
_HARMLESS = frozenset({Trouble.NO_TEXT, Trouble.SOUND, Trouble.CUT, Trouble.OPENED})


def desk(
    config: Config,
    sealing: tuple[SealingKey, ...],
    sms: Sms | None,
    wall: Wall | None,
    log: structlog.BoundLogger,
) -> Desk:
    terms, told = parts.portal_terms(config), portal_parts.told(config)
    assert terms is not None
    database = portal_parts.database(config)
    site = Site.of(told.url, config.notices.organisation or "Portail de messages")
    return Desk(
        parcels=Parcels(database, portal_parts.blobs(config), sealing),
        senders=Senders(database),
        terms=terms,
        organisation=config.notices.organisation,
        colour=told.colour,
        reply=told.reply,
        unread=reader(wall, config.limits.of_inspection()),
        log=log,
        sms=sms,
        boxes=boxes(config),
        accounts=Accounts(site, PortalKeys(database)) if told.accounts else None,
    )


def reader(wall: Wall | None, limits: Limits) -> Callable[[Answer], Awaitable[int]]:
    """How many files of an answer nobody could read: a password, a program, damage. Without a wall,
    all of them."""

    async def unread(answer: Answer) -> int:
        if wall is None:
            return len(answer.files)
        mail = portal_reply.written(answer)
        reading = await wall.read(mail, limits, seconds=READ_SECONDS)
        told = {
            problem.place.part.partition("!")[0]
            for problem in reading.problems
            if problem.kind not in _HARMLESS
        }
        return min(len(told), len(answer.files))

    return unread
