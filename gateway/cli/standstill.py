"""Whether the gateway of a configuration runs on this machine, and how far a long work has come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import Progress

from gateway.cli import pid_files
from gateway.cli.common import STOPPED, fail
from gateway.config import Config
from gateway.store.rows import Step


def demand_stopped(settings: Config) -> None:
    for path in pid_files.all_of(settings):
        if _runs(path):
            fail(f"the gateway runs ({path}): stop it first", STOPPED)


def _runs(path: Path) -> bool:
    try:
        os.kill(int(path.read_text()), 0)
    except PermissionError:  # another user's process: it is there
        return True
    except (OSError, ValueError):
        return False
    return True


@contextmanager
def told() -> Iterator[Step]:
    """A bar for each thing that is done, on a terminal only."""
    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=not console.is_terminal) as bar:
        tasks = {}

        def step(what: str, done: int, of: int) -> None:
            if what not in tasks:
                tasks[what] = bar.add_task(what, total=of)
            bar.update(tasks[what], completed=done)

        yield step
