"""What the service manager is told of us (sd_notify(3)): ready, reloading, stopping, alive.

One datagram each, to the socket that it names. Without a manager nothing is said, and what cannot
be said is not said again: a manager that misses a sign of life acts by itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import time
from collections.abc import MutableMapping
from dataclasses import dataclass

READY, STOPPING, ALIVE = "READY=1", "STOPPING=1", "WATCHDOG=1"


@dataclass(frozen=True, slots=True)
class Manager:
    """address: of its socket, "" where there is none. patience: seconds without a sign of life
    after which it ends us; 0: it does not."""

    address: str = ""
    patience: float = 0.0

    @classmethod
    def of(cls, environment: MutableMapping[str, str]) -> Manager:
        """The variables are taken away: our children have nothing to tell it."""
        address = environment.pop("NOTIFY_SOCKET", "")
        microseconds = environment.pop("WATCHDOG_USEC", "")
        ours = environment.pop("WATCHDOG_PID", "") in ("", str(os.getpid()))
        patience = int(microseconds) / 1e6 if microseconds.isdecimal() and ours else 0.0
        return cls(address, patience)

    def tell(self, *said: str) -> None:
        if not self.address:
            return
        where = f"\0{self.address[1:]}" if self.address.startswith("@") else self.address
        with (
            contextlib.suppress(OSError),
            socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sock,
        ):
            sock.setblocking(False)
            sock.sendto("\n".join(said).encode(), where)

    def reloading(self) -> None:
        """READY follows once it is done."""
        microseconds = time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1000
        self.tell("RELOADING=1", f"MONOTONIC_USEC={microseconds}")

    async def live(self) -> None:
        """A sign of life, twice as often as it asks for, as long as the event loop goes round."""
        while self.patience:
            self.tell(ALIVE)
            await asyncio.sleep(self.patience / 2)
