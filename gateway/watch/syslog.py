"""Frames of syslog (RFC 5424), and the way to whoever collects them.

TLS and TCP count octets (RFC 5425, RFC 6587): a message may then hold anything. UDP and a unix
socket take a message a datagram. Syslog has no word of receipt: over TCP, what the other side's
kernel has acknowledged counts as sent, and nothing before; what its program loses afterwards, and
what UDP loses, nobody learns here.

Blocking, for a thread of its own.
"""

from __future__ import annotations

import contextlib
import fcntl
import socket
import ssl
import struct
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

APPLICATION = "vaguemestre"
SECONDS = 10.0  # for a connection, and for each batch to be acknowledged
MSGID_CHARACTERS = 32  # RFC 5424, 6.2.7
HOSTNAME_CHARACTERS = 255
_LOOK_SECONDS = 0.01  # between two looks at what is not acknowledged yet
_SIOCOUTQ = 0x5411  # Linux: bytes that wait in a socket's queue, or for their acknowledgement
_STREAMS = ("tls", "tcp")

FACILITIES = {"user": 1, "mail": 2, "daemon": 3, "auth": 4, "authpriv": 10} | {
    f"local{number}": 16 + number for number in range(8)
}


@dataclass(frozen=True, slots=True)
class Collector:
    """way: "tls", "tcp", "udp" or "unix"; of the last, `path` alone counts."""

    way: str
    host: str = ""
    port: int = 0
    path: str = ""


def frame(
    message: bytes, *, facility: str, severity: int, at: float, host: str, name: str
) -> bytes:
    """severity: 0 to 7 of syslog. name: what happened, for MSGID."""
    priority = FACILITIES[facility] * 8 + severity
    moment = datetime.fromtimestamp(at, UTC).isoformat(timespec="milliseconds")
    head = " ".join(
        (
            f"<{priority}>1",
            moment.replace("+00:00", "Z"),
            _word(host, HOSTNAME_CHARACTERS),
            f"{APPLICATION} -",
            _word(name, MSGID_CHARACTERS),
            "-",
        )
    )
    return head.encode("ascii") + b" " + message


def _word(text: str, most: int) -> str:
    """PRINTUSASCII without a space, or the nil value."""
    return "".join(c for c in text.replace(" ", "-") if "!" <= c <= "~")[:most] or "-"


class Line:
    """A connection, opened when first needed, and anew after each failure. context: of TLS."""

    def __init__(self, collector: Collector, context: ssl.SSLContext | None = None) -> None:
        self._collector, self._context = collector, context
        self._socket: socket.socket | None = None

    def send(self, frames: Sequence[bytes]) -> None:
        """Raises OSError where not all may have come; some of them may have."""
        try:
            sock = self._open()
            if self._collector.way in _STREAMS:
                sock.sendall(b"".join(b"%d %b" % (len(one), one) for one in frames))
                _until_acknowledged(sock)
                _demand_open(sock)
            else:
                for one in frames:
                    sock.send(one)
        except (OSError, ValueError) as error:  # ValueError: a TLS socket that was closed under us
            self.close()
            if isinstance(error, OSError):
                raise
            raise ConnectionError from error

    def close(self) -> None:
        if self._socket is not None:
            with contextlib.suppress(OSError):
                self._socket.close()
            self._socket = None

    def _open(self) -> socket.socket:
        """One that is known to have been left by the other side is not written into."""
        if self._socket is not None and self._collector.way in _STREAMS:
            try:
                _demand_open(self._socket)
            except OSError:
                self.close()
        if self._socket is None:
            self._socket = self._connected()
        return self._socket

    def _connected(self) -> socket.socket:
        told = self._collector
        if told.way == "unix":
            return _to(socket.AF_UNIX, told.path)
        if told.way == "udp":
            family, _, _, _, address = socket.getaddrinfo(
                told.host, told.port, type=socket.SOCK_DGRAM
            )[0]
            return _to(family, address)
        sock = socket.create_connection((told.host, told.port), timeout=SECONDS)
        if told.way == "tcp":
            return sock
        assert self._context is not None
        try:
            return self._context.wrap_socket(sock, server_hostname=told.host)
        except BaseException:
            sock.close()
            raise


def _to(family: int, address: object) -> socket.socket:
    sock = socket.socket(family, socket.SOCK_DGRAM)
    sock.settimeout(SECONDS)
    try:
        sock.connect(address)  # type: ignore[arg-type]
    except BaseException:
        sock.close()
        raise
    return sock


def _until_acknowledged(sock: socket.socket) -> None:
    until = time.monotonic() + SECONDS
    while struct.unpack("i", fcntl.ioctl(sock.fileno(), _SIOCOUTQ, b"\0" * 4))[0]:
        if time.monotonic() > until:
            raise TimeoutError
        _demand_open(sock)  # or a refusal would be waited out
        time.sleep(_LOOK_SECONDS)


def _demand_open(sock: socket.socket) -> None:
    """ConnectionError where the other side has left. What it says, if anything, is not for us."""
    sock.setblocking(False)
    try:
        while sock.recv(4096):
            pass
        raise ConnectionResetError
    except (BlockingIOError, ssl.SSLWantReadError, ssl.SSLWantWriteError):
        return
    finally:
        sock.settimeout(SECONDS)
