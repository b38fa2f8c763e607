"""What the next hops' policies mean, said to an operator; and what is doubtful about them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

from cryptography import x509

from gateway import hops
from gateway.certificate import Certificate
from gateway.config import Config
from gateway.config_relay import OWN, Hop, is_address
from gateway.config_signing import resolver_address

SOON = timedelta(days=14)  # certbot renews thirty days before the end: something is wrong by then
TLS = {
    "none": "en clair",
    "opportunistic": "TLS s'il est offert, sinon en clair",
    "required": "TLS toujours, quel que soit le certificat",
    "verified": "TLS toujours, certificat vérifié",
}


def meanings(config: Config) -> Iterator[str]:
    for name, hop in hops.named(config):
        yield f"{name} : {_where(hop)} ; {_how(hop)}."


def _where(hop: Hop) -> str:
    if hop.mx is None:
        return f"{hop.host}, port {hop.port}"
    whose = "du domaine de chaque destinataire" if hop.mx == OWN else f"de {hop.mx}"
    return f"serveurs de messagerie (MX) {whose}"


def _how(hop: Hop) -> str:
    if hop.tls == "dane":
        return f"certificat prouvé par DNSSEC (DANE), à défaut de preuve : {TLS[hop.floor]}"
    if hop.tls == "mta-sts":
        return (
            "selon la politique MTA-STS du domaine, et DANE s'il est prouvé ; à défaut : "
            f"{TLS[hop.floor]}"
        )
    if hop.mode == "implicit" and hop.tls == "opportunistic":
        return TLS["required"]
    return TLS[hop.tls]


def warnings(config: Config) -> Iterator[str]:
    names = hops.names(config)
    resolver = config.relay.resolver if config.relay else None
    for name, hop in hops.named(config):
        if hop.tls == "dane" and not (names and names.trusted):
            yield (
                f"{name} : dane sans résolveur de confiance, donc sans preuve. Remède : un "
                "résolveur validant sur cette machine (unbound), ou relay.resolver."
            )
        if hop.mx and not hop.asks_dns:
            yield (
                f"{name} : le DNS nomme le serveur, et rien ne prouve ce qu'il dit. Remède : "
                "tls: mta-sts, ou dane."
            )
        if hop.tls == "verified" and hop.host and is_address(hop.host):
            yield (
                f"{name} : peu de certificats portent une adresse ({hop.host}). Remède : le nom du "
                "serveur."
            )
    if resolver and resolver.trusted and not _is_loopback(resolver.address):
        yield (
            f"relay.resolver : {resolver.address} est cru sur parole ; le chemin jusqu'à lui doit "
            "être à vous."
        )
    if (
        "mssante" in config.model_fields_set
        and config.mssante.domains
        and not config.space_routes()
    ):
        yield "mssante : aucune route en TLS sûr n'y mène, ces destinataires seront refusés."
    yield from _of_certificate(config)


def _is_loopback(resolver: str) -> bool:
    return ip_address(resolver_address(resolver)[0]).is_loopback


def _of_certificate(config: Config) -> Iterator[str]:
    """Raises Misconfigured where it does not load."""
    if config.tls is None:
        return
    Certificate(config.tls.certificate, config.tls.key, lambda *_: None)
    first, *_ = x509.load_pem_x509_certificates(config.tls.certificate.read_bytes())
    end = first.not_valid_after_utc
    if end - datetime.now(UTC) < SOON:
        yield f"tls.certificate : le certificat des portes finit le {end:%Y-%m-%d}."
