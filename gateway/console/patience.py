"""How long the console waits for a request, and how many connections it keeps.

uvicorn waits for ever for whoever sends a request octet by octet, or nothing at all, and keeps any
number of connections. Here a request has `SECONDS` from its first octet (or the connection) to its
last, and beyond `MOST` connections whoever has been at it for the longest gives way.
"""

from __future__ import annotations

import asyncio
from typing import Any, cast

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

SECONDS = 60.0  # an import of addresses is a megabyte at most
UNHURRIED_SECONDS = 600.0
MOST = 300  # connections: a browser opens six


class PatientProtocol(H11Protocol):
    """_since: on the loop's clock: when the request began that has not come whole, or None."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._since: float | None = None
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        if len(self.connections) >= MOST:
            self._make_room()
        super().connection_made(transport)
        self._wait()

    def data_received(self, data: bytes) -> None:
        if self._since is None:
            self._wait()
        super().data_received(data)
        if self.conn.their_state not in (h11.IDLE, h11.SEND_BODY):
            self._stop_waiting()

    def connection_lost(self, exc: Exception | None) -> None:
        self._stop_waiting()
        super().connection_lost(exc)

    def _make_room(self) -> None:
        others = [cast("PatientProtocol", one) for one in self.connections]
        late = [one for one in others if one._since is not None]
        if late:
            min(late, key=lambda one: one._since or 0.0).transport.close()

    def _wait(self) -> None:
        self._since = self.loop.time()
        self._timer = self.loop.call_later(self._seconds(), self.transport.close)

    def _seconds(self) -> float:
        return SECONDS

    def _stop_waiting(self) -> None:
        self._since = None
        if self._timer is not None:
            self._timer.cancel()


class UnhurriedProtocol(PatientProtocol):
    """Of the portal: ten megabytes of an answer, from a telephone in the country."""

    def _seconds(self) -> float:
        return UNHURRIED_SECONDS
