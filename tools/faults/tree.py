"""Who started whom, from /proc: a process may end while it is asked about, and is then nobody."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from pathlib import Path


def children(pids: Iterable[int]) -> list[int]:
    found: list[int] = []
    for pid in pids:
        for path in Path(f"/proc/{pid}/task").glob("*/children"):
            with contextlib.suppress(OSError):
                found += map(int, path.read_text().split())
    return found


def descendants(pid: int) -> list[int]:
    found, last = list[int](), [pid]
    while last := children(last):
        found += last
    return found


def command(pid: int) -> bytes:
    """Its words, each ended by NUL; b"" where it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def lives(pid: str) -> bool:
    return Path(f"/proc/{pid}").exists()
