"""The section `relay`: which next hop for whom, and under which TLS. What the levels mean is in
`gateway.act.destination`."""

from __future__ import annotations

import ipaddress
from collections.abc import Iterator
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from gateway import config_words as words
from gateway.config_signing import ResolverAddress
from gateway.config_words import Section
from gateway.decide.marked import Refusal, Refused

OWN = "*"  # of `mx`: each recipient's own domain
WEAK = ("none", "opportunistic")


def is_address(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _exchangers(value: Any) -> Any:
    return OWN if value is True else value or None


def _domain(value: str) -> str:
    return value if value == OWN else words.as_domain(value)


class Resolver(Section):
    """Who answers for the DNS, in place of the machine's. trusted: the way to it is ours, so that
    its word on DNSSEC counts; None: where its address is a loopback one."""

    address: ResolverAddress = "127.0.0.1"
    trusted: bool | None = None


class Hop(Section):
    """A next hop: a host, or the mail exchangers of a domain (mx; true: each recipient's own).

    tls: opportunistic goes in clear where it is not offered; required takes any certificate;
    verified asks for one that `ca` (or the system) vouches for; dane: what DNSSEC proves; mta-sts:
    what the domain's policy asks. floor: for these two, where there is neither proof nor policy.
    auth: a YAML file with `user` and `password`.
    """

    host: words.Host | None = None
    mx: Annotated[Annotated[str, AfterValidator(_domain)] | None, BeforeValidator(_exchangers)] = (
        None
    )
    port: words.Port = 25
    protocol: Literal["smtp", "lmtp"] = "smtp"
    mode: Literal["starttls", "implicit"] = "starttls"
    tls: Literal["none", "opportunistic", "required", "verified", "dane", "mta-sts"] = (
        "opportunistic"
    )
    floor: Literal["opportunistic", "required", "verified"] = "verified"
    auth: words.File | None = None
    client_certificate: words.File | None = None
    ca: words.File | None = None

    @property
    def is_sure(self) -> bool:
        """Whether nothing ever goes in clear."""
        return self.tls not in WEAK and not (self.asks_dns and self.floor in WEAK)

    @property
    def asks_dns(self) -> bool:
        return self.tls in ("dane", "mta-sts")

    @model_validator(mode="after")
    def _is_coherent(self) -> Hop:
        if refusals := [*self._nowhere(), *self._in_clear(), *self._in_vain()]:
            raise Refused(*refusals)
        return self

    def _nowhere(self) -> Iterator[Refusal]:
        if self.host is None and self.mx is None:
            yield Refusal('"host" is missing', 'add "host: …" here, or "mx: true"')
        if self.host and self.mx:
            yield Refusal(
                "mail goes to a host or to mail exchangers", "leave one out", ("mx",), on_key=True
            )
        if self.mx and self.mode == "implicit":
            wrong = "mail exchangers speak TLS after STARTTLS"
            yield Refusal(wrong, 'write "mode: starttls"', ("mode",))
        if self.mx and self.protocol == "lmtp":
            yield Refusal("mail exchangers speak SMTP", 'write "protocol: smtp"', ("protocol",))
        if self.mx and self.auth:
            wrong = "a password is for a host, not for whomever the DNS names"
            yield Refusal(wrong, "write a host", ("auth",), on_key=True)

    def _in_clear(self) -> Iterator[Refusal]:
        if self.mode == "implicit" and self.tls == "none":
            remedy = 'write "tls: verified", or "mode: starttls"'
            yield Refusal("implicit TLS without TLS", remedy, ("tls",))
        remedy = 'write "floor: verified"' if self.asks_dns else 'write "tls: verified"'
        if not self.is_sure and self.auth:
            wrong = "a password would go out in clear"
            yield Refusal(wrong, remedy, ("auth",), on_key=True)
        if not self.is_sure and self.client_certificate:
            wrong = "a certificate is shown only where TLS is sure"
            yield Refusal(wrong, remedy, ("client_certificate",), on_key=True)

    def _in_vain(self) -> Iterator[Refusal]:
        if self.tls == "mta-sts" and not self.mx:
            wrong = "a policy speaks of a domain's mail exchangers"
            yield Refusal(wrong, 'write "mx: true" in place of the host', ("tls",))
        if self.tls == "dane" and self.host and is_address(self.host):
            yield Refusal("the DNS proves names, not addresses", "write its name", ("host",))


class Relay(Section):
    """routes, sealed: by recipient domain, "*.x" for all below x; the most precise wins. sealed:
    where what we encrypted goes, instead of `routes`."""

    default: Hop
    routes: dict[words.DomainGlob, Hop] = Field(default_factory=dict)
    sealed: dict[words.DomainGlob, Hop] = Field(default_factory=dict)
    resolver: Resolver | None = None
