"""What `portal` of the configuration stands for, to the door and the release process: the store of
parcels, and what its senders are told."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence

import structlog

from gateway import ledger_parts, parts
from gateway.act.calendar import WorkingDays
from gateway.act.portal_letters import PortalLetters
from gateway.config import Config
from gateway.config_portal import Portal
from gateway.errors import Misconfigured
from gateway.means.pickup import DoorPickup, no_phone
from gateway.means.portal_boxes import boxes as boxes_of
from gateway.means.portal_boxes import folder, office
from gateway.means.porter import Porter
from gateway.store import portal_tables
from gateway.store.blobs import Blobs
from gateway.store.database import Database, engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import OpeningKey, load_public
from gateway.store.parcel_clock import ParcelClock
from gateway.store.parcels import Parcels
from gateway.watch import metrics

FILE = "portal.db"


def told(config: Config) -> Portal:
    if config.portal is None:
        raise Misconfigured("portal: there is none")
    return config.portal


def database(config: Config) -> Database:
    """Open after a fork, as any; tables are made by whoever comes first."""
    engine = engine_of(told(config).database or f"sqlite:///{folder(config)}/{FILE}")
    portal_tables.prepare(engine)
    return Database(engine)


def blobs(config: Config) -> Blobs:
    return FileBlobs(folder(config) / parts.BLOBS)


def letters(config: Config) -> PortalLetters:
    return PortalLetters(
        ours=parts.ours(config),
        sender=config.notices_from,
        url=told(config).url,
        sms=told(config).sms is not None,
        help=config.notices.address,
        calendar=WorkingDays(config.notices.timezone),
    )


def pickup(
    config: Config, phone_of: Callable[[str], Awaitable[str]] = no_phone
) -> DoorPickup | None:
    """None where there is no portal."""
    if config.portal is None:
        return None
    parcels = Parcels(database(config), blobs(config), load_public(config.keys))
    counter = office(config)
    return DoorPickup(
        parcels,
        letters(config),
        parts.compartments(config).name_of,
        box_of=counter.box if counter else lambda address: None,
        phone_of=phone_of,
    )


async def carry(
    config: Config,
    quarantine: Database,
    opening: Sequence[OpeningKey],
    log: structlog.BoundLogger,
    stopping: asyncio.Event,
) -> None:
    """What happens on the portal, to its senders, until told to stop; nothing where there is
    none."""
    if config.portal is None:
        return
    store, gauge = database(config), metrics.parcels()
    porter = Porter(
        ParcelClock(store, blobs(config)),
        quarantine,
        letters(config),
        ledger_parts.incidents(config, quarantine),
        opening,
        load_public(config.keys),
        log,
        boxes=boxes_of(config),
        count=lambda state, number: gauge.labels(state).set(number),
    )
    await porter.keep(stopping)
    store.close()
