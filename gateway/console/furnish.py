"""The desk, furnished from the Config: what `gateway.serve` starts the console with."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import structlog

from gateway import ledger_parts, parts, waiting_parts
from gateway.act.calendar import WorkingDays
from gateway.config import Config
from gateway.config_ways import Group, Ldap, Oidc
from gateway.console.bench import Bench, Values
from gateway.console.coffer import Coffer
from gateway.console.desk import Desk
from gateway.console.exceptions import Exceptions
from gateway.console.pages.provider import RETURN
from gateway.console.sight import Sight
from gateway.console.ways import ldap, oidc
from gateway.console.ways.entrance import Entrance
from gateway.console.ways.fetch import Fetcher
from gateway.console.ways.groups import Grant
from gateway.detect import search
from gateway.errors import Misconfigured
from gateway.logins import authority, directory_of
from gateway.means import mssante_parts, portal_parts
from gateway.passkey import Site
from gateway.ports import Wall
from gateway.sandbox.inspector import DoorInspector
from gateway.store import allowed
from gateway.store.accounts import Accounts
from gateway.store.appeals import Appeals
from gateway.store.attempts import Attempts
from gateway.store.database import Database
from gateway.store.figures import Figures
from gateway.store.health import Health
from gateway.store.holds import Holds
from gateway.store.identities import Identities
from gateway.store.keyrings import Keyrings
from gateway.store.keys import (
    DEFAULT,
    load_content,
    load_hmac,
    load_private,
    load_public,
    separated,
)
from gateway.store.letters import Letters
from gateway.store.monitored import Monitored
from gateway.store.parcel_sender import Senders
from gateway.store.passkeys import Passkeys
from gateway.store.permits import Permits
from gateway.store.queue import Queue
from gateway.store.sessions import Sessions
from gateway.store.tokens import Tokens

FIGURES_SECONDS = 2.0  # that counts may be old, where nobody here ruled meanwhile


def desk(
    config: Config,
    database: Database,
    titles: parts.Titles,
    log: structlog.BoundLogger,
    wall: Wall | None,
    reload: Callable[[], None],
) -> Desk:
    sealing, hmac_key, blobs = load_public(config.keys), load_hmac(config.keys), parts.blobs(config)
    opening = load_private(config.keys, parts.passphrase())
    notices = parts.notices(config, titles, hmac_key)
    reviewing = waiting_parts.reviewing(config, database, sealing, opening, notices)
    return Desk(
        holds=Holds(database, blobs, sealing, hmac_key),
        waits=reviewing.waits,
        reviewing=reviewing,
        queue=Queue(database, sealing, hmac_key, remember=FIGURES_SECONDS),
        accounts=Accounts(database, sealing, hmac_key),
        sessions=Sessions(database),
        tokens=Tokens(database),
        entrance=_entrance(config, database),
        appeals=Appeals(database, sealing, hmac_key),
        coffer=Coffer(Keyrings(database), load_content(config.keys)),
        sight=_sight(config, database, wall),
        exceptions=_exceptions(config, reload),
        figures=Figures(database, parts.timezone(config)),
        health=Health(database, blobs),
        monitored=Monitored(database),
        incidents=ledger_parts.incidents(config, database),
        bench=_bench(config, titles, wall, hmac_key),
        notices=notices,
        keys=opening,
        calendar=WorkingDays(config.notices.timezone),
        rule_title=titles,
        log=log,
        url=config.console_url,
        organisation=config.notices.organisation,
        separated=separated(config.keys),
        urges=parts.urges(config),
        why_not=parts.channels(config).why_not,
        practice=config.console is not None and config.console.profile == "practice",
        parcels=Senders(portal_parts.database(config)) if config.portal else None,
        compartment_of=parts.compartments(config).name_of,
        undeclared=lambda day: tuple(config.declared.missing(day)),
    )


def _entrance(config: Config, database: Database) -> Entrance:
    sealing, hmac_key = load_public(config.keys), load_hmac(config.keys)
    return Entrance(
        Attempts(database),
        Identities(database, hmac_key),
        Passkeys(database, sealing, hmac_key),
        Site.of(config.console_url),
        provider(config),
        directory(config),
    )


def _exceptions(config: Config, reload: Callable[[], None]) -> Exceptions:
    webmail = config.places().is_webmail
    return Exceptions(config.rules, search.kinds, config.partners.keys(), webmail, reload)


def _sight(config: Config, database: Database, wall: Wall | None) -> Sight:
    return Sight(
        Permits(database, load_public(config.keys)),
        Letters(database),
        load_hmac(config.keys),
        wall,
        config.limits.of_inspection(),
        config.console.four_eyes if config.console else (),
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
        space=mssante_parts.space(config),
        observation=parts.observation(config),
        reviewers=frozenset(config.reviewers),
    )


def provider(config: Config) -> oidc.Provider | None:
    """Misconfigured where its secret or its authority cannot be read; nobody is asked yet."""
    told: Oidc | None = config.console.oidc if config.console else None
    if told is None:
        return None
    terms = oidc.Terms(
        name=told.name,
        issuer=told.issuer,
        client_id=told.client_id,
        redirect_uri=config.console_url + RETURN,
        secret=_secret(told.client_secret) if told.client_secret else None,
        scopes=told.scopes,
        account=told.account_claim,
        address=told.address_claim,
        groups=told.groups_claim,
        userinfo=told.userinfo,
        acr=told.acr,
        amr=told.amr,
        grants=_grants(config, told.groups),
        end_session=told.end_session,
    )
    return oidc.Provider(terms, Fetcher(authority(told.ca)))


def directory(config: Config) -> ldap.Directory | None:
    """Misconfigured as for `provider`."""
    told: Ldap | None = config.console.ldap if config.console else None
    if told is None:
        return None
    groups = told.groups_attribute if told.groups else ""
    asked = directory_of(told, groups, told.group_base)
    return ldap.Directory(told.title, asked, _grants(config, told.groups))


def _grants(config: Config, groups: Mapping[str, Group]) -> dict[str, Grant]:
    """Whose mail a group sees is said aloud where there are several compartments."""
    known, grants = {DEFAULT, *config.compartments}, {}
    for name, one in groups.items():
        everything = one.compartments == ("*",) or (not one.compartments and len(known) < 2)
        wrong = set(one.compartments) - known
        if not everything and (wrong or not one.compartments):
            remedy = f"name some of {', '.join(sorted(known))}, or '*' for all"
            raise Misconfigured(f"console: group {name}: whose mail? {remedy}")
        grants[name] = Grant(one.roles, () if everything else one.compartments)
    return grants


def _secret(path: Path) -> str:
    try:
        secret = path.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError):
        secret = ""
    if not secret or "\n" in secret:
        raise Misconfigured(f"{path}: not a client's secret on one line")
    return secret
