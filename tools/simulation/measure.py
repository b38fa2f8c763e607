"""Some of the figures, measured anew on this machine in a few seconds: processor time where nothing
is waited for, the clock's for fsync."""

from __future__ import annotations

import asyncio
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from gateway.inspection import read
from gateway.model import DEFAULT_LIMITS, Disposition, Receipt, Reply
from tests.makers.held import TO, a_hold, a_letter, a_mail
from tests.stores import Store, fresh

_LETTER = (
    b"From: a@ours.example\r\nTo: b@autre.example\r\nSubject: Jeudi\r\n"
    b"Content-Type: text/plain; charset=utf-8\r\n\r\n"
    + b"Le parking nord reste accessible, mais on entre par la rue des Tilleuls.\r\n"
    * 54
)
_HOLDS = 100
_SYNCS = 200


def measured() -> dict[str, float]:
    """By the names of `Figures`; and `letter_ms`, what 4 KB take to read, a part of `door_ms`."""
    with tempfile.TemporaryDirectory() as directory:
        syncs = _syncs(Path(directory))
        found = asyncio.run(_store(Path(directory)))
    logs = [math.log(one) for one in syncs]
    read(_LETTER, DEFAULT_LIMITS)  # loads the word lists
    return found | {
        "letter_ms": min(_cpu_ms(lambda: read(_LETTER, DEFAULT_LIMITS)) for _ in range(50)),
        "fsync_ms": statistics.median(syncs),
        "fsync_spread": statistics.stdev(logs),
    }


def _cpu_ms(run: Callable[[], object]) -> float:
    started = time.process_time()
    run()
    return (time.process_time() - started) * 1000


def _syncs(directory: Path) -> list[float]:
    """Milliseconds of appending 4 KB and making it durable."""
    took = []
    with open(directory / "log", "wb", 0) as file:
        for _ in range(_SYNCS):
            started = time.perf_counter()
            file.write(bytes(4096))
            os.fsync(file.fileno())
            took.append((time.perf_counter() - started) * 1000)
    return took


async def _store(directory: Path) -> dict[str, float]:
    """Holds on SQLite, one after the other, so that each is a transaction of its own. What the
    writer's thread spent is the transactions; what the rest spent is sealing and blob."""
    store = Store(fresh("sqlite", directory), directory)
    mails = [
        replace(a_mail(f"M{number}"), content=_LETTER + b"%d\r\n" % number)
        for number in range(_HOLDS)
    ]
    done = [Receipt(to, Disposition.QUARANTINE, Reply(250, "2.0.0", ("Ok",))) for to in TO]

    async def spent() -> tuple[float, float]:
        return time.process_time(), await store.database.write(lambda _: time.thread_time())

    begun = await spent()
    for mail in mails:
        await store.custody.hold(mail, a_hold(mail), [a_letter()], done)
    held = await spent()
    for mail in mails:
        await store.memory.forget(mail)
    forgot = await spent()
    each = 1000 / _HOLDS
    sql = (held[1] - begun[1]) * each
    return {
        "seal_ms": (held[0] - begun[0]) * each - sql,
        "sql_ms": sql,
        "other_sql_ms": (forgot[1] - held[1]) * each,
    }
