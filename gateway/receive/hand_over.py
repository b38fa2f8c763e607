"""From a door to the journey of a mail and back, whatever goes wrong on the way.

The journey runs in a task of its own, which no disconnect cancels: orders once begun are carried
out and remembered, and the client's retry finds them done. Two copies of the same mail at the
same time (a client that lost patience and tries again) go one after the other, so that the second
finds what the first has done.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine, Hashable, Mapping
from dataclasses import replace

from gateway.model import Mail, Reply
from gateway.ports import Answered, Process
from gateway.receive.trace import identity
from gateway.receive.wording import try_later

Event = Callable[[str, Mapping[str, object]], None]


class HandOver:
    def __init__(self, process: Process, answered: Answered, event: Event) -> None:
        self._process = process
        self._answered = answered
        self._event = event
        self._turns = Turns()
        self._tasks: set[asyncio.Task[None]] = set()

    async def replies(self, mail: Mail) -> dict[str, Reply]:
        """One reply for each address of the envelope; never raises for what `process` does."""
        key = identity(mail)
        said: Mapping[str, Reply] = {}
        try:
            if await self._turns.take(key, mail.deadline):
                try:
                    said = await self._process(mail)
                finally:
                    self._turns.give_back(key)
        except Exception as error:  # its text may quote the mail
            self._event("mail failed", {"id": mail.id, "error": type(error).__name__})
        return {name: _fit(said.get(name), mail) for name in mail.envelope.addresses}

    def tell(self, mail: Mail, heard: bool) -> asyncio.Task[None] | None:
        """Say whether the client had our answer; the task, if any, ends once that is noted."""
        try:
            noting = self._answered(mail, heard)
        except Exception as error:
            self._not_noted(mail, error)
            return None
        if noting is None:
            return None
        task = asyncio.create_task(self._note(mail, noting))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _note(self, mail: Mail, noting: Coroutine[None, None, None]) -> None:
        try:
            await noting
        except Exception as error:
            self._not_noted(mail, error)

    def _not_noted(self, mail: Mail, error: Exception) -> None:
        self._event("note failed", {"id": mail.id, "error": type(error).__name__})

    async def settled(self) -> None:
        """Return once everything told is noted."""
        while self._tasks:
            await asyncio.wait(self._tasks)


class Turns:
    """Who works on a key alone, and who waits for it in order."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, deque[asyncio.Future[None]]] = {}

    async def take(self, key: Hashable, deadline: float) -> bool:
        """Whether the key is ours, at the latest at `deadline` on the loop's clock."""
        queue = self._waiting.get(key)
        if queue is None:
            self._waiting[key] = deque()
            return True
        turn = asyncio.get_running_loop().create_future()
        queue.append(turn)
        try:
            async with asyncio.timeout_at(deadline):
                await turn
        except BaseException as error:
            if turn.done() and not turn.cancelled():  # given to us at the last moment
                self.give_back(key)
            if isinstance(error, TimeoutError):
                return False
            raise
        return True

    def give_back(self, key: Hashable) -> None:
        queue = self._waiting[key]
        while queue:
            turn = queue.popleft()
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[key]

    def __len__(self) -> int:
        return len(self._waiting)


def _fit(reply: Reply | None, mail: Mail) -> Reply:
    """What may follow DATA: 2yz, 4yz or 5yz. A 421 of the next hop would announce our closing."""
    if reply is None or not (200 <= reply.code < 300 or 400 <= reply.code < 600):
        return try_later(mail.id)
    return replace(reply, code=451) if reply.code == 421 else reply


def one_for_all(replies: Mapping[str, Reply]) -> Reply:
    """SMTP's single reply: what must be tried again, else what is refused, else done."""
    several = list(replies.values())
    waiting = [reply for reply in several if reply.temporary]
    refused = [reply for reply in several if reply.refused]
    return (waiting or refused or several)[0]
