"""The supervisor's port: /metrics, /healthz (it lives), /readyz (every process is ready).

Plain HTTP/1.1 from the standard library, on a loopback address by default: three fixed paths, no
parameter, nothing read from the request but its first line.
"""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import TCPServer

TEXT = "text/plain; version=0.0.4; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Pages:
    """metrics: the exposition; waiting_for: what keeps us from being ready, empty when we are."""

    metrics: Callable[[], bytes]
    waiting_for: Callable[[], list[str]]

    def answer(self, path: str) -> tuple[int, str, bytes]:
        match path.partition("?")[0]:
            case "/metrics":
                return 200, TEXT, self.metrics()
            case "/healthz":
                return 200, "text/plain", b"ok\n"
            case "/readyz":
                waiting = self.waiting_for()
                body = json.dumps({"ready": not waiting, "waiting_for": waiting}).encode() + b"\n"
                return (503 if waiting else 200), "application/json", body
            case _:
                return 404, "text/plain", b"/metrics /healthz /readyz\n"


def serve(host: str, port: int, pages: Pages) -> ThreadingHTTPServer:
    """Serve in a thread of its own; the caller shuts it down. OSError when the port is taken."""

    class Handler(BaseHTTPRequestHandler):
        timeout = 10
        server_version = "Vaguemestre"
        sys_version = ""

        def do_GET(self) -> None:
            try:
                status, kind, body = pages.answer(self.path)
            except Exception:  # a page must not take the supervisor down, nor say why
                status, kind, body = 500, "text/plain", b"not now\n"
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002
            return

    class Server(ThreadingHTTPServer):
        address_family = socket.AF_INET6 if ":" in host else socket.AF_INET

        def server_bind(self) -> None:
            TCPServer.server_bind(self)  # HTTPServer's own asks the DNS for our name, and may wait

    server = Server((host, port), Handler)
    threading.Thread(target=server.serve_forever, name="health", daemon=True).start()
    return server
