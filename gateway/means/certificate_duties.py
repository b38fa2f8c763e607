"""What the section `smime` has processes do: doors search beside each mail, the release process
takes care of what there is."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

import structlog

from gateway.act.certificate_path import Anchors
from gateway.act.notice import Notices
from gateway.act.revocation_fetch import Fetcher
from gateway.config import Config
from gateway.config_smime import CertificateLdap
from gateway.ldap.certificates import CertificateDirectory
from gateway.ldap.lookup import Terms
from gateway.logins import authority, reader_of
from gateway.means import certificate_parts
from gateway.means.certificate_care import CertificateCare
from gateway.means.certificate_search import CertificateSearch
from gateway.store.database import Database
from gateway.store.keys import SealingKey
from gateway.watch.metrics import certificates_expiring


def search(config: Config, log: structlog.BoundLogger) -> CertificateSearch | None:
    """None where there is nothing to look for: no anchor, or neither directory nor harvest.
    Misconfigured where the process could not sign."""
    certificate_parts.demand_signature(config)
    told, found = config.smime, certificate_parts.found(config)
    if told.anchors is None or found is None or not (told.harvest or told.ldap):
        return None
    searching = CertificateSearch(
        found, Anchors(told.anchors), config.places().is_internal, log, told.harvest
    )
    if told.ldap:
        searching.directory = CertificateDirectory(*lookup_terms(told.ldap))
        searching.seconds = told.ldap.seconds
    return searching


def care(
    config: Config,
    database: Database,
    notices: Notices,
    sealing: Sequence[SealingKey],
    log: structlog.BoundLogger,
) -> CertificateCare:
    certificate_parts.demand_signature(config)
    book = certificate_parts.directory(config)
    asks = book.trust is not None and config.smime.revocation != "off"
    return CertificateCare(
        book=book,
        database=database,
        notices=notices,
        sealing=sealing,
        log=log,
        expiring=certificates_expiring(),
        warn_days=config.smime.warn_days,
        fetcher=Fetcher(certificate_parts.revocations_in(config)) if asks else None,
        found=certificate_parts.found(config),
    )


def lookup_terms(told: CertificateLdap) -> tuple[Terms, ssl.SSLContext]:
    """Misconfigured where its login or its authority cannot be read."""
    reader, password = reader_of(told.auth)
    terms = Terms(
        host=told.host,
        port=told.port,
        security=told.security,
        base=told.base,
        reader=reader,
        password=password,
        address=told.address_attribute,
    )
    return terms, authority(told.ca)
