"""The sections of the configuration about signatures of ours: keys named by file, and ARC."""

from __future__ import annotations

import ipaddress
from datetime import UTC, date, datetime
from typing import Annotated

from pydantic import AfterValidator, Field

from gateway import config_words as words
from gateway.config_words import Section

DNS_PORT = 53


def _resolver(value: str) -> str:
    try:
        resolver_address(value)
    except ValueError:
        remedy = 'write "127.0.0.1", "[::1]" or "127.0.0.1:5353"'
        raise words.refuse("a resolver is a numeric address", remedy) from None
    return value


def resolver_address(value: str) -> tuple[str, int]:
    """Numeric address and port."""
    host, colon, port = value.rpartition(":")
    if not colon or value.endswith("]") or (":" in host and not host.endswith("]")):
        host, port = value, str(DNS_PORT)  # a bare address, of IPv6 perhaps
    if not (port.isascii() and port.isdigit() and 0 < int(port) <= 65535):
        raise ValueError(port)
    return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), int(port)


ResolverAddress = Annotated[str, AfterValidator(_resolver)]


class Dkim(Section):
    """For what we changed or wrote, beside those that `vaguemestre dkim` made. key: PEM, RSA or
    Ed25519. active_from: the first day on which it signs; None: at once."""

    domain: words.Domain
    selector: words.Domain
    key: words.File
    active_from: date | None = None

    @property
    def begins(self) -> float:
        """Seconds since the epoch."""
        if self.active_from is None:
            return 0.0
        day = self.active_from
        return datetime(day.year, day.month, day.day, tzinfo=UTC).timestamp()


class Arc(Section):
    """Seals (RFC 8617) what we changed. resolvers: of DNS, asked for the keys of others; without
    any there is no seal and no look-up. domain: whose key seals; None: the first of `domains`.
    seconds: for all questions about one mail."""

    resolvers: tuple[ResolverAddress, ...] = ()
    domain: words.Domain | None = None
    seconds: float = Field(default=3.0, gt=0, le=10)
