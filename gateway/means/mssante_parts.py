"""What the section `mssante` stands for: the space, its white list, who writes there as whom."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

import structlog
from cryptography import x509
from lxml import etree

from gateway.act import method
from gateway.act.address_pairs import AddressPairs
from gateway.act.health_directory import HealthDirectory
from gateway.act.mssante import HandOver
from gateway.act.notice import Notices
from gateway.act.white_list import WhiteList
from gateway.act.xml_signature import Signer
from gateway.config import Config
from gateway.config_mssante import WhiteList as Told
from gateway.decide.places import Domains, domain_of
from gateway.decide.space import Space
from gateway.errors import Misconfigured
from gateway.logins import authority
from gateway.means import white_list_care
from gateway.means.white_list_care import WhiteListCare
from gateway.model import Disposition
from gateway.ports import Action, Relay
from gateway.store.database import Database
from gateway.store.keys import SealingKey
from gateway.watch.metrics import mssante_list_age


def space(config: Config) -> Space | None:
    """None where there is no next hop that could lead there, as in a command without a
    configuration, or where the space has no domains. Raises Misconfigured."""
    told = config.mssante
    if config.relay is None or not told.domains:
        return None
    known = white_list(config)
    more = {} if known is None else {"listed": known.listed}
    return Space(
        domains=Domains(told.domains),
        routed=Domains(config.space_routes()),
        sender=pairs(config, told.senders),
        keep_held=told.keep_held,
        **more,
    )


def through(
    known: method.Space | None, relay: Relay, order: Disposition, otherwise: Action
) -> Action:
    """An order as it is carried out where some of its recipients may be of the space."""
    return HandOver(known, relay, order, otherwise) if known else otherwise


def proposals(config: Config) -> Callable[[str], str]:
    """Of an ordinary address, that of the same person in the space; "" where none is known."""
    return pairs(config, config.mssante.correspondents)


def pairs(config: Config, path: Path | None) -> Callable[[str], str]:
    if path is None:
        return lambda address: ""
    domains = Domains(config.mssante.domains)
    return AddressPairs(path, lambda address: domain_of(address) in domains)


def white_list(config: Config) -> WhiteList | None:
    """None where none is asked for."""
    told = config.mssante.white_list
    return WhiteList(folder(config), told.expired) if told else None


def care(
    config: Config,
    database: Database,
    notices: Notices,
    sealing: Sequence[SealingKey],
    log: structlog.BoundLogger,
) -> WhiteListCare | None:
    """A duty of the clock; None where no white list is asked for."""
    told, known = config.mssante.white_list, white_list(config)
    if told is None or known is None:
        return None
    if "://" in told.source:
        get = white_list_care.from_site(told.source, authority(told.ca))
        every = told.every * 3600
    else:
        get, every = white_list_care.from_file(Path(told.source)), white_list_care.FILE_SECONDS
    gauge, signed = mssante_list_age(), _signed(told)
    return WhiteListCare(known, told, get, database, notices, sealing, log, gauge, every, signed)


def _signed(told: Told) -> Callable[[etree._Element], bool]:
    """Raises Misconfigured."""
    if told.signature is None:
        return lambda root: True
    path = told.signature.authorities
    try:
        authorities = x509.load_pem_x509_certificates(path.read_bytes())
    except (OSError, ValueError):
        raise Misconfigured(f"{path}: no certificate of an authority can be read") from None
    signer = Signer(told.signature.name, tuple(authorities))
    return lambda root: signer.signed(root, datetime.now(UTC))


def directory(config: Config) -> HealthDirectory | None:
    """None where none is asked for. Raises Misconfigured."""
    told, domains = config.mssante.directory, Domains(config.mssante.domains)
    if told is None:
        return None
    try:
        key = told.key.read_text("ascii").strip()
    except (OSError, UnicodeDecodeError):
        raise Misconfigured(f"{told.key}: no key of the directory can be read") from None
    return HealthDirectory(
        url=told.url.rstrip("/"),
        key=key,
        context=authority(told.ca),
        seconds=told.seconds,
        cache=Path(config.data) / "health-directory",  # not the release process's folder
        inside=lambda address: domain_of(address) in domains,
    )


def folder(config: Config) -> Path:
    return Path(config.data) / "mssante"
