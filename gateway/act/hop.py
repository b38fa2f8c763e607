"""A next hop as configured, and which one is for whom."""

from __future__ import annotations

from dataclasses import dataclass, field
from fnmatch import fnmatchcase

LEVELS = ("none", "opportunistic", "required", "verified", "dane", "mta-sts")


@dataclass(frozen=True, slots=True)
class Hop:
    """host:      where mail goes; with `mx`, the domain whose mail exchangers take it, "" for the
                  recipient's own.
    tls:          none, opportunistic, required (any certificate), verified (name and chain), dane
                  (what DNSSEC proves, RFC 7672), mta-sts (what the domain's policy asks, RFC 8461).
    floor:        for these two, where there is no proof and no policy: one of the others.
    mode:         starttls, or implicit (SMTPS: then TLS always, and `tls` says how it is checked).
    protocol:     smtp or lmtp.
    auth:         user and password for AUTH PLAIN, over TLS only.
    client_certificate, ca: PEM files; the first holds the key too.
    connections:  at most so many at once; to one domain, with `mx`.
    """

    host: str
    port: int
    tls: str = "opportunistic"
    mode: str = "starttls"
    protocol: str = "smtp"
    auth: tuple[str, str] | None = field(default=None, repr=False)
    client_certificate: str | None = None
    ca: str | None = None
    connections: int = 20
    mx: bool = False
    floor: str = "verified"


@dataclass(frozen=True, slots=True)
class Routes:
    """by_domain, sealed: (glob of a recipient's domain, "*.mssante.fr"; hop), first match wins.

    sealed:  tried first for what we encrypted. notices: the internal way; default: `default`.
    apart:   globs of domains that one goes to by `space` or not at all, whatever the route.
    """

    default: Hop
    by_domain: tuple[tuple[str, Hop], ...] = ()
    sealed: tuple[tuple[str, Hop], ...] = ()
    notices: Hop | None = None
    apart: tuple[str, ...] = ()
    space: tuple[tuple[str, Hop], ...] = ()

    @property
    def hops(self) -> tuple[Hop, ...]:
        """Each once."""
        routed = (hop for _, hop in (*self.by_domain, *self.sealed, *self.space))
        notices = (self.notices,) if self.notices else ()
        return tuple(dict.fromkeys((self.default, *routed, *notices)))

    def hop(self, domain: str, route: str) -> Hop | None:
        """domain: in small letters. route: as in gateway.ports.Relay. None: no way leads there."""
        domain = domain.rstrip(".")
        if route == "mssante" or any(fnmatchcase(domain, glob) for glob in self.apart):
            return next((hop for glob, hop in self.space if fnmatchcase(domain, glob)), None)
        if route == "notices" and self.notices:
            return self.notices
        first = self.sealed if route == "sealed" else ()
        for glob, hop in (*first, *self.by_domain):
            if fnmatchcase(domain, glob.lower()):
                return hop
        return self.default
