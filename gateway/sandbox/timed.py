"""The inspector, with the time that each room takes."""

from __future__ import annotations

import time
from collections.abc import Set

from gateway.model import Inspection, Limits, Reading
from gateway.ports import Wall
from gateway.sandbox.inspector import DoorInspector
from gateway.watch.metrics import Metrics
from gateway.watch.spans import span


class TimedInspector(DoorInspector):
    def __init__(
        self,
        wall: Wall,
        key: bytes,
        limits: Limits,
        metrics: Metrics,
        allowed: Set[str] = frozenset(),
    ) -> None:
        super().__init__(_TimedWall(wall, metrics), key, limits, allowed)
        self._seconds = metrics.inspection_seconds.labels("inspection")

    async def inspect(self, content: bytes, *, seconds: float) -> Inspection:
        started = time.perf_counter()
        try:
            with span("inspect") as say:
                seen = await super().inspect(content, seconds=seconds)
                say(coverage=seen.coverage.value, findings=len(seen.findings))
                return seen
        finally:
            self._seconds.observe(time.perf_counter() - started)


class _TimedWall:
    def __init__(self, wall: Wall, metrics: Metrics) -> None:
        self._wall = wall
        self._seconds = metrics.inspection_seconds.labels("sandbox")

    async def read(self, content: bytes, limits: Limits, *, seconds: float) -> Reading:
        with self._seconds.time(), span("sandbox"):
            return await self._wall.read(content, limits, seconds=seconds)
