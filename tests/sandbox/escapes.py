"""Runs hostile acts behind one wall and prints what became of each, a JSON object a line.

A program, so that the same acts can be tried by root and by a plain user:

    python -m tests.sandbox.escapes '{"acts": ["fork"], "without": ["seccomp"]}'
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

from gateway.model import Limits
from gateway.sandbox.wall import SandboxWall
from tests.sandbox.processes import children, until, zygote

SECONDS = {"loop": 0.5, "loop_in_c": 0.5, "sleep": 0.5}  # those that never end
LONG = 30.0  # seconds: never reached, whatever the machine is busy with


def status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


async def shown() -> dict[str, str]:
    """What the kernel shows of a worker that waits."""
    await until(lambda: bool(children(zygote())))
    (worker,) = children(zygote())
    await until(lambda: status(worker)["State"].startswith("S"))  # for its message, jailed
    return status(worker) | {"Owner": str(os.stat(f"/proc/{worker}/mem").st_uid)}


async def run(acts: list[str], without: list[str]) -> None:
    wall = SandboxWall(
        read="tests.sandbox.hostile:read",
        warm=("tests.sandbox.hostile:warm",),
        without=tuple(without),
    )
    await wall.start()
    print(json.dumps({"act": "degraded", "values": wall.degraded}))
    print(json.dumps({"act": "shown", "values": await shown()}))
    for act in acts:
        limits = Limits(seconds=SECONDS.get(act.split()[0], LONG))
        reading = await wall.read(act.encode(), limits, seconds=LONG)
        told = {
            "act": act,
            "values": [hit.value for hit in reading.hits],
            "troubles": [problem.kind for problem in reading.problems],
            "details": [problem.detail for problem in reading.problems],
            "coverage": [part.coverage for part in reading.parts],
        }
        print(json.dumps(told))
    await wall.close()


if __name__ == "__main__":
    asyncio.run(run(**json.loads(sys.argv[1])))
