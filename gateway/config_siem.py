"""The section `siem`: where the record is told of as it grows, and how."""

from __future__ import annotations

import ipaddress
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, model_validator

from gateway import config_words as words
from gateway.config_words import Section
from gateway.watch.syslog import Collector

_PORTS = {"tls": 6514, "tcp": 601, "udp": 514}  # RFC 5425, 6587, 5426
_REMEDY = 'write "syslog+tls://siem.chu.example:6514"'
Facility = Literal[
    "user", "mail", "daemon", "auth", "authpriv",
    "local0", "local1", "local2", "local3", "local4", "local5", "local6", "local7",
]  # fmt: skip


def collector(url: str) -> Collector:
    """In clear to this machine only: the record names accounts."""
    scheme, _, rest = url.partition("://")
    way = scheme.removeprefix("syslog+")
    if way == "unix" and rest.startswith("/"):
        return Collector("unix", path=rest)
    try:
        parts = urlsplit(f"//{rest}")
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise words.refuse("this is no collector", _REMEDY) from None
    beyond = parts.path.strip("/") or parts.query or parts.fragment or parts.username is not None
    if not scheme.startswith("syslog+") or way not in _PORTS or not host or port == 0 or beyond:
        raise words.refuse("this is no collector", _REMEDY)
    if way != "tls" and not _is_loopback(host):
        raise words.refuse("this goes over the network in clear", _REMEDY)
    return Collector(way, host, port or _PORTS[way])


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _sound(url: str) -> str:
    collector(url)
    return url


class Siem(Section):
    """url: "syslog+tls://host:6514", to this machine also "syslog+tcp://", "syslog+udp://" and
    "syslog+unix:///dev/log". ca: who vouches for it, None: the system's authorities.
    client_certificate: PEM with its key. addresses: of held mail: not told, by keyed hash and
    domain as in the log, or in clear."""

    url: Annotated[str, AfterValidator(_sound)]
    format: Literal["cef", "json"] = "cef"
    ca: words.File | None = None
    client_certificate: words.File | None = None
    facility: Facility = "local0"
    addresses: Literal["none", "hashed", "clear"] = "none"

    @model_validator(mode="after")
    def _is_coherent(self) -> Self:
        if collector(self.url).way != "tls" and (self.ca or self.client_certificate):
            raise words.refuse("without TLS nobody shows a certificate", _REMEDY)
        return self
