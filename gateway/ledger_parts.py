"""The ledger of correspondents, built from the Config: to be asked, to learn, to be kept clean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

import structlog

from gateway.config import Config
from gateway.ledger import Lessons, Policy, StoreLedger
from gateway.likeness import keys
from gateway.store.correspondents import Correspondents, Fading
from gateway.store.database import Database
from gateway.store.keys import load_hmac
from gateway.store.staff import Staff

PURGE_SECONDS = 3600.0


def correspondents(config: Config, database: Database) -> Correspondents:
    told = config.history
    fading = Fading(told.half_life, told.forget)
    return Correspondents(database, load_hmac(config.keys), fading)


def staff(database: Database) -> Staff:
    return Staff(database, keys)


def policy(config: Config) -> Policy:
    told = config.history
    return Policy(
        ours=config.places().is_internal,
        enabled=told.enabled,
        protected=told.protected,
        exempt=told.exempt,
        learn_days=told.learn,
        seconds=told.seconds,
        series=told.series,
        keep_days=told.forget,
    )


def ledger(config: Config, database: Database, count: Callable[[str], None]) -> StoreLedger | None:
    """None where nothing is learnt."""
    if not config.history.enabled:
        return None
    return StoreLedger(correspondents(config, database), staff(database), policy(config), count)


def lessons(config: Config, database: Database) -> Lessons:
    return Lessons(correspondents(config, database), staff(database), policy(config))


@dataclass(slots=True)
class HistoryCare:
    """A duty of the clock: what has faded goes, whether anything is still learnt or not."""

    correspondents: Correspondents
    staff: Staff
    log: structlog.BoundLogger
    next: float = 0.0

    async def __call__(self, now: float) -> None:
        if now < self.next:
            return
        self.next = now + PURGE_SECONDS
        today = date.fromtimestamp(now).toordinal()
        gone = await self.correspondents.purge(today) + await self.staff.purge(today)
        if gone:
            self.log.info("history forgotten", rows=gone)


def care(config: Config, database: Database, log: structlog.BoundLogger) -> HistoryCare:
    return HistoryCare(correspondents(config, database), staff(database), log)
