"""The desk, furnished from the Config: what `gateway.serve` starts the console with."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from gateway import parts
from gateway.act.calendar import WorkingDays
from gateway.config import Config
from gateway.console.bench import Bench, Values
from gateway.console.desk import Desk
from gateway.console.exceptions import Exceptions
from gateway.console.sight import Sight
from gateway.detect import search
from gateway.ports import Wall
from gateway.sandbox.inspector import DoorInspector
from gateway.store import allowed
from gateway.store.accounts import Accounts
from gateway.store.appeals import Appeals
from gateway.store.database import Database
from gateway.store.figures import Figures
from gateway.store.health import Health
from gateway.store.holds import Holds
from gateway.store.keys import load_hmac, load_private, load_public, separated
from gateway.store.letters import Letters
from gateway.store.permits import Permits
from gateway.store.queue import Queue
from gateway.store.sessions import Sessions

FIGURES_SECONDS = 2.0  # that counts may be old, where nobody here ruled meanwhile


def desk(
    config: Config,
    database: Database,
    titles: parts.Titles,
    log: structlog.BoundLogger,
    wall: Wall | None,
    reload: Callable[[], None],
) -> Desk:
    sealing, hmac_key = load_public(config.keys), load_hmac(config.keys)
    return Desk(
        holds=Holds(database, parts.blobs(config), sealing, hmac_key),
        queue=Queue(database, sealing, hmac_key, remember=FIGURES_SECONDS),
        accounts=Accounts(database, sealing, hmac_key),
        sessions=Sessions(database),
        appeals=Appeals(database, sealing, hmac_key),
        sight=Sight(
            Permits(database, sealing),
            Letters(database),
            hmac_key,
            wall,
            config.limits.of_inspection(),
            config.console.four_eyes if config.console else (),
        ),
        exceptions=Exceptions(
            config.rules, search.kinds, config.partners.keys(), config.places().is_webmail, reload
        ),
        figures=Figures(database, parts.timezone(config)),
        health=Health(database, parts.blobs(config)),
        bench=_bench(config, titles, wall, hmac_key),
        notices=parts.notices(config, titles, hmac_key),
        keys=load_private(config.keys, parts.passphrase()),
        calendar=WorkingDays(config.notices.timezone),
        rule_title=titles,
        log=log,
        url=config.console_url,
        organisation=config.notices.organisation,
        separated=separated(config.keys),
        urges=parts.urges(config),
    )


def _bench(config: Config, titles: parts.Titles, wall: Wall | None, key: bytes) -> Bench:
    limits, known = config.limits.of_inspection(), allowed.read(config.keys)
    return Bench(
        rules=lambda: titles.rules,
        stale=lambda: titles.complaint,
        directories=config.rules,
        places=config.places(),
        fits=parts.channels(config).fits,
        inspector=DoorInspector(Values(wall), key, limits, known) if wall else None,
    )
