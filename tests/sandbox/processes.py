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


def zygote() -> int:
    """Of the only wall that stands in this process."""
    (pid,) = zygotes()
    return pid


def zygotes() -> set[int]:
    """None for a moment, while one takes the place of another."""
    (keeper,) = children()
    return children(keeper)


def _is_of_the_sandbox(pid: int) -> bool:
    """A zombie has no command line any more."""
    command = _read(Path(f"/proc/{pid}/cmdline"))
    return not command or "gateway.sandbox" in command


def running(pid: int) -> bool:
    """Zombies are not: whoever should reap an orphan is none of ours."""
    state = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(state) and state[0] not in "ZX"


def busy(pid: int) -> bool:
    """Has computed for longer than a small mail takes."""
    stat = _read(Path(f"/proc/{pid}/stat")).rpartition(")")[2].split()
    return bool(stat) and sum(map(int, stat[11:13])) / os.sysconf("SC_CLK_TCK") > 0.4  # seconds


def maps(pid: int) -> int:
    """Pieces of memory that a process has mapped."""
    return len(_read(Path(f"/proc/{pid}/maps")).splitlines())


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
