"""The store: SQLite, where one process writes at a time, or PostgreSQL, where all do and share the
flush of its log. In both each writer commits together what came while it was busy.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random

from tools.simulation.figures import Figures
from tools.simulation.kernel import Batch, Clock, Process, Servers


class Store:
    """kind: "sqlite" or "postgresql". reads: look-ups a second, by all nodes, that PostgreSQL
    answers besides; SQLite answers them in the door, within what a mail costs there."""

    def __init__(
        self, clock: Clock, figures: Figures, kind: str, rng: Random, reads: float
    ) -> None:
        self.clock, self.figures, self.kind = clock, figures, kind
        self.works = self.transactions = 0
        self._rng = rng
        self._lock = Servers(clock, 1)
        self._cores = Servers(clock, figures.database_cores)
        self._log = Batch(clock, self.sync_seconds)
        self._reading = min(0.99, reads * figures.recall_ms / 1000 / figures.database_cores)

    def transact(self, sql_seconds: float, works: int) -> Process:
        """Durable when it ends."""
        self.works += works
        self.transactions += 1
        if self.kind == "sqlite":
            yield from self._lock.serve(sql_seconds + self.sync_seconds())
        else:
            yield works * self.figures.trips_ms / 1000
            yield from self._cores.serve(sql_seconds / (1 - self._reading))
            yield self._log

    def sync_seconds(self) -> float:
        figures = self.figures
        return figures.fsync_ms / 1000 * math.exp(self._rng.gauss(0, figures.fsync_spread))

    @property
    def use(self) -> float:
        """The share of the time that what bounds it is busy: the one who writes, or the server's
        processors. The log's flush does not: all who wait share one."""
        seconds = self.clock.now or 1.0
        if self.kind == "sqlite":
            return self._lock.busy_seconds / seconds
        writing = self._cores.busy_seconds / seconds / self._cores.count
        return writing * (1 - self._reading) + self._reading


@dataclass(slots=True)
class Work:
    """One transaction's worth of statements, handed to a writer and waited for."""

    writer: Writer
    seconds: float

    def claim(self, process: Process) -> bool:
        self.writer.take(process, self.seconds)
        return False


class Writer:
    """A process's one thread that writes (gateway/store/writer.py)."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._line: list[tuple[Process, float]] = []
        self._idle = True

    def take(self, process: Process, seconds: float) -> None:
        self._line.append((process, seconds))
        if self._idle:
            self._idle = False
            self._store.clock.start(self._run())

    def _run(self) -> Process:
        most = self._store.figures.group
        while self._line:
            group, self._line = self._line[:most], self._line[most:]
            yield from self._store.transact(sum(one for _, one in group), len(group))
            for process, _ in group:
                self._store.clock.start(process)
        self._idle = True
