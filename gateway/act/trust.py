"""With which certificates we meet a next hop: TLS contexts, renewed when their files change.

TLS 1.2 at least, whatever the policy; what the policy means for a handshake is said in `Server`.
"""

from __future__ import annotations

import ssl
from pathlib import Path

from gateway.act.hop import LEVELS, Hop
from gateway.act.server import Server
from gateway.errors import Misconfigured

_Signature = tuple[tuple[int, int, int], ...]
_VERIFIED, _ANY, _WEB = "verified", "any", "web"


class Trust:
    """What one hop is met with. Raises Misconfigured where its files cannot be used."""

    def __init__(self, hop: Hop) -> None:
        if hop.tls not in LEVELS or hop.floor not in LEVELS[:4]:
            raise Misconfigured(f"relay {hop.host}: tls is one of {', '.join(LEVELS)}")
        self._hop = hop
        self._files = [Path(name) for name in (hop.client_certificate, hop.ca) if name]
        self._implicit = hop.mode == "implicit"
        self._made: dict[str, tuple[_Signature, ssl.SSLContext]] = {}
        if self._implicit or hop.tls != "none":
            try:
                self.context(verified=True)
                self.context(verified=False)
            except OSError as error:
                files = " or ".join(map(str, self._files))
                raise Misconfigured(f"relay {hop.host}: {files} cannot be used: {error}") from error

    def server(self, host: str, tls: str) -> Server:
        """The hop at this host, under one of the first four levels."""
        hop = self._hop
        context = None
        if self._implicit or tls != "none":
            context = self.context(verified=tls == "verified")
        lmtp = hop.protocol == "lmtp"
        return Server(host, hop.port, tls, self._implicit, lmtp, context, hop.auth)

    def context(self, *, verified: bool) -> ssl.SSLContext:
        return self._latest(_VERIFIED if verified else _ANY)

    def web(self) -> ssl.SSLContext:
        """For the site of a policy, under the same authorities. An HTTP client writes its protocol
        into the context (ALPN), and some mail servers break off where they are offered that one."""
        return self._latest(_WEB)

    def _latest(self, purpose: str) -> ssl.SSLContext:
        """The one we have, unless its files were renewed and can be used."""
        made = self._made.get(purpose)
        try:
            signature = tuple(_signature(path) for path in self._files)
            if made is None or made[0] != signature:
                made = self._made[purpose] = signature, self._new(purpose)
        except OSError:  # ssl.SSLError is one: half written, perhaps
            if made is None:
                raise
        return made[1]

    def _new(self, purpose: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=self._hop.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if purpose == _ANY:
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        if self._hop.client_certificate and purpose != _WEB:
            context.load_cert_chain(self._hop.client_certificate, password="")  # nobody is asked
        return context


def _signature(path: Path) -> tuple[int, int, int]:
    status = path.stat()
    return status.st_mtime_ns, status.st_size, status.st_ino
