"""Real gateways with everything around them: nodes, one store, one next hop.

clients ─▶ node 1, 2 (supervisor, doors, keeper, zygote, workers, release) ─▶ next hop
           └── one SQLite file, or one PostgreSQL; one folder of blobs and keys ──┘
"""

from __future__ import annotations

import contextlib
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import Connection, text, update

from gateway.config import SHIPPED_RULES
from gateway.store.schema import waits
from tests.e2e import gateway as e2e
from tests.e2e.gateway import Gateway
from tests.stores import Store
from tools.faults.clients import Door
from tools.faults.postgres import Server
from tools.faults.rig import NextHop
from tools.faults.traffic import RULES
from tools.faults.tree import descendants, lives

START_SECONDS = 600  # a gateway's patience; a machine that others use may be slow
_PROTOCOLS = ("smtp", "lmtp")


@dataclass(slots=True)
class Cluster:
    folder: Path
    hop: NextHop
    server: Server | None
    nodes: list[Gateway] = field(default_factory=list)
    down: set[int] = field(default_factory=set)  # nodes that nobody starts again

    @property
    def data(self) -> Path:
        return self.folder / "shared"

    @property
    def url(self) -> str:
        return self.server.url if self.server else f"sqlite:///{self.data}/vaguemestre.db"

    def doors(self) -> list[Door]:
        """Of nodes that are meant to be up: a mail server knows no better."""
        up = [node for number, node in enumerate(self.nodes) if number not in self.down]
        return [Door(name, getattr(node, name)) for node in up for name in _PROTOCOLS]

    def store(self) -> Store:
        """The same store, for the officer and for the accounts."""
        store = Store(self.url, self.data)
        store.now = time.time()
        return store

    def power_off(self, node: Gateway) -> None:
        """The supervisor first, which could start others; then all that is below it."""
        assert node.process is not None
        below = descendants(node.process.pid)
        node.process.kill()
        for pid in below:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        node.process.wait()

    def power_off_and_on(self, node: Gateway) -> None:
        self.power_off(node)
        node.start()

    async def let_time_pass(self, store: Store) -> None:
        """What waits for the clock is due: back-off, parked letters, delayed mail, and the leases
        of the dead, as if their five minutes were over."""
        now = time.time()
        waiting = text("SELECT DISTINCT owner FROM outbox WHERE state = 'waiting'")
        due = text(
            "UPDATE outbox SET due = :now, leased_until = 0 WHERE state = 'waiting'"
            " AND (owner IS NULL OR owner = :owner)"
        )

        def work(connection: Connection) -> None:
            connection.execute(update(waits).values(due=now))
            owners = [owner for (owner,) in connection.execute(waiting)]
            for owner in [
                "",
                *(one for one in owners if one and not lives(one.rpartition(":")[2])),
            ]:
                connection.execute(due, {"now": now, "owner": owner})

        await store.database.write(work)


@contextlib.contextmanager
def cluster(folder: Path, *, postgresql: bool, nodes: int = 1) -> Iterator[Cluster]:
    """Ready on entry; nothing of it is left on return."""
    hop = NextHop(folder / "sink.jsonl")
    server = Server() if postgresql else None
    made = Cluster(folder, hop, server)
    patience, e2e.PATIENCE_SECONDS = e2e.PATIENCE_SECONDS, START_SECONDS
    try:
        hop.up()
        if server:
            server.make()
        for number in range(nodes):
            made.nodes.append(_node(made, folder / f"node{number}", nodes))
            made.nodes[-1].start()  # one by one: the first makes tables and keys
        yield made
    finally:
        e2e.PATIENCE_SECONDS = patience
        for node in made.nodes:
            node.stop()
        hop.down()
        if server:
            server.stop()


def _node(made: Cluster, root: Path, many: int) -> Gateway:
    """With a folder of its own, and contents and keys where all nodes have them."""
    shared = made.data / "blobs"
    shared.mkdir(parents=True, exist_ok=True)
    (root / "var").mkdir(parents=True)
    (root / "var" / "blobs").symlink_to(shared)
    more: dict[str, object] = {
        "keys": str(made.data / "keys"),
        "database": made.url,
        "channels": ["pdf"],
        "rules": [str(SHIPPED_RULES), str(RULES)],
    }
    more["notices"] = {"per_hour": 1000}  # a letter a mail: bundles wait for an hour
    return Gateway(root, made.hop.port, more=more, processes=1 if many > 1 else 2)
