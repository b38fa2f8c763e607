"""Trials in a child that dies: killed at its n-th step, or short of memory.

    parent: sink, store emptied ─fork─▶ child: store, flow | release, step 1, 2, … SIGKILL
            client's retries, orders, all that is due, the accounts ◀─ what the client was answered

A step is a write or fsync of a blob, a statement or commit of the database before and after it, a
send to the next hop, an answer. The child is forked while this process has one thread.
"""

from __future__ import annotations

import asyncio
import contextlib
import faulthandler
import json
import os
import signal
import threading
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from sqlalchemy import event

from gateway.act.smtp_wire import Wire
from gateway.store import file_blobs
from gateway.store.database import Database
from tools.faults.account import Told
from tools.faults.faults import CLIENT, KILLED, KILLED_LATER, MEMORY, Fault
from tools.faults.harm import Ground
from tools.faults.inside import DOORS, Place, Struck, reckoned, rig_on
from tools.faults.rig import Rig
from tools.faults.traffic import HELD, KINDS, LATE_SECONDS, mail

MOST_STEPS = {CLIENT: 40, "release": 60}  # a mail has fewer: then nothing struck
PATIENCE_SECONDS = 60  # of a child, which must end by itself; else it says where it stands
_STUCK = 1  # its exit status then


@dataclass(slots=True)
class Steps:
    """Dies at the n-th."""

    fatal: int
    taken: int = 0

    def __call__(self, *_: object) -> None:
        self.taken += 1
        if self.taken == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)

    def watch(self, database: Database) -> None:
        event.listen(database._engine, "before_cursor_execute", lambda *about: self())
        dialect = type(database._engine.dialect)
        dialect.do_commit = self._around(dialect.do_commit)  # type: ignore[method-assign]
        file_blobs.os = self._os()  # type: ignore[attr-defined]
        Wire.send = self._around(Wire.send)  # type: ignore[method-assign]

    def _around(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*given: Any, **named: Any) -> Any:
            self()
            result = real(*given, **named)
            self()
            return result

        return counted

    def _os(self) -> Any:
        step = self

        class Counted:
            """The blobs' `os`; each write takes half of what it is given."""

            def __getattr__(self, name: str) -> Any:
                return getattr(os, name)

            def write(self, descriptor: int, data: bytes) -> int:
                step()
                return os.write(descriptor, data[: max(1, len(data) // 2)])

            def fsync(self, descriptor: int) -> None:
                step()
                os.fsync(descriptor)

        return Counted()


def trials(where: Place, seed: str, count: int) -> list[Struck]:
    """Not on a place with a proxy: that has a thread."""
    assert where.proxy is None
    rng = Random(seed)
    choices = (KILLED, KILLED, KILLED_LATER, MEMORY)
    found: list[Struck] = []
    for number in range(count):
        name = f"{seed}.{number}".replace(":", "-")
        struck = _trial(where, rng.choice(choices), rng, name)
        found += [struck] if struck else []
    return found


def _trial(where: Place, fault: Fault, rng: Random, name: str) -> Struck | None:
    kinds = HELD if fault is KILLED_LATER else tuple(KINDS)
    told = [Told(mail(f"{name}.{n}", rng, rng.choice(kinds))) for n in range(rng.randint(1, 2))]
    door, phase = rng.choice(DOORS), rng.choice(fault.phases)
    where.begin()
    now = asyncio.run(_before(where, door, told, rng, phase))
    died = _in_child(where, fault, Random(rng.random()), door, phase, told, now)
    return asyncio.run(_after(where, fault, door, told, rng, now, died))


async def _before(where: Place, door: str, told: Sequence[Told], rng: Random, phase: str) -> float:
    """For a release, mails held, and ordered or late enough. What the clock says afterwards."""
    if phase == CLIENT:
        return where.now
    store = where.store()
    async with rig_on(where, store, door=door) as one:
        for each in told:
            await one.retried(each)
            await one.ordered(each, rng)
    store.close()
    return store.now + LATE_SECONDS


def _in_child(
    where: Place,
    fault: Fault,
    rng: Random,
    door: str,
    phase: str,
    told: Sequence[Told],
    now: float,
) -> bool:
    """What the clients heard is written into `told`. Whether the child died of it."""
    only = threading.enumerate()
    assert only == [threading.current_thread()], f"{only}: a lock may be held across the fork"
    ours, theirs = os.pipe()
    pid = os.fork()
    if pid == 0:
        faulthandler.dump_traceback_later(PATIENCE_SECONDS, exit=True)
        try:
            asyncio.run(_child(where, fault, rng, door, phase, told, now, theirs))
        except Exception:  # a fault of the campaign's, not one of those that it looks for
            traceback.print_exc()
            os._exit(_STUCK)
        finally:
            os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as said:
        lines = [json.loads(line) for line in said if line.endswith(b"\n")]
    _, status = os.waitpid(pid, 0)
    assert os.waitstatus_to_exitcode(status) != _STUCK, f"{fault} {phase}: the child did not end"
    died = os.WIFSIGNALED(status)
    for each in told if phase == CLIENT else ():
        heard = [line["replies"] for line in lines if line["name"] == each.sent.name]
        for replies in heard:
            each.replies |= replies
            each.later += any(code.startswith("4") for code in replies.values())
        each.cut += died and not heard
    return died


async def _child(
    where: Place,
    fault: Fault,
    rng: Random,
    door: str,
    phase: str,
    told: Sequence[Told],
    now: float,
    pipe: int,
) -> None:
    def answered(one: Told) -> None:
        os.write(pipe, json.dumps({"name": one.sent.name, "replies": one.replies}).encode() + b"\n")

    store = where.store()
    store.now = now
    async with rig_on(where, store, door=door, answered=answered) as one:
        harm: contextlib.AbstractContextManager[None] = contextlib.nullcontext()
        if fault is MEMORY and fault.harm:
            harm = fault.harm(Ground(store, where.direct, rng))
        else:
            Steps(rng.randint(1, MOST_STEPS[phase])).watch(store.database)
        with harm:
            await _work(one, phase, told)


async def _work(one: Rig, phase: str, told: Sequence[Told]) -> None:
    if phase == CLIENT:
        for each in told:
            await one.brought(each)
    else:
        with contextlib.suppress(Exception):
            await one.looked()


async def _after(
    where: Place,
    fault: Fault,
    door: str,
    told: Sequence[Told],
    rng: Random,
    now: float,
    died: bool,
) -> Struck | None:
    """Another process takes over."""
    store = where.store()
    store.now = now
    async with rig_on(where, store, door=door) as one:
        struck = died or any(each.later for each in told)
        struck = struck or (fault is MEMORY and await one.waits())
        for each in told:
            await one.retried(each)
            await one.ordered(each, rng)
        drained = await one.drained()
        account = await reckoned(where, one, told, fault)
    where.now = store.now
    store.close()
    if not drained:
        account.wrong.append(f"the outbox does not empty: {told[0].sent.name}")
    return Struck(fault.family, fault.name, account) if struck else None
