"""Clients of the real doors, which do as a mail server does: they come again until they know.

One try is one connection. What was sent whole and not answered counts as cut: it may have been
carried out.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

from tools.faults.account import Told
from tools.faults.traffic import OURS, received

ANSWER_SECONDS = 120.0  # longer than a mail's deadline: a mail server waits, too
PAUSE_SECONDS = (0.2, 1.0)  # between two tries
TRY_SECONDS = 240.0  # for which a client tries; then it counts as never answered


class Deferred(Exception):
    """4yz before the content: nothing was begun."""


@dataclass(frozen=True, slots=True)
class Door:
    protocol: str
    port: int


async def delivered(told: Told, doors: Callable[[], Sequence[Door]], rng: Random) -> None:
    """Until each recipient has an answer for good. doors: those of the nodes, asked each time."""
    loop = asyncio.get_running_loop()
    end, tries = loop.time() + TRY_SECONDS, 0
    protocol = rng.choice(["smtp", "lmtp"])
    while told.waiting and loop.time() < end:
        tries += 1
        door = rng.choice([door for door in doors() if door.protocol == protocol])
        await _tried(told, door, tries)
        if told.waiting:
            await asyncio.sleep(rng.uniform(*PAUSE_SECONDS))


async def _tried(told: Told, door: Door, tries: int) -> None:
    said = False

    def content() -> bytes:
        nonlocal said
        said = True
        return received(told.sent, tries).replace(b"\r\n.", b"\r\n..") + b".\r\n"

    try:
        async with asyncio.timeout(ANSWER_SECONDS):
            replies = await _spoken(told, door, content)
    except Deferred:
        return
    except (OSError, EOFError, TimeoutError, asyncio.IncompleteReadError):
        told.cut += said
        return
    told.replies |= replies
    told.later += any(code[:1] == "4" for code in replies.values())


async def _spoken(told: Told, door: Door, content: Callable[[], bytes]) -> dict[str, str]:
    to = told.waiting
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)

    async def reply() -> str:
        while True:
            line = await reader.readuntil(b"\n")
            if line[3:4] != b"-":
                return line[:3].decode()

    async def say(*commands: str) -> None:
        for command in commands:
            writer.write(command.encode() + b"\r\n")
        for _ in commands:
            if (await reply())[:1] not in "23":
                raise Deferred

    try:
        if (await reply())[:1] != "2":
            raise Deferred
        await say(f"{'LHLO' if door.protocol == 'lmtp' else 'EHLO'} mta.{OURS}")
        await say(f"MAIL FROM:<{told.sent.sender}>", *(f"RCPT TO:<{one}>" for one in to), "DATA")
        writer.write(content())
        if door.protocol == "lmtp":
            replies = {one: await reply() for one in to}
        else:
            replies = dict.fromkeys(to, await reply())
        with contextlib.suppress(OSError, EOFError, asyncio.IncompleteReadError, Deferred):
            await say("QUIT")
        return replies
    finally:
        writer.transport.abort()
