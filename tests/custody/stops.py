"""Where a process may be killed: every await of ours, and every system call that custody rests on.

A `Watch` counts named points as the process comes by them, and at the one it was given ends it by
SIGKILL, so that nothing of it runs afterwards: no `finally`, no callback, no thread's next step.

    await F:N      a task was suspended at line N of file F      (the world may move on meanwhile)
    after F:N      and is about to go on from there, or begins with the function there
    octets         a door is about to read what a client said
    open, write…   a file of the store is about to be touched; each write is torn in two
    commit         a transaction is about to be committed
    committed      it was, and nobody has been told
    SQL …          a statement is about to be executed (`statements`: by far the most of the points)

Points are told apart by their name and by how often it came, which, unlike the number of a turn of
the loop, does not depend on how quick a thread or a next hop was.
"""

from __future__ import annotations

import asyncio
import os
import signal
import threading
from collections import Counter
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import Engine, event
from sqlalchemy.engine.default import DefaultDialect

import gateway
from gateway.receive.connection import Connection
from gateway.receive.milter import MilterSession

_OURS = str(Path(gateway.__file__).parent) + os.sep
_TORN_BYTES = 100  # what goes out at a time of what is longer than this
_CALLS = ("fsync", "unlink", "rename", "replace", "link")


class Stop(NamedTuple):
    """A point: its name, and the how many-th time it comes (from 1)."""

    name: str
    time: int

    def __str__(self) -> str:
        return f"{self.name} ({self.time})"


class Watch:
    """last_words: said right before the kill. met: all points so far."""

    def __init__(self, fatal: Stop | None, last_words: Callable[[], None]) -> None:
        self._fatal, self._last_words = fatal, last_words
        self._counts: Counter[str] = Counter()
        self._lock = threading.Lock()
        self.met: list[Stop] = []

    def __call__(self, name: str) -> None:
        with self._lock:  # kept while we die: no thread takes another step
            self._counts[name] += 1
            here = Stop(name, self._counts[name])
            self.met.append(here)
            if here == self._fatal:
                self._last_words()
                os.kill(os.getpid(), signal.SIGKILL)

    def install(self, *, statements: bool) -> None:
        """For good: the process is a test's own and ends with it."""
        for name in _CALLS:
            self._before(os, name)
        self._before(Connection, "data_received", "octets")
        self._before(MilterSession, "data_received", "octets")
        self._files()
        self._commits()
        if statements:
            event.listen(
                Engine, "before_cursor_execute", lambda *about: self(f"SQL {_verb(about[2])}")
            )

    def tasks(
        self, loop: asyncio.AbstractEventLoop, work: Any, **options: Any
    ) -> asyncio.Task[Any]:
        """A task factory."""
        return asyncio.Task(_Stepped(work, self), loop=loop, **options)

    def _before(self, where: Any, name: str, point: str = "") -> None:
        real = getattr(where, name)

        def stopping(*arguments: Any, **options: Any) -> Any:
            self(point or name)
            return real(*arguments, **options)

        setattr(where, name, stopping)

    def _files(self) -> None:
        create, write = os.open, os.write

        def opened(path: Any, flags: int, *rest: Any, **options: Any) -> int:
            if flags & os.O_CREAT:
                self("open")
            return create(path, flags, *rest, **options)

        def torn(descriptor: int, data: Any) -> int:
            self("write")
            first = len(data) > _TORN_BYTES
            return write(descriptor, data[:_TORN_BYTES] if first else data)

        os.open, os.write = opened, torn  # type: ignore[assignment]

    def _commits(self) -> None:
        real = DefaultDialect.do_commit

        def commit(dialect: DefaultDialect, connection: Any) -> None:
            self("commit")
            real(dialect, connection)
            self("committed")

        DefaultDialect.do_commit = commit  # type: ignore[method-assign]


class _Stepped(Coroutine[Any, Any, Any]):
    """A task's coroutine, with a point wherever it is suspended and wherever it goes on."""

    def __init__(self, work: Coroutine[Any, Any, Any], watch: Watch) -> None:
        self._work, self._watch = work, watch
        code = getattr(work, "cr_code", None)
        ours = code is not None and code.co_filename.startswith(_OURS)
        self._where = f"{_short(code.co_filename)}:{code.co_firstlineno}" if ours else ""

    def send(self, value: Any) -> Any:
        return self._step(lambda: self._work.send(value))

    def throw(self, *error: Any) -> Any:
        return self._step(lambda: self._work.throw(*error))

    def close(self) -> None:
        self._work.close()

    def __await__(self) -> Any:
        return self._work.__await__()

    def _step(self, go_on: Callable[[], Any]) -> Any:
        if self._where:
            self._watch(f"after {self._where}")
        awaited = go_on()
        self._where = _where(self._work)
        if self._where:
            self._watch(f"await {self._where}")
        return awaited


def _where(work: Any) -> str:
    """The innermost line of ours at which it is suspended; "" where there is none."""
    found = ""
    while work is not None:
        frame = getattr(work, "cr_frame", None) or getattr(work, "gi_frame", None)
        if frame is not None and frame.f_code.co_filename.startswith(_OURS):
            found = f"{_short(frame.f_code.co_filename)}:{frame.f_lineno}"
        work = getattr(work, "cr_await", None) or getattr(work, "gi_yieldfrom", None)
    return found


def _short(file: str) -> str:
    return file.removeprefix(_OURS)


def _verb(statement: str) -> str:
    return statement.split(None, 1)[0]
