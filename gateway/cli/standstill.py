"""Whether the gateway of a configuration runs on this machine, and how far a long work has come."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import Progress

from gateway.cli.common import STOPPED, fail
from gateway.cli.serve import PID_FILE
from gateway.config import Config
from gateway.store.rows import Step


def demand_stopped(settings: Config) -> None:
    path = settings.data / PID_FILE
    try:
        pid = int(path.read_text())
        os.kill(pid, 0)
    except PermissionError:  # another user's process: it is there
        pass
    except (OSError, ValueError):
        return
    fail(f"the gateway runs ({path}): stop it first", STOPPED)


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
