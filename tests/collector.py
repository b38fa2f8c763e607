"""A syslog collector on 127.0.0.1, over TCP or TLS, that reads counted octets (RFC 5425)."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from typing import Self

from gateway.watch.syslog import Collector

PATIENCE = 60.0  # seconds for what is sure to come


class Collecting:
    """taken: messages, in the order they came. port: that it had before, or any."""

    def __init__(self, tls: ssl.SSLContext | None = None, port: int = 0) -> None:
        self._tls, self._port = tls, port
        self.taken: list[bytes] = []
        self.connections = 0
        self._open: list[socket.socket] = []
        self._news = threading.Condition()

    def __enter__(self) -> Self:
        self._server = socket.create_server(("127.0.0.1", self._port))
        self.port: int = self._server.getsockname()[1]
        self._thread = threading.Thread(target=self._accept, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *what: object) -> None:
        with contextlib.suppress(OSError):
            self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()
        self.hang_up()
        self._thread.join(PATIENCE)

    def collector(self, way: str) -> Collector:
        return Collector(way, "127.0.0.1", self.port)

    def hang_up(self) -> None:
        with self._news:
            several, self._open = self._open, []
        for one in several:
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)

    def wait(self, number: int) -> list[bytes]:
        """Until so many came."""
        with self._news:
            assert self._news.wait_for(lambda: len(self.taken) >= number, PATIENCE), self.taken
            return list(self.taken)

    def _accept(self) -> None:
        while True:
            try:
                sock, _ = self._server.accept()
            except OSError:
                return
            self.connections += 1
            with self._news:
                self._open.append(sock)
            threading.Thread(target=self._read, args=(sock,), daemon=True).start()

    def _read(self, sock: socket.socket) -> None:
        with contextlib.suppress(OSError), sock:
            sock.settimeout(PATIENCE)
            stream = self._tls.wrap_socket(sock, server_side=True) if self._tls else sock
            with stream, stream.makefile("rb") as file:
                while message := _counted(file):
                    with self._news:
                        self.taken.append(message[0])
                        self._news.notify_all()


def _counted(file) -> tuple[bytes] | None:
    digits = b""
    while (one := file.read(1)) not in (b" ", b""):
        digits += one
    return (file.read(int(digits)),) if digits else None
