"""Discrete events: a clock, processes that wait, servers that they wait for.

A process is a generator. It yields seconds to let time pass, or something to wait for (`Servers`,
`Batch`), and is resumed when it has it. Events of the same instant happen in the order in which
they were asked for, so that a run depends on its seed alone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Generator
from heapq import heappop, heappush
from typing import Protocol

Process = Generator["float | Awaited", None, None]


class Awaited(Protocol):
    def claim(self, process: Process) -> bool:
        """True: it goes on at once. False: it is resumed later, by whoever was claimed."""


class Clock:
    def __init__(self) -> None:
        self.now = 0.0  # seconds
        self._heap: list[tuple[float, int, Process]] = []
        self._asked = 0

    def start(self, process: Process, after: float = 0.0) -> None:
        self._asked += 1
        heappush(self._heap, (self.now + after, self._asked, process))

    def run(self, until: float) -> None:
        """What is due later stays where it is."""
        heap = self._heap
        while heap and heap[0][0] <= until:
            self.now, _, process = heappop(heap)
            self._resume(process)
        self.now = until

    def _resume(self, process: Process) -> None:
        for wanted in process:
            if isinstance(wanted, float):
                self.start(process, wanted)
                return
            if not wanted.claim(process):
                return


class Servers:
    """Some that serve alike, and one line before them, first come, first served."""

    def __init__(self, clock: Clock, count: int) -> None:
        self.count = count
        self._clock = clock
        self._free = count
        self._line: deque[Process] = deque()
        self._busy = 0.0  # server-seconds, up to `_since`
        self._since = clock.now

    def claim(self, process: Process) -> bool:
        if self._free:
            self._account()
            self._free -= 1
            return True
        self._line.append(process)
        return False

    def release(self) -> None:
        if self._line:
            self._clock.start(self._line.popleft())
        else:
            self._account()
            self._free += 1

    def serve(self, seconds: float) -> Process:
        yield self
        yield seconds
        self.release()

    @property
    def waiting(self) -> int:
        return len(self._line)

    @property
    def busy_seconds(self) -> float:
        self._account()
        return self._busy

    def _account(self) -> None:
        self._busy += (self.count - self._free) * (self._clock.now - self._since)
        self._since = self._clock.now


class Batch:
    """One that serves all who wait at once, as the flush of a log does: who comes while it is
    under way is served by the next. draw: the seconds that one time takes."""

    def __init__(self, clock: Clock, draw: Callable[[], float]) -> None:
        self._clock, self._draw = clock, draw
        self._line: list[Process] = []
        self._idle = True

    def claim(self, process: Process) -> bool:
        self._line.append(process)
        if self._idle:
            self._idle = False
            self._clock.start(self._flush())
        return False

    def _flush(self) -> Process:
        while self._line:
            line, self._line = self._line, []
            yield self._draw()
            for process in line:
                self._clock.start(process)
        self._idle = True
