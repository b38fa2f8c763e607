"""What `portal` of the configuration stands for, to the door and the release process: the store of
parcels, and what its senders are told."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from pathlib import Path

import structlog

from gateway import parts
from gateway.act.calendar import WorkingDays
from gateway.act.portal_letters import PortalLetters
from gateway.config import Config
from gateway.config_portal import Portal
from gateway.errors import Misconfigured
from gateway.means.pickup import DoorPickup
from gateway.means.porter import Porter
from gateway.store import portal_tables
from gateway.store.blobs import Blobs
from gateway.store.database import Database, engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.keys import OpeningKey, load_public
from gateway.store.parcel_clock import ParcelClock
from gateway.store.parcels import Parcels
from gateway.watch import metrics

FOLDER, FILE = "portal", "portal.db"


def told(config: Config) -> Portal:
    if config.portal is None:
        raise Misconfigured("portal: there is none")
    return config.portal


def folder(config: Config) -> Path:
    """Of what doors, release and portal share, and nobody else."""
    return Path(config.data).absolute() / FOLDER


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


def pickup(config: Config) -> DoorPickup | None:
    """None where there is no portal."""
    if config.portal is None:
        return None
    parcels = Parcels(database(config), blobs(config), load_public(config.keys))
    return DoorPickup(parcels, letters(config), parts.compartments(config).name_of)


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
        lambda compartment: parts.compartments(config).named(compartment).officers,
        opening,
        load_public(config.keys),
        log,
        count=lambda state, number: gauge.labels(state).set(number),
    )
    await porter.keep(stopping)
    store.close()
