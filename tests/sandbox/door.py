"""A door that starts a wall, names the processes it made, and is killed while it reads.

Told a uid, it becomes that user once the wall stands, and ends a reading that takes too long.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys

from gateway.model import Limits
from gateway.sandbox.wall import SandboxWall
from tests.sandbox.processes import children, until, zygote, zygotes


async def main(become: int | None) -> None:
    wall = SandboxWall(read="tests.sandbox.hostile:read", warm=("tests.sandbox.hostile:warm",))
    await wall.start()
    (keeper,) = children()
    if become:
        os.setgroups([])
        os.setresgid(become, become, become)
        os.setresuid(become, become, become)
        await wall.read(b"loop", Limits(seconds=0.2), seconds=60)
        await until(lambda: len(children(zygote())) == 1)  # the worker was ended all the same
        await replaced(wall)
    reading = asyncio.create_task(wall.read(b"loop", Limits(), seconds=60))
    workers: list[int] = []

    def both() -> bool:
        workers[:] = children(zygote())  # one look: who answered last may be about to go
        return len(workers) == 2

    await until(both)
    print(json.dumps([keeper, zygote(), *workers]), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
    await reading


async def replaced(wall: SandboxWall) -> None:
    """End the zygote as one that no longer listens: the next one has the same rights."""
    first, degraded = zygote(), wall.degraded
    assert wall._zygote
    wall._zygote.give_up()
    status = (await wall.read(b"status", Limits(), seconds=60)).hits[0].value
    await until(lambda: bool(zygotes() - {first}))
    assert wall.degraded == degraded
    assert status.startswith("65534 65534 ")


if __name__ == "__main__":
    asyncio.run(main(json.loads(sys.argv[1])))
