"""From a next hop to the servers to try, each with the TLS that is owed there.

A host is one server. The mail exchangers of a domain (RFC 5321, 5.1) are several, by preference,
each by address; a domain that takes no mail says so (RFC 7505). Of each exchanger:

    dane      where DNSSEC proves its TLSA records, they decide (RFC 7672); a lookup without an
              answer rules the host out, since silence is what an attacker could arrange
    mta-sts   under a policy to enforce, only hosts that it names, and verified (RFC 8461); where
              DANE is proven as well, DANE decides
    else      the floor, `verified` unless the operator says less

Names of exchangers are believed as far as the DNS is: without DNSSEC or a policy, `verified` proves
the host that the DNS named, not that the DNS named the right one. It opens no connection.
"""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, replace

from dns.rdtypes.ANY.MX import MX
from dns.rdtypes.ANY.TLSA import TLSA

from gateway.act.dane import Dane, Tlsa
from gateway.act.hop import Hop, Routes
from gateway.act.mta_sts import ENFORCE, Policies, Policy
from gateway.act.names import Addresses, Names, Unknown, ascii_domain
from gateway.act.server import Server
from gateway.act.smtp_client import UNREACHABLE, Unusable
from gateway.act.trust import Trust
from gateway.model import Reply

MOST_EXCHANGERS = 10  # of a domain that are tried

NO_ANSWER = Reply(451, "4.4.3", ("Le DNS ne repond pas. Nouvel essai automatique.",))
NO_DOMAIN = Reply(550, "5.1.2", ("Ce domaine n'existe pas, ou n'a pas de serveur de messagerie.",))
NO_MAIL = Reply(556, "5.1.10", ("Ce domaine ne recoit pas de courrier.",))
OURSELVES = Reply(550, "5.4.6", ("Le courrier de ce domaine reviendrait ici.",))
NOT_NAMED = Reply(451, "4.7.5", ("Serveur hors de la politique MTA-STS du domaine.",))


@dataclass(frozen=True, slots=True)
class Owed:
    """What is owed at one host: a level of TLS, and what DANE demands beside.

    name: what a certificate must bear.
    """

    name: str
    tls: str
    proof: Dane | None = None


@dataclass(frozen=True, slots=True)
class Exchangers:
    """domain: whose. hosts: best first. secure: whether DNSSEC proves them."""

    domain: str
    hosts: tuple[str, ...]
    secure: bool


class Destination:
    """hostname: our own, which must not be sent to. names, policies: None: the machine's
    resolver, policies in memory. Raises Misconfigured."""

    def __init__(
        self,
        routes: Routes,
        hostname: str,
        names: Names | None = None,
        policies: Policies | None = None,
    ) -> None:
        self._trusts = {hop: Trust(hop) for hop in routes.hops}
        self._hostname = hostname.lower()
        if names is None and any(hop.mx or _asks_dns(hop) for hop in routes.hops):
            names = Names()
        if names is not None:
            self._names = names
            self._policies = policies or Policies(names)

    async def servers(self, hop: Hop, domain: str) -> AsyncGenerator[Server, None]:
        """In the order to try. domain: the recipient's. Raises Unusable where there are none, or
        none that may be used."""
        trust = self._trusts[hop]
        if not hop.mx and hop.tls != "dane":
            yield trust.server(hop.host, hop.tls)
            return
        several = await self.exchangers(hop, domain)
        hosts, floor = several.hosts, hop.floor if _asks_dns(hop) else hop.tls
        policy = await self.policy(hop, several.domain)
        if policy and policy.mode == ENFORCE:
            hosts, floor = tuple(filter(policy.allows, hosts)), "verified"
            if not hosts:
                raise Unusable(NOT_NAMED)
        trouble = UNREACHABLE
        for host in hosts:
            try:
                found = await self._names.addresses(host)
                owed = await self._owed(hop, several, found, host, floor)
            except Unknown:
                trouble = NO_ANSWER
                continue
            if hop.mx and hosts == (several.domain,) and not found.addresses:
                raise Unusable(NO_DOMAIN)
            for address in found.addresses:
                yield _server(trust, address, owed)
        raise Unusable(trouble)

    async def policy(self, hop: Hop, domain: str) -> Policy | None:
        """Of MTA-STS; None, too, where it is not asked for."""
        if hop.tls != "mta-sts":
            return None
        return await self._policies.of(domain, self._trusts[hop].web())

    async def exchangers(self, hop: Hop, recipients: str) -> Exchangers:
        """Raises Unusable."""
        domain = ascii_domain(hop.host or recipients)
        if domain is None:
            raise Unusable(NO_DOMAIN)
        if not hop.mx:
            return Exchangers(domain, (domain,), secure=True)
        try:
            found = await self._names.find(domain, "MX")
        except Unknown:
            raise Unusable(NO_ANSWER) from None
        if not found.exists:
            raise Unusable(NO_DOMAIN)
        hosts = self._sorted(
            [
                (mx.preference, mx.exchange.to_text(omit_final_dot=True).lower())
                for mx in found.records
                if isinstance(mx, MX)
            ]
        ) or (domain,)
        return Exchangers(domain, hosts, found.secure)

    def _sorted(self, several: Sequence[tuple[int, str]]) -> tuple[str, ...]:
        """Equal ones in any order, so that all get their share; none at or behind ourselves."""
        if several and all(host in ("", ".", "@") for _, host in several):
            raise Unusable(NO_MAIL)
        ours = min((rank for rank, host in several if host == self._hostname), default=None)
        left = [
            (rank, random.random(), host)
            for rank, host in several
            if ascii_domain(host) and (ours is None or rank < ours)
        ]
        if several and not left:
            raise Unusable(OURSELVES if ours is not None else NO_DOMAIN)
        return tuple(dict.fromkeys(host for _, _, host in sorted(left)[:MOST_EXCHANGERS]))

    async def _owed(
        self, hop: Hop, several: Exchangers, found: Addresses, host: str, floor: str
    ) -> Owed:
        """Raises Unknown where DANE may be owed and the DNS does not tell."""
        if not (_asks_dns(hop) and several.secure and found.secure):
            return Owed(host, floor)
        for base in dict.fromkeys((found.name, host)):
            records = await self._tlsa(base, hop.port)
            if records is None:
                continue
            usable = tuple(record for record in records if record.usable)
            if not usable:  # RFC 7672, 2.2: TLS all the same
                stronger = floor if floor == "verified" else "required"
                return Owed(host, stronger)
            names = tuple(dict.fromkeys((base, host, several.domain)))
            return Owed(base, "dane", Dane(usable, names))
        return Owed(host, floor)

    async def _tlsa(self, base: str, port: int) -> list[Tlsa] | None:
        """None where there are none that DNSSEC proves."""
        found = await self._names.find(f"_{port}._tcp.{base}", "TLSA")
        if not found.secure or not found.records:
            return None
        return [
            Tlsa(record.usage, record.selector, record.mtype, record.cert)
            for record in found.records
            if isinstance(record, TLSA)
        ]


def _asks_dns(hop: Hop) -> bool:
    return hop.tls in ("dane", "mta-sts")


def _server(trust: Trust, address: str, owed: Owed) -> Server:
    return replace(trust.server(address, owed.tls), name=owed.name, proof=owed.proof)
