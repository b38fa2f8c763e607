"""The doors' certificate: TLS 1.2 at least, and read anew when its files change.

Looked at when a client comes, so that a renewal (certbot, an internal authority) takes effect with
the next handshake, without a signal, and no connection is touched. Files that do not fit together,
as in the middle of a renewal, leave the old certificate in place, and are told once.
"""

from __future__ import annotations

import ssl
from collections.abc import Callable, Mapping
from pathlib import Path

from gateway.errors import Misconfigured

_Signature = tuple[tuple[int, int, int], ...]


class Certificate:
    """Raises Misconfigured where the files do not load at the start."""

    def __init__(
        self, certificate: Path, key: Path, event: Callable[[str, Mapping[str, object]], None]
    ) -> None:
        self._certificate, self._key = certificate, key
        self._event = event
        try:
            self._seen: _Signature | None = self._signature()
            self._context = self._new()
        except OSError as error:  # ssl.SSLError is one
            raise Misconfigured(f"tls: certificate and key do not load: {error}") from None

    def __call__(self) -> ssl.SSLContext:
        try:
            seen = self._signature()
        except OSError:  # between two files, or unreadable: no change to speak of yet
            seen = None
        if seen != self._seen:
            self._seen = seen
            try:
                self._context = self._new()
            except OSError:
                self._event("certificate refused", {})
            else:
                self._event("certificate renewed", {})
        return self._context

    def _new(self) -> ssl.SSLContext:
        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.options |= ssl.OP_NO_RENEGOTIATION
        context.load_cert_chain(str(self._certificate), str(self._key), password="")
        return context

    def _signature(self) -> _Signature:
        several = (path.stat() for path in (self._certificate, self._key))
        return tuple((one.st_mtime_ns, one.st_size, one.st_ino) for one in several)
