"""What `retention` of gateway.yaml stands for; and what is kept now, class by class, since when,
with what proves the erasures: for `vaguemestre retention`.

It counts and looks at times: nothing is opened, so it takes no officer's key.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, select

from gateway.config import Config
from gateway.means import portal_parts
from gateway.retain import decided_before, events_over
from gateway.store import parcel_clock, proof
from gateway.store.classes import DAY_SECONDS, Class, Periods, classes, fading, record
from gateway.store.database import Database
from gateway.store.events import Event, event_of
from gateway.store.keys import load_hmac
from gateway.store.portal_tables import parcels
from gateway.store.schema import accounts, events, holds

LATE_SECONDS = 2 * 3600.0  # the sweep comes every hour
_LAST_SWEEP = select(events).where(events.c.kind == "purged").order_by(events.c.id.desc()).limit(1)


@dataclass(frozen=True, slots=True)
class Shelf:
    """One class as it stands. days: None: no period of its own. oldest: seconds since the epoch.
    late: rows that ought to be gone."""

    name: str
    days: float | None
    count: int
    oldest: float | None
    late: int = 0


@dataclass(frozen=True, slots=True)
class Kept:
    """swept: the last sweep that erased anything."""

    shelves: tuple[Shelf, ...]
    swept: Event | None
    proof: proof.Checked

    @property
    def sound(self) -> bool:
        return self.proof.sound and not any(shelf.late for shelf in self.shelves)


def periods(config: Config) -> Periods:
    kept = config.retention
    return Periods(
        decided=kept.decided_days,
        sent=kept.sent_days,
        failed=kept.failed_days,
        monitored=kept.monitored_days,
        sign_in=kept.sign_in_days,
        events=kept.events_days,
        incidents=kept.incidents_days,
        figures=kept.figures_days,
    )


async def overview(config: Config, database: Database, now: float, known: str = "") -> Kept:
    """known: a proof noted elsewhere. Raises Temporary."""
    key = load_hmac(config.keys)

    def work(connection: Connection) -> Kept:
        row = connection.execute(_LAST_SWEEP).one_or_none()
        return Kept(
            _shelves(connection, config, now),
            event_of(row) if row else None,
            proof.check(connection, key, known),
        )

    kept = await database.read(work)
    if config.portal is None:
        return kept
    portal = portal_parts.database(config)
    try:
        shelves = await portal.read(partial(_parcels, now=now, days=config.portal.days))
    finally:
        portal.close()
    return Kept((*kept.shelves, *shelves), kept.swept, kept.proof)


def _shelves(connection: Connection, config: Config, now: float) -> tuple[Shelf, ...]:
    after, late = periods(config), now - LATE_SECONDS
    held = Class("held", holds, holds.c.held, which=holds.c.decided.is_(None))
    decided = Class("decided", holds, holds.c.decided, after.decided, holds.c.decided.is_not(None))
    closed = Class("accounts", accounts, accounts.c.created, which=accounts.c.disabled.is_(True))
    read = partial(_shelf, connection)
    return (
        read(held, None, false()),
        read(decided, after.decided, decided_before(late, after)),
        *(read(one, one.days or None, one.over(late)) for one in classes(after)),
        *(
            read(one, config.history.forget, one.over(late), one.table.c.get("day"))
            for one in fading()
        ),
        *(read(one, one.days, events_over(one, late)) for one in record(after)),
        read(closed, None, false()),
    )


def _parcels(connection: Connection, now: float, days: float) -> tuple[Shelf, ...]:
    open_ = Class("parcels", parcels, parcels.c.until, which=parcels.c.how == "")
    kept = parcel_clock.KEPT_SECONDS / DAY_SECONDS
    closed = Class("closed parcels", parcels, parcels.c.closed, kept, parcels.c.how != "")
    return (
        _shelf(connection, open_, days, open_.over(now - LATE_SECONDS), parcels.c.made),
        _shelf(connection, closed, kept, closed.over(now - LATE_SECONDS)),
    )


def _shelf(
    connection: Connection,
    one: Class,
    days: float | None,
    over: ColumnElement[bool],
    since: ColumnElement[Any] | None = None,
) -> Shelf:
    """over: what ought to be gone. since: the column that the oldest is told by, where it is not
    the one that the period is counted from."""
    count, oldest = connection.execute(one.standing(since)).one()
    late = connection.execute(select(func.count()).select_from(one.table).where(over)).scalar_one()
    if oldest is not None and one.ordinal:
        oldest = datetime.combine(date.fromordinal(oldest), time()).timestamp()
    return Shelf(one.name, days, count, oldest, late)
