"""What the word lists cost to load, and what of them each process has for itself.

A fresh Python loads and compiles them three times over. Then one warm process forks some, as the
zygote and the doors' supervisor do; each child searches mails, so that it touches what a search
touches, and tells what the kernel counts: its proportional share (PSS), and what is its own alone.
"""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median

LOADS = 3
CHILDREN = 4
_SCRIPT = """
import time
from gateway.detect import search
search.kinds()  # the modules, which are no word lists
started = time.process_time()
search.warm()
print(time.process_time() - started)
"""


def loading(root: Path) -> float:
    """Seconds of processor time in a process that has nothing yet, its modules apart."""
    command = [sys.executable, "-c", _SCRIPT]
    took = [
        float(subprocess.run(command, check=True, capture_output=True, cwd=root).stdout)
        for _ in range(LOADS)
    ]
    return median(took)


def kilobytes() -> dict[str, int]:
    """Of this process, as the kernel counts: {"Rss": …, "Pss": …, "Private_Dirty": …, …}."""
    lines = Path("/proc/self/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]
    return {line.split(":")[0]: int(line.split()[1]) for line in lines}


def of_children(work: Callable[[], object]) -> list[dict[str, int]]:
    """What each of some children has, all alive at once, after its work. The collector is told to
    leave alone what is there, or it would write to every page."""
    gc.collect()
    gc.freeze()
    pipes = []
    for _ in range(CHILDREN):
        told, telling = os.pipe()
        asked, asking = os.pipe()
        if not os.fork():
            os.close(asking)
            work()
            os.write(telling, b"ready\n")
            os.read(asked, 1)  # until all are
            figures = kilobytes()
            os.write(telling, " ".join(f"{k}={v}" for k, v in figures.items()).encode() + b"\n")
            os.read(asked, 1)
            os._exit(0)
        os.close(telling)
        os.close(asked)
        pipes.append((os.fdopen(told), asking))
    for told_by, _ in pipes:
        told_by.readline()
    for _, asking in pipes:
        os.write(asking, b"!")
    found = [dict(_pair(word) for word in told_by.readline().split()) for told_by, _ in pipes]
    for told_by, asking in pipes:
        os.write(asking, b"!")  # not its end: the later ones have it open, too
        told_by.close()
        os.close(asking)
        os.wait()
    gc.unfreeze()
    return found


def _pair(word: str) -> tuple[str, int]:
    name, _, value = word.partition("=")
    return name, int(value)
