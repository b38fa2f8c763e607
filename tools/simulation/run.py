"""One run: nodes, their store and their outbox, and what comes to them for some seconds.

Where `looked_at` is below `nodes`, so many nodes are simulated mail by mail, with their share of
what comes; of the others only what they ask of the store is.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from tools.simulation.figures import Figures
from tools.simulation.kernel import Clock, Process
from tools.simulation.node import Node, doors_of
from tools.simulation.release import Item, Outbox, release
from tools.simulation.store import Store, Work, Writer
from tools.simulation.traffic import HOUR, PEAK, Mail, Traffic

_WARM = 0.1  # of the seconds: not counted, since everything is empty at the beginning
_RULED_SECONDS = 10.0  # after the hold, in the mean: a ruling is somebody's, hours ago, as likely


@dataclass(frozen=True, slots=True)
class Plan:
    """store: "sqlite" or "postgresql". peak: the busiest hour alone; else days from midnight on.
    fails: when the first node dies, for `down` seconds."""

    a_day: float
    nodes: int = 1
    cores: int = 2
    store: str = "sqlite"
    seconds: float = 600.0
    peak: bool = True
    looked_at: int | None = None
    fails: float | None = None
    down: float = 30.0


@dataclass(slots=True)
class Result:
    """counts: of all mails, by what became of them. Delays in seconds, after the warming up:
    doors: of the try that was answered for good; holds: to the commit; releases, letters: until
    the next hop has them. cores, store: the share of the time in which they are busy."""

    counts: Counter[str] = field(default_factory=Counter)
    doors: list[float] = field(default_factory=list)
    holds: list[float] = field(default_factory=list)
    releases: list[float] = field(default_factory=list)
    letters: list[float] = field(default_factory=list)
    cores: float = 0.0
    store: float = 0.0
    works_s: float = 0.0
    transactions_s: float = 0.0
    outbox: int = 0

    @property
    def put_off(self) -> float:
        """The share of mails whose first try heard 451 or nothing."""
        return self.counts["put off at first"] / max(1, self.counts["arrived"])


class Run:
    def __init__(self, plan: Plan, figures: Figures, seed: int) -> None:
        self.plan, self.figures = plan, figures
        self.result = Result()
        self.clock = Clock()
        self._rng = Random(seed)
        self._warm = plan.seconds * _WARM
        a_second = plan.a_day * PEAK / HOUR
        self._store = Store(self.clock, figures, plan.store, self._rng, a_second)
        self._outbox = Outbox(self.clock)
        here = plan.looked_at or plan.nodes
        self._nodes = [self._node() for _ in range(here)]
        part = here / plan.nodes
        traffic = Traffic(plan.a_day, part, plan.peak, figures)
        for at, mail in traffic.mails(self._rng, plan.seconds):
            self.clock.start(self._deliver(mail), at)
        if part < 1:
            self._others(plan.nodes - here, a_second * (1 - part))
        if plan.fails is not None:
            self.clock.start(self._fail(plan.fails, plan.down))

    def result_at_end(self) -> Result:
        plan, result = self.plan, self.result
        self.clock.run(plan.seconds)
        busy = sum(node.cores.busy_seconds for node in self._nodes)
        cores = sum(node.cores.count for node in self._nodes)
        result.cores = busy / cores / plan.seconds
        result.store = self._store.use
        result.works_s = self._store.works / plan.seconds
        result.transactions_s = self._store.transactions / plan.seconds
        result.outbox = len(self._outbox)
        return result

    def _node(self) -> Node:
        plan = self.plan
        node = Node(self.clock, self.figures, plan.cores, self._store, self._rng, self._committed)
        self.clock.start(release(node, self._outbox, self._sent))
        return node

    def _deliver(self, mail: Mail) -> Process:
        """Until it is answered for good: the queue is the client's."""
        counts, clock = self.result.counts, self.clock
        counts["arrived"] += 1
        counts["inside"] += 1
        pause = self.figures.retry_seconds
        for tries in range(1_000_000):
            begun = clock.now
            up = [node for node in self._nodes if node.alive]
            if up and (yield from self._rng.choice(up).serve(mail)):
                break
            counts["put off at first"] += not tries
            yield pause * (1 + self._rng.random() / 10)
            pause = min(2 * pause, self.figures.longest_retry_seconds)
        counts["inside"] -= 1
        counts[mail.order] += 1
        self._note(self.result.doors, clock.now - begun)

    def _committed(self, node: Node, seconds: float) -> None:
        self._note(self.result.holds, seconds)
        self._outbox.put(release=False)  # the sender is told
        if self._rng.random() < self.figures.released:
            self.clock.start(self._rule(node))

    def _rule(self, node: Node) -> Process:
        yield self._rng.expovariate(1 / _RULED_SECONDS)
        yield Work(node.releaser, self.figures.other_sql_ms / 1000)
        self._outbox.put(release=True)

    def _sent(self, item: Item) -> None:
        delays = self.result.releases if item.release else self.result.letters
        self._note(delays, self.clock.now - item.due)

    def _note(self, delays: list[float], seconds: float) -> None:
        if self.clock.now >= self._warm:
            delays.append(seconds)

    def _fail(self, after: float, down: float) -> Process:
        yield after
        self._nodes[0].alive = False
        yield down
        self._nodes[0] = self._node()

    # The nodes that are not looked at

    def _others(self, nodes: int, a_second: float) -> None:
        doors = [Writer(self._store) for _ in range(nodes * doors_of(self.plan.cores))]
        releasers = [Writer(self._store) for _ in range(nodes)]
        figures = self.figures
        held = self._one_held, figures.held
        encrypted = self._one_encrypted, figures.encrypted
        for one, share in (held, encrypted):
            if share:
                self.clock.start(self._coming(one, a_second * share, doors, releasers))

    def _coming(
        self,
        one: Callable[[Writer, Writer], Process],
        a_second: float,
        doors: list[Writer],
        releasers: list[Writer],
    ) -> Process:
        while True:
            yield self._rng.expovariate(a_second)
            self.clock.start(one(self._rng.choice(doors), self._rng.choice(releasers)))

    def _one_held(self, door: Writer, releaser: Writer) -> Process:
        """Hold, memory forgotten, its letter; perhaps ruling, release and another letter."""
        yield Work(door, self.figures.sql_ms / 1000)
        yield from self._plain(door, 1)
        yield from self._plain(releaser, 2)
        if self._rng.random() < self.figures.released:
            yield from self._plain(releaser, 4)
        if self._rng.random() < (1 + 2 * self.figures.released) / self.figures.round:
            yield from self._plain(releaser, 1)  # a lease serves a round of items, when they abound

    def _one_encrypted(self, door: Writer, releaser: Writer) -> Process:
        yield from self._plain(door, self.figures.encrypt_works)

    def _plain(self, writer: Writer, works: int) -> Process:
        for _ in range(works):
            yield Work(writer, self.figures.other_sql_ms / 1000)


def simulate(plan: Plan, figures: Figures | None = None, seed: int = 1) -> Result:
    return Run(plan, figures or Figures(), seed).result_at_end()
