"""A node: door processes, the workers behind their wall, the cores that all of them share."""

from __future__ import annotations

import math
from collections.abc import Callable, Generator
from random import Random

from tools.simulation.figures import Figures
from tools.simulation.kernel import Awaited, Clock, Process, Servers
from tools.simulation.store import Store, Work, Writer
from tools.simulation.traffic import Mail

Answered = Generator["float | Awaited", None, bool]


class Door:
    """loop: it does one thing at a time. places: of workers at once."""

    def __init__(self, clock: Clock, figures: Figures, store: Store) -> None:
        self.loop = Servers(clock, 1)
        self.places = Servers(clock, figures.workers)
        self.writer = Writer(store)
        self.connections = 0


class Node:
    """committed: hears of each hold, once it is durable, with the seconds it took.

    A node that dies is not mended: another takes its place. What it had under way goes on here,
    and counts for nothing.
    """

    def __init__(
        self,
        clock: Clock,
        figures: Figures,
        cores: int,
        store: Store,
        rng: Random,
        committed: Callable[[Node, float], None],
    ) -> None:
        self.clock, self.figures, self.store, self.rng = clock, figures, store, rng
        self.cores = Servers(clock, cores)
        self.doors = [Door(clock, figures, store) for _ in range(doors_of(cores))]
        self.releaser = Writer(store)
        self.alive = True
        self._committed = committed

    def serve(self, mail: Mail) -> Answered:
        """Whether it was answered for good; else the client has heard 451, or nothing."""
        door = self.rng.choice(self.doors)
        if door.connections >= self.figures.connections:
            return False
        door.connections += 1
        answered = yield from self._judge(door, mail)
        door.connections -= 1
        return answered and self.alive

    def run(self, milliseconds: float) -> Process:
        """Processor time, given up to others who wait after each slice."""
        left, most = milliseconds / 1000, self.figures.slice_ms / 1000
        yield self.cores
        while left > most:
            yield most
            left -= most
            if self.cores.waiting:
                self.cores.release()
                yield self.cores
        yield left
        self.cores.release()

    def hop_seconds(self) -> float:
        figures = self.figures
        return figures.hop_ms / 1000 * math.exp(self.rng.gauss(0, figures.hop_spread))

    def _judge(self, door: Door, mail: Mail) -> Answered:
        begun = self.clock.now
        yield mail.size_kb / self.figures.link_kb_s
        yield door.loop
        yield from self.run(self.figures.door_ms + mail.size_kb * self.figures.door_ms_kb)
        door.loop.release()
        if mail.kind.walled and not (yield from self._read(door, mail)):
            return False
        if mail.order == "held":
            yield from self._hold(door)
            if self.alive:
                self._committed(self, self.clock.now - begun)
        elif mail.order == "encrypted":
            yield from self._encrypt(door)
        elif mail.order == "passed":
            yield self.hop_seconds()
        return True

    def _read(self, door: Door, mail: Mail) -> Answered:
        """Behind the wall. Who has waited too long leaves when his turn comes, not before."""
        figures, since = self.figures, self.clock.now
        if door.places.waiting >= figures.waiting_per_worker * figures.workers:
            return False
        yield door.places
        in_time = self.clock.now - since <= figures.patience_seconds
        if in_time:
            yield from self.run(figures.worker_ms + mail.read_ms)
        door.places.release()
        return in_time

    def _hold(self, door: Door) -> Process:
        """Sealed, the blob and its directory made durable, then the row."""
        figures = self.figures
        yield from self.run(figures.seal_ms)
        yield self.store.sync_seconds() + self.store.sync_seconds()
        yield Work(door.writer, figures.sql_ms / 1000)
        self.clock.start(self._forget(door))

    def _forget(self, door: Door) -> Process:
        yield Work(door.writer, self.figures.other_sql_ms / 1000)

    def _encrypt(self, door: Door) -> Process:
        yield from self.run(self.figures.seal_ms)
        for _ in range(self.figures.encrypt_works):
            yield Work(door.writer, self.figures.other_sql_ms / 1000)
        yield self.hop_seconds()


def doors_of(cores: int) -> int:
    """`processes`: one a core, and the default of two at least."""
    return max(2, cores)
