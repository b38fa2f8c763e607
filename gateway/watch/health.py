"""The supervisor's port: /metrics, /healthz (it lives), /readyz (every process is ready).

Plain HTTP/1.1 from the standard library, on a loopback address by default: three fixed paths, no
parameter, nothing read from the request but its first line. A request has ten seconds in all, and
of more connections than `MOST` the oldest gives way: it is the one that does not come to its end.
"""

from __future__ import annotations

import contextlib
import io
import json
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer
from typing import Any

SECONDS = 10.0  # for a request, from the connection to the answer
MOST = 32  # connections, each with a thread of its own
TEXT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Pages:
    """metrics: the exposition; waiting_for: what keeps us from being ready, empty when we are.
    soon: what will change of itself within days, for whoever looks."""

    metrics: Callable[[], bytes]
    waiting_for: Callable[[], list[str]]
    soon: Callable[[], list[str]] = list

    def answer(self, path: str) -> tuple[int, str, bytes]:
        match path.partition("?")[0]:
            case "/metrics":
                return 200, TEXT, self.metrics()
            case "/healthz":
                return 200, "text/plain", b"ok\n"
            case "/readyz":
                waiting = self.waiting_for()
                told = {"ready": not waiting, "waiting_for": waiting, "soon": self.soon()}
                body = json.dumps(told).encode() + b"\n"
                return (503 if waiting else 200), "application/json", body
            case _:
                return 404, "text/plain", b"/metrics /healthz /readyz\n"


class _InTime(io.RawIOBase):
    """What a client sends, until its time is up: a time-out of the socket is one for each piece."""

    def __init__(self, sock: socket.socket) -> None:
        self._sock = sock
        self._until = time.monotonic() + SECONDS

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        left = self._until - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._sock.settimeout(left)
        return self._sock.recv_into(buffer)


class _Handler(BaseHTTPRequestHandler):
    server: _Server
    server_version = "Vaguemestre"
    sys_version = ""

    def setup(self) -> None:
        super().setup()
        self.rfile = io.BufferedReader(_InTime(self.connection))

    def do_GET(self) -> None:
        try:
            status, kind, body = self.server.pages.answer(self.path)
        except Exception:  # a page must not take the supervisor down, nor say why
            status, kind, body = 500, "text/plain", b"not now\n"
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        return


class _Server(ThreadingHTTPServer):
    request_queue_size = MOST  # or who comes while others connect waits a second for the kernel

    def __init__(self, host: str, port: int, pages: Pages) -> None:
        self.address_family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.pages = pages
        self._open: dict[Any, None] = {}  # sockets, the oldest first
        self._guard = threading.Lock()
        super().__init__((host, port), _Handler)

    def server_bind(self) -> None:
        TCPServer.server_bind(self)  # HTTPServer's own asks the DNS for our name, and may wait

    def process_request(self, request: Any, client_address: Any) -> None:
        with self._guard:
            self._open[request] = None
            if len(self._open) > MOST:
                oldest = next(iter(self._open))
                del self._open[oldest]
                with contextlib.suppress(OSError):
                    oldest.shutdown(socket.SHUT_RDWR)  # its thread reads the end, and ends
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        with self._guard:
            self._open.pop(request, None)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that left. Its address is nobody's business."""


def serve(host: str, port: int, pages: Pages) -> ThreadingHTTPServer:
    """Serve in a thread of its own; the caller shuts it down. OSError when the port is taken."""
    server = _Server(host, port, pages)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
