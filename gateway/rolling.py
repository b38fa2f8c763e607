"""One process after the other is replaced by a new one, with no connection refused meanwhile.

    new door ─▶ its canary is caught ─▶ it serves ─▶ SIGTERM to the old one: what is under way ends

Both accept from the same socket, which stays open. A new door that does not become ready, because
its configuration is wrong or its canary is not caught, is ended, the old one stays, and the rest is
left as it is. The release process and the console, of which two may not do the same work at once,
end before their successors begin; their letters and pages wait that long.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import signal
from dataclasses import replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.supervisor import Child, Supervisor

DOOR = "door"
READY_SECONDS = 120.0  # for a new door: start, warm-up, canary
LEAVE_SECONDS = 40.0  # for an old one, transactions included
LOOK_SECONDS = 0.05


async def roll(supervisor: Supervisor) -> None:
    """All of them; the log says how it went."""
    supervisor.log.info("rolling")
    for old in list(supervisor.children):
        if old.arguments[:1] == (DOOR,):
            if not await _replace(supervisor, old):
                supervisor.log.error("rolling given up", name=old.name)
                return
        else:
            await _again(supervisor, old)
    supervisor.log.info("rolled", processes=len(supervisor.children))


async def _replace(supervisor: Supervisor, old: Child) -> bool:
    """Whether the new one serves in its place; while it comes, the old one answers for both."""
    new = replace(
        old,
        process=None,
        ready=False,
        proven=True,  # that it refuses its configuration ends it alone
        failures=0,
        canary="",
        due=math.inf,
    )
    supervisor.beside.append(new)
    supervisor.keep(new)
    sound = await _is_ready(new)
    if sound:
        supervisor.children[supervisor.children.index(old)] = new
        supervisor.beside[supervisor.beside.index(new)] = old
    await _end(supervisor, old if sound else new)
    supervisor.beside.clear()
    return sound


async def _is_ready(new: Child) -> bool:
    """Asked again and again: what it says comes by the supervisor."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(READY_SECONDS):
            while not new.failures:
                if new.ready and not new.trouble:
                    return True
                await asyncio.sleep(LOOK_SECONDS)
    return False


async def _again(supervisor: Supervisor, child: Child) -> None:
    """Ended, it is started anew at once: its sockets take connections meanwhile."""
    await _end(supervisor, child)
    child.leaving, child.failures = False, 0
    supervisor.keep(child)
    await _is_ready(child)


async def _end(supervisor: Supervisor, child: Child) -> None:
    child.leaving, keeper = True, supervisor.keepers[id(child)]
    _tell(child, signal.SIGTERM)
    _, late = await asyncio.wait([keeper], timeout=LEAVE_SECONDS)
    if late:
        _tell(child, signal.SIGKILL)
        await asyncio.wait(late)
    del supervisor.keepers[id(child)]


def _tell(child: Child, number: signal.Signals) -> None:
    if child.process is not None and child.process.returncode is None:
        with contextlib.suppress(ProcessLookupError):
            child.process.send_signal(number)
