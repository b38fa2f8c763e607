"""Processes as Linux shows them, for tests that look behind the wall."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from pathlib import Path


def children(pid: int | None = None) -> set[int]:
    """Those of all threads of a process, zombies included; of our own process, the sandbox's only:
    other tests' database may be its child, too."""
    tasks = Path(f"/proc/{pid or os.getpid()}/task")
    found = {int(child) for task in tasks.iterdir() for child in _read(task / "children").split()}
    return found if pid else {child for child in found if _is_of_the_sandbox(child)}


def _is_of_the_sandbox(pid: int) -> bool:
    """A zombie has no command line any more."""
    command = _read(Path(f"/proc/{pid}/cmdline"))
    return not command or "gateway.sandbox" in command


def running(pid: int) -> bool:
    """Zombies are not: whoever should reap an orphan is none of ours."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] not in "ZX"


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


async def until(condition: Callable[[], bool]) -> None:
    """Let others run until it holds; the test's own time-out ends it otherwise."""
    while not condition():  # noqa: ASYNC110  (no event tells of another process's state)
        await asyncio.sleep(0)


def _read(path: Path) -> str:
    try:
        return path.read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
