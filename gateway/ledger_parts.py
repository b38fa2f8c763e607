"""The ledger of correspondents, built from the Config: to be asked, to learn, to be kept clean. The
incidents that pairs are blocked for, and the telling of them."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from gateway import parts
from gateway.act.calendar import WorkingDays
from gateway.config import Config
from gateway.ldap.staff import Terms
from gateway.ledger import Lessons, Policy, StoreLedger
from gateway.likeness import keys
from gateway.logins import authority, reader_of
from gateway.means.incident_care import IncidentCare
from gateway.means.staff_care import Roll, StaffCare
from gateway.store.correspondents import Correspondents, Fading
from gateway.store.database import Database
from gateway.store.incidents import Incidents
from gateway.store.keys import load_hmac, load_public
from gateway.store.staff import Staff


def correspondents(config: Config, database: Database) -> Correspondents:
    told = config.history
    fading = Fading(told.half_life, told.forget)
    return Correspondents(database, load_hmac(config.keys), fading)


def staff(database: Database) -> Staff:
    return Staff(database, keys)


def policy(config: Config) -> Policy:
    told, places = config.history, config.places()
    return Policy(
        ours=places.is_internal,
        counted=places.counted,
        enabled=told.enabled,
        protected=told.protected,
        exempt=told.exempt,
        learn_days=told.learn,
        seconds=told.seconds,
        series=told.series,
        keep_days=told.forget,
        familiar=tuple(
            one.removeprefix("*.").lower() for one in (*config.domains, *config.webmail)
        ),
    )


def ledger(config: Config, database: Database, count: Callable[[str], None]) -> StoreLedger:
    known, colleagues = correspondents(config, database), staff(database)
    blocked = incidents(config, database).blocked
    return StoreLedger(known, colleagues, policy(config), count, blocked=blocked)


def incidents(config: Config, database: Database) -> Incidents:
    sealing, key = load_public(config.keys), load_hmac(config.keys)
    return Incidents(database, sealing, key, policy(config).is_protected)


def lessons(config: Config, database: Database) -> Lessons:
    return Lessons(correspondents(config, database), staff(database), policy(config))


def roll(config: Config, database: Database) -> Roll | None:
    """None where no directory is configured. Misconfigured where its login cannot be read."""
    told = config.history.ldap
    if told is None:
        return None
    reader, password = reader_of(told.auth)
    terms = Terms(
        host=told.host,
        port=told.port,
        security=told.security,
        base=told.base,
        reader=reader,
        password=password,
        addresses=told.attributes,
        equal=tuple(told.match.items()),
    )
    return Roll(terms, authority(told.ca), parts.ours(config), staff(database))


def staff_care(
    config: Config, database: Database, log: structlog.BoundLogger
) -> tuple[StaffCare, ...]:
    """The duty that looks staff up, where they stand in a directory."""
    found = roll(config, database)
    every = config.history.ldap.hours * 3600.0 if config.history.ldap else 0.0
    return (StaffCare(found, every, log),) if found else ()


def care(config: Config, database: Database, log: structlog.BoundLogger) -> IncidentCare:
    """The duty that tells officers of incidents."""
    teams = parts.compartments(config)
    return IncidentCare(
        incidents(config, database),
        lambda compartment: teams.named(compartment).officers,
        config.notices_from,
        config.console_url,
        WorkingDays(config.notices.timezone),
        log,
    )
