"""What `openpgp` of the configuration stands for: the keyring, the search beside each mail, and the
care that the release process takes of them."""

from __future__ import annotations

import ssl
from collections.abc import Callable
from pathlib import Path

import structlog

from gateway import hops
from gateway.act.https import Site
from gateway.act.names import Names
from gateway.act.openpgp_keys import Keyring
from gateway.act.resolve import Resolver
from gateway.act.wkd import KEY_BYTES
from gateway.config import Config
from gateway.config_signing import resolver_address
from gateway.decide.places import Domains, domain_of
from gateway.errors import Misconfigured
from gateway.means.found_keys import FoundKeys
from gateway.means.key_care import KeyCare
from gateway.means.key_search import KeySearch
from gateway.store.keys import load_hmac
from gateway.watch.metrics import openpgp_keys_expiring

FOLDER = "openpgp"  # beside the database
ORIGINS = ("wkd", "autocrypt")  # the surer first
FETCH_SECONDS = 10.0  # a mail waits two; what comes later serves the next


def keyring(config: Config) -> Keyring | None:
    """None where `openpgp` says nothing. Where `hmac.key` cannot be read, what was found is not
    known: a command run by somebody else sees the operator's folder alone."""
    told = config.openpgp
    if not told.is_on:
        return None
    wanted = [origin for origin in ORIGINS if getattr(told, origin)]
    kept = [place for origin in wanted if (place := _found(config, origin))]
    return Keyring(told.keys, kept, told.signature)


def search(config: Config, log: structlog.BoundLogger) -> KeySearch | None:
    """None where nothing is looked for."""
    told = config.openpgp
    fetched, received = (_found(config, origin) for origin in ORIGINS)
    if fetched is None or received is None or not (told.wkd or told.autocrypt):
        return None
    return KeySearch(
        _unserved(config),
        fetched,
        received,
        log,
        site=_site(config) if told.wkd else None,
        resolver=_resolver(config) if told.autocrypt else None,
    )


def _unserved(config: Config) -> Callable[[str], bool]:
    """Ours, and whom only the way of MSSanté leads to: his domain need not learn who writes to
    whom there, and an address there may be somebody's INS."""
    ours, space = config.places().is_internal, Domains(config.mssante.domains)
    return lambda address: ours(address) or domain_of(address) in space


def care(config: Config) -> KeyCare:
    found = [place for origin in ORIGINS if (place := _found(config, origin))]
    ring = keyring(config) or Keyring()
    return KeyCare(ring, found, openpgp_keys_expiring(), config.smime.warn_days)


def _found(config: Config, origin: str) -> FoundKeys | None:
    try:
        return FoundKeys(Path(config.data) / FOLDER, load_hmac(config.keys), origin)
    except Misconfigured:
        return None


def _site(config: Config) -> Site:
    names = hops.names(config) or Names()
    return Site(names, ssl.create_default_context(), FETCH_SECONDS, KEY_BYTES)


def _resolver(config: Config) -> Resolver:
    return Resolver([resolver_address(one) for one in config.arc.resolvers], config.arc.seconds)
