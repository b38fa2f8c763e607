"""Who is who: ours, partners, MSSanté, public webmail; everybody else is simply outside.

A domain is written "chu.example" (that one alone) or "*.chu.example" (all below it, not itself).
What cannot be told for sure is external: no domain, a domain literal, and an address of ours whose
local part carries a further route ("a%elsewhere.example@chu.example"), since many mail servers
still send such mail on.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

MAX_DOMAIN = 255  # octets, RFC 1035; the idna codec is quadratic on longer ones
_ROUTE = frozenset("%!@")


class Domains:
    """A list of domains as written, ready to be asked."""

    def __init__(self, written: Iterable[str]) -> None:
        names = [normal_domain(name) for name in written]
        self._alone = frozenset(name for name in names if not name.startswith("*."))
        self._below = tuple(name[1:] for name in names if name.startswith("*."))

    def __contains__(self, domain: str) -> bool:
        """domain: as `domain_of` gives it."""
        return domain in self._alone or domain.endswith(self._below)


@dataclass(frozen=True, slots=True)
class Partner:
    """until: last day of the contract, or None. data: kinds of findings it is about, globs among
    them; () for all. persons: the most of them in one mail. mails_a_day: the most of those."""

    domains: tuple[str, ...]
    until: date | None = None
    data: tuple[str, ...] = ()
    persons: int | None = None
    mails_a_day: int | None = None


@dataclass(frozen=True)  # no slots: what is derived from the fields is kept beside them
class Places:
    """mssante: only the domains for which there is a route into the MSSanté space."""

    domains: tuple[str, ...] = ()
    webmail: tuple[str, ...] = ()
    mssante: tuple[str, ...] = ()
    partners: Mapping[str, Partner] = field(default_factory=dict)

    @cached_property
    def _ours(self) -> Domains:
        return Domains(self.domains)

    @cached_property
    def _webmail(self) -> Domains:
        return Domains(self.webmail)

    @cached_property
    def _mssante(self) -> Domains:
        return Domains(self.mssante)

    def is_internal(self, address: str) -> bool:
        return _final_domain(address) in self._ours

    def is_mssante(self, address: str) -> bool:
        return _final_domain(address) in self._mssante

    def is_webmail(self, address: str) -> bool:
        return domain_of(address) in self._webmail

    def is_partner(self, address: str, day: date, name: str | None = None) -> bool:
        return any(True for _ in self.partners_of(address, day, name))

    def counted(self, address: str) -> tuple[str, ...]:
        """Names of the partners whose contract says how many mails a day, that this is one of."""
        domain = _final_domain(address)
        return tuple(
            name
            for name, partner in self.partners.items()
            if partner.mails_a_day is not None and domain in Domains(partner.domains)
        )

    def partners_of(
        self, address: str, day: date, name: str | None = None
    ) -> Iterator[tuple[str, Partner]]:
        """Of this name; all of them. Not after the last day of the contract."""
        domain = _final_domain(address)
        for known, partner in self.partners.items():
            lasts = partner.until is None or day <= partner.until
            if lasts and name in (None, known) and domain in Domains(partner.domains):
                yield known, partner


def domain_of(address: str) -> str:
    """Lower case, in A-labels, without a final dot; "" when there is none."""
    _, at, domain = address.rpartition("@")
    return normal_domain(domain) if at else ""


def is_routed(address: str) -> bool:
    """Whether the local part names a further way: the mail may not end at the domain."""
    return not _ROUTE.isdisjoint(address.rpartition("@")[0])


def _final_domain(address: str) -> str:
    """The domain, when it is sure that the mail ends there; else ""."""
    return "" if is_routed(address) else domain_of(address)


def normal_domain(domain: str) -> str:
    domain = domain.strip().rstrip(".").lower()
    if domain.isascii() or len(domain) > MAX_DOMAIN:
        return domain
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
