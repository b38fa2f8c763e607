"""One server, as one connects to it: what `destination` finds and `smtp_client` opens."""

from __future__ import annotations

import ssl
from dataclasses import dataclass, field

from gateway.act.dane import Dane


@dataclass(frozen=True, slots=True)
class Server:
    """tls:   none | opportunistic | required | verified | dane.
    implicit: TLS from the first byte (SMTPS), whatever `tls` says of checking it.
    name:     what its certificate must bear, where `host` is an address that the DNS gave for it.
    proof:    of `dane`, what DNSSEC says of its certificates; `context` checks none then.
    """

    host: str
    port: int
    tls: str = "none"
    implicit: bool = False
    lmtp: bool = False
    context: ssl.SSLContext | None = None
    auth: tuple[str, str] | None = field(default=None, repr=False)
    name: str = ""
    proof: Dane | None = None

    @property
    def known_as(self) -> str:
        return self.name or self.host

    @property
    def shown(self) -> str:
        """For the log."""
        return shown(self.known_as, self.port)


def shown(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
