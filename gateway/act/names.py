"""What the DNS says of a name, and whether that is proven.

Asked of the machine's own resolver or of a configured one, which validates DNSSEC for us and says
so by the AD bit (RFC 4035, 3.2.3). Anybody on the way could set it: it counts only where the
resolver has a loopback address, or where the operator answers for the way (RFC 6698, A.3).

A name that does not exist is an answer; silence, SERVFAIL (which a forged signature is, too) and
nonsense are none, and nothing may be concluded from them. It validates nothing itself and keeps
nothing: that is the resolver's work.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

import dns.asyncresolver
import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rdata
import dns.rdatatype
import dns.resolver
import idna

from gateway.errors import Misconfigured

LOOKUP_SECONDS = 5.0  # for one answer, retries included
_UDP_OCTETS = 1232  # in one datagram, without fragments; more comes over TCP
_MOST_ADDRESSES = 4  # of one host and family that are tried


class Unknown(Exception):
    """The resolver did not say."""


@dataclass(frozen=True, slots=True)
class Found:
    """records: none where there are none of this type. exists: False where there is no such name.

    name: what it is an alias of, else itself; without the final dot.
    """

    records: tuple[dns.rdata.Rdata, ...]
    secure: bool
    name: str
    exists: bool = True


@dataclass(frozen=True, slots=True)
class Addresses:
    """addresses: IPv6 first. secure, name: as in Found."""

    addresses: tuple[str, ...]
    secure: bool
    name: str


class Names:
    """servers: numeric addresses; () for the machine's own. trusted: None: where they are loopback
    addresses. nearby: addresses of this machine are worth a connection, which those that a stranger
    publishes are not."""

    def __init__(
        self,
        servers: Sequence[str] = (),
        port: int = 53,
        *,
        trusted: bool | None = None,
        nearby: bool = False,
        seconds: float = LOOKUP_SECONDS,
    ) -> None:
        try:
            resolver = dns.asyncresolver.Resolver(configure=not servers)
        except dns.exception.DNSException:  # a machine without resolv.conf
            raise Misconfigured("relay: this machine has no resolver; name one") from None
        if servers:
            resolver.nameservers = list(servers)
            resolver.port = port
        resolver.use_edns(0, dns.flags.DO, _UDP_OCTETS)
        resolver.flags = dns.flags.RD | dns.flags.AD
        self._resolver = resolver
        self._seconds = seconds
        self._nearby = nearby
        local = all(_is_loopback(str(server)) for server in resolver.nameservers)
        self.trusted = bool(resolver.nameservers) and local if trusted is None else trusted

    async def find(self, name: str, kind: str) -> Found:
        """Raises Unknown."""
        try:
            answer = await self._resolver.resolve(
                dns.name.from_text(name),
                kind,
                search=False,
                raise_on_no_answer=False,
                lifetime=self._seconds,
            )
        except dns.resolver.NXDOMAIN as no:
            [response] = no.kwargs["responses"].values()  # of the one name that was asked for
            return Found((), self._secure(response), name, exists=False)
        except (dns.exception.DNSException, OSError, UnicodeError, ValueError) as error:
            raise Unknown(type(error).__name__) from None
        canonical = answer.canonical_name.to_text(omit_final_dot=True).lower()
        return Found(tuple(answer.rrset or ()), self._secure(answer.response), canonical)

    async def addresses(self, host: str) -> Addresses:
        """Of a host, whichever family answered. Raises Unknown where neither did, or where it has
        none as far as one knows."""
        found: list[Found] = []
        silent: Unknown | None = None
        for kind in ("AAAA", "A"):
            try:
                found.append(await self.find(host, kind))
            except Unknown as error:
                silent = error
        addresses = tuple(
            text
            for answer in found
            for text in [str(record.to_text()) for record in answer.records][:_MOST_ADDRESSES]
            if self._nearby or not _is_nearby(text)
        )
        if silent and not addresses:
            raise silent
        secure = any(answer.secure for answer in found)  # of one zone: both are, or none
        return Addresses(addresses, secure, found[0].name)

    def _secure(self, response: dns.message.Message) -> bool:
        return self.trusted and bool(response.flags & dns.flags.AD)


def ascii_domain(domain: str) -> str | None:
    """As the DNS has it (IDNA 2008); None for what is no domain."""
    if not domain.isascii():
        try:
            domain = idna.encode(domain[:255], uts46=True).decode("ascii")
        except (idna.IDNAError, UnicodeError):
            return None
    domain = domain.lower().removesuffix(".")
    labels = domain.split(".")
    fit = all(
        0 < len(label) <= 63 and label.replace("-", "").replace("_", "").isalnum()
        for label in labels
    )
    return domain if fit and len(domain) <= 253 and not labels[-1].isdigit() else None


def _is_loopback(address: str) -> bool:
    try:
        return ipaddress.ip_address(address).is_loopback
    except ValueError:
        return False


def _is_nearby(address: str) -> bool:
    """This machine or its cable, which is no place for another's mail server."""
    known = ipaddress.ip_address(address)
    if isinstance(known, ipaddress.IPv6Address):
        known = known.ipv4_mapped or known
    return known.is_loopback or known.is_link_local or known.is_multicast or known.is_unspecified
