"""The way back: what is ruled to go and what is to be told, leased from one outbox by all nodes."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from tools.simulation.kernel import Clock, Process
from tools.simulation.node import Node
from tools.simulation.store import Work


@dataclass(frozen=True, slots=True)
class Item:
    """due: since when. release: a mail let go, whose sender is told; else a letter."""

    due: float
    release: bool


class Outbox:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._due: deque[Item] = deque()

    def put(self, release: bool) -> None:
        self._due.append(Item(self._clock.now, release))

    def lease(self, most: int) -> list[Item]:
        return [self._due.popleft() for _ in range(min(most, len(self._due)))]

    def again(self, item: Item, after: float) -> Process:
        """Its lease runs out."""
        yield after
        self._due.append(item)

    def __len__(self) -> int:
        return len(self._due)


class Round:
    """Waited for until all of its items are served."""

    def __init__(self, clock: Clock, items: int) -> None:
        self._clock, self._left = clock, items
        self._process: Process | None = None

    def claim(self, process: Process) -> bool:
        self._process = process
        return not self._left

    def done(self) -> None:
        self._left -= 1
        if not self._left and self._process:
            self._clock.start(self._process)


def release(node: Node, outbox: Outbox, sent: Callable[[Item], None]) -> Process:
    """A node's release process, until the node dies. sent: hears of each item that has left."""
    figures, clock = node.figures, node.clock
    while node.alive:
        items = outbox.lease(figures.round)
        if items:
            yield Work(node.releaser, figures.other_sql_ms / 1000)
            together = Round(clock, len(items))
            for item in items:
                clock.start(_send(node, outbox, item, together, sent))
            yield together
        if len(items) < figures.round:
            yield figures.poll_seconds


def _send(
    node: Node, outbox: Outbox, item: Item, together: Round, sent: Callable[[Item], None]
) -> Process:
    """A letter asks first whether its reader may have one more this hour."""
    begun, figures = node.clock.now, node.figures
    yield from node.run(figures.open_ms)
    if not item.release:
        yield Work(node.releaser, figures.other_sql_ms / 1000)
    yield node.hop_seconds()
    if node.alive:
        sent(item)
    yield Work(node.releaser, figures.other_sql_ms / 1000)
    if not node.alive:
        left = max(0.0, begun + figures.lease_seconds - node.clock.now)
        node.clock.start(outbox.again(item, left))
    elif item.release:
        outbox.put(release=False)
    together.done()
