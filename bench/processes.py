"""What a tree of processes costs, read from /proc: CPU seconds and resident memory.

CPU includes children that ended and were waited for. Memory counts shared pages once per process:
it is an upper bound where a system forks.
"""

from __future__ import annotations

import os
import threading
from pathlib import Path

TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def tree(roots: list[int]) -> list[int]:
    """These processes and all their descendants."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").glob("[0-9]*"):
        if fields := _stat(int(path.name)):
            children.setdefault(int(fields[1]), []).append(int(path.name))
    found, todo = [], list(roots)
    while todo:
        pid = todo.pop()
        if pid not in found and _stat(pid):
            found.append(pid)
            todo += children.get(pid, [])
    return found


def cpu_seconds(roots: list[int]) -> float:
    """utime, stime, cutime and cstime of the tree."""
    return sum(sum(map(int, fields[11:15])) for p in tree(roots) if (fields := _stat(p))) / TICKS


def resident_bytes(roots: list[int]) -> int:
    return sum(int(fields[21]) for p in tree(roots) if (fields := _stat(p))) * PAGE


def _stat(pid: int) -> list[str] | None:
    """proc(5): the fields after the command, so that [0] is the state, [1] the parent."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:  # gone meanwhile
        return None


class PeakMemory:
    """Samples the tree ten times a second while it is entered."""

    def __init__(self, roots: list[int]) -> None:
        self.roots, self.peak = roots, 0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> PeakMemory:
        if self.roots:
            self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        if self.roots:
            self._thread.join()

    def _watch(self) -> None:
        while not self._stop.wait(0.1):
            self.peak = max(self.peak, resident_bytes(self.roots))
