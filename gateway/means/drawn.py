"""Drawing what is to be locked, behind a wall of its own: one that is raised when it is first
needed, and whose workers know fonts and pictures rather than detectors (`gateway.sheets`)."""

from __future__ import annotations

import asyncio
import json
from concurrent.futures import TimeoutError as OutOfTime

import structlog

from gateway import sheet_order
from gateway.config import Config
from gateway.errors import Temporary
from gateway.model import Limits, Mail
from gateway.ports import Wall
from gateway.sandbox.wall import SandboxWall

SECONDS = 20.0  # of one try: 200,000 characters take two, 25 MB of files three
MOST_SECONDS = 50.0  # of two tries, and the wait for a worker
LEAST_SECONDS = 5.0  # less is not worth beginning
SPARED_SECONDS = 20.0  # of the mail's time, for sealing, signing and the next hop
_LIMITS = Limits(seconds=SECONDS)


def wall(config: Config, log: structlog.BoundLogger) -> SandboxWall | None:
    """None where nothing is drawn."""
    if not config.pdf.enabled and not config.zip.recipients:
        return None
    logo = config.pdf.logo
    path = str(logo.absolute()) if logo else ""  # the zygote stands elsewhere
    told = (config.notices.organisation, config.pdf.colour, path)
    return SandboxWall(
        read="gateway.sheets:read",
        warm=(f"gateway.sheets:warm {json.dumps(told)}",),
        user=config.sandbox.user,
        workers=config.sandbox.workers,
        memory_bytes=config.sandbox.memory,
        cpu_seconds=config.sandbox.cpu,
        output_bytes=3 * config.limits.size,  # its files in base64, and the pages
        late=True,
        tell=lambda what: log.warning("sandbox", what=what),
    )


class Drawing:
    """What `Means.draw` asks for. Made in the event loop, called in threads."""

    def __init__(self, wall: Wall) -> None:
        self._wall = wall
        self._loop = asyncio.get_running_loop()

    def __call__(self, order: str, mail: Mail) -> bytes | None:
        left = mail.deadline - self._loop.time() - SPARED_SECONDS
        seconds = min(left, MOST_SECONDS)
        if seconds < LEAST_SECONDS:
            raise Temporary("no time left to draw it")
        asked = sheet_order.request(order, mail.content)
        reading = self._wall.read(asked, _LIMITS, seconds=seconds)
        waited = asyncio.run_coroutine_threadsafe(reading, self._loop)
        try:
            return sheet_order.made(waited.result(seconds + LEAST_SECONDS))
        except OutOfTime:
            waited.cancel()
            raise Temporary("it was not drawn in time") from None
