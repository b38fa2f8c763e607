"""A way to PostgreSQL that cuts, delays and refuses: between the store and the server's socket.

In a thread of its own with its own loop, so that it goes on while the store waits. Orders are
counted in pieces as they come from the socket, which for one connection is a message each way.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

SOCKET = ".s.PGSQL.5432"
_PIECE_BYTES = 1 << 16


@dataclass(slots=True)
class Proxy:
    """server: PostgreSQL's socket. folder: where ours is. cut_asked, cut_answered: cut every
    connection instead of handing on the n-th piece from now on, from the store or from the
    server. delay: seconds a piece. refuses: new connections end at once."""

    server: Path
    folder: Path
    cut_asked: int = 0
    cut_answered: int = 0
    delay: float = 0.0
    refuses: bool = False
    struck: bool = False
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _talks: set[asyncio.Task[None]] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)
    _end: asyncio.Event = field(default_factory=asyncio.Event)
    _thread: threading.Thread | None = None

    def __enter__(self) -> Self:
        ready = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(ready,), daemon=True)
        self._thread.start()
        ready.wait(60)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._end.set)
        if self._thread:
            self._thread.join(60)

    def behave(self) -> None:
        self.cut_asked = self.cut_answered = 0
        self.delay, self.refuses = 0.0, False

    def cut(self) -> None:
        """Every connection, now; on the return they are cut."""
        done = threading.Event()

        def all_of_them() -> None:
            self._cut()
            done.set()

        self._loop.call_soon_threadsafe(all_of_them)
        done.wait(60)

    def _cut(self) -> None:
        self.struck = True
        for writer in self._open:
            writer.transport.abort()

    def _run(self, ready: threading.Event) -> None:
        self._loop.run_until_complete(self._serve(ready))

    async def _serve(self, ready: threading.Event) -> None:
        server = await asyncio.start_unix_server(self._accept, self.folder / SOCKET)
        ready.set()
        await self._end.wait()
        server.close()
        self._cut()
        if self._talks:
            await asyncio.wait(self._talks)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.refuses:
            self.struck = True
            writer.transport.abort()
            return
        talk = asyncio.current_task()
        assert talk is not None
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)
        theirs, ours = await asyncio.open_unix_connection(self.server / SOCKET)
        both = {writer, ours}
        self._open |= both
        await asyncio.gather(self._pipe(reader, ours, True), self._pipe(theirs, writer, False))
        self._open -= both
        for one in both:
            one.transport.abort()

    async def _pipe(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: bool
    ) -> None:
        with contextlib.suppress(OSError):
            while piece := await reader.read(_PIECE_BYTES):
                if self._is_over(asked):
                    self._cut()
                    break
                if self.delay:
                    self.struck = True
                    await asyncio.sleep(self.delay)
                writer.write(piece)
                await writer.drain()
        with contextlib.suppress(OSError, RuntimeError):
            writer.write_eof()

    def _is_over(self, asked: bool) -> bool:
        name = "cut_asked" if asked else "cut_answered"
        left: int = getattr(self, name)
        if left:
            setattr(self, name, left - 1)
        return left == 1
