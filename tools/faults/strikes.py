"""What strikes real processes: SIGKILL and SIGSTOP, at whatever they are doing just then.

A victim is a name of the table; `find` gives the processes that bear it at this moment. Killed
supervisors, databases and next hops are started again here, as a service manager would; the rest is
the gateway's own affair.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from random import Random

from tests.e2e.gateway import Gateway
from tools.faults.cluster import Cluster
from tools.faults.tree import children, command

STOPPED_SECONDS = (0.2, 2.0)
BELOW_DOORS = {"door": 0, "keeper": 1, "zygote": 2, "worker": 3}
VICTIMS = (
    *("SIGKILL door",) * 4,
    *("SIGKILL release",) * 4,
    *("SIGKILL keeper", "SIGKILL zygote", "SIGKILL worker") * 2,
    *("SIGSTOP door", "SIGSTOP release", "SIGSTOP worker"),
    *("SIGKILL next hop",) * 2,
    "SIGKILL supervisor",
)
OF_POSTGRESQL = (*("SIGKILL backend",) * 3, *("SIGKILL postmaster",) * 2)


async def strike(cluster: Cluster, rng: Random) -> str:
    """One fault; its name, or "" where there was nobody to strike."""
    known = VICTIMS + (OF_POSTGRESQL if cluster.server else ())
    what = rng.choice(known)
    sign, whom = what.split(" ", 1)
    if whom == "next hop":
        await asyncio.to_thread(_again_next_hop, cluster)
    elif whom == "postmaster":
        assert cluster.server is not None
        cluster.server.kill()
        await asyncio.to_thread(cluster.server.start)
    elif whom == "supervisor":
        await asyncio.to_thread(cluster.power_off_and_on, rng.choice(cluster.nodes))
    else:
        pids = backends(cluster) if whom == "backend" else find(rng.choice(cluster.nodes), whom)
        if not pids:
            return ""
        await _signalled(rng.choice(pids), sign, rng)
    return what


def backends(cluster: Cluster) -> list[int]:
    assert cluster.server is not None
    with contextlib.suppress(OSError):
        return cluster.server.backends()
    return []


async def _signalled(pid: int, sign: str, rng: Random) -> None:
    with contextlib.suppress(ProcessLookupError):
        if sign == "SIGKILL":
            os.kill(pid, signal.SIGKILL)
            return
        os.kill(pid, signal.SIGSTOP)
        try:
            await asyncio.sleep(rng.uniform(*STOPPED_SECONDS))
        finally:
            os.kill(pid, signal.SIGCONT)


def _again_next_hop(cluster: Cluster) -> None:
    cluster.hop.down(kill=True)
    cluster.hop.up()


def find(node: Gateway, role: str) -> list[int]:
    """supervisor ─ door ─ keeper ─ zygote ─ worker: each a child of the one before."""
    assert node.process is not None
    below = children([node.process.pid])
    if role == "release":
        return [pid for pid in below if b"\0release\0" in command(pid)]
    found = [pid for pid in below if b"\0door\0" in command(pid)]
    for _ in range(BELOW_DOORS[role]):
        found = children(found)
    return found
