"""Faults at the boundary of a process: what its disk, its databases and its limits do to it.

Each is a context manager on `Ground`; `Ground.struck` tells whether it was met at all, since only
faults that struck are counted. Those of a disk are what the kernel would answer (errno), given in
place of `os` to the blobs; SQLite writes by itself, and is brought to its own errors by its limits.
"""

from __future__ import annotations

import contextlib
import errno
import os
import resource
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import psycopg
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from gateway.store import file_blobs
from gateway.store.database import BUSY_SECONDS
from tests.stores import Store
from tools.faults.proxy import Proxy

LOCK_SECONDS = 0.3  # of a table on PostgreSQL, which waits without an end
_TORN_BYTES = 100
_NO_LIMIT_OF_PAGES = 1_073_741_823
_PRAGMAS_BACK = (
    f"PRAGMA max_page_count={_NO_LIMIT_OF_PAGES}",
    "PRAGMA query_only=OFF",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
)


@dataclass(slots=True)
class Ground:
    """What a fault may harm. url: of the database itself, past any proxy."""

    store: Store
    url: str
    rng: Random
    proxy: Proxy | None = None
    struck: bool = False

    @property
    def engine(self) -> Engine:
        return self.store.database._engine


Harm = Callable[[Ground], AbstractContextManager[None]]


class _Os:
    """`os` as the blobs see it, with one call that goes wrong. from_: at the n-th such call."""

    def __init__(self, ground: Ground, call: str, error: int, from_: int, torn: bool) -> None:
        self._ground, self._call, self._error = ground, call, error
        self._from, self._torn = from_, torn

    def __getattr__(self, name: str) -> Any:
        return self._failing if name == self._call else getattr(os, name)

    def _failing(self, *given: Any) -> Any:
        self._from -= 1
        if self._from == 0 and self._torn:
            descriptor, data = given
            return os.write(descriptor, data[:_TORN_BYTES])
        if self._from >= 0 and (self._from or self._torn):
            return getattr(os, self._call)(*given)
        self._ground.struck = True
        raise OSError(self._error, os.strerror(self._error))


def disk(call: str, error: int, *, torn: bool = False) -> Harm:
    """From the n-th call of that name on."""

    @contextlib.contextmanager
    def harm(ground: Ground) -> Iterator[None]:
        from_ = ground.rng.randint(1, 2 if call in ("fsync", "write") else 1)
        file_blobs.os = _Os(ground, call, error, from_, torn)  # type: ignore[attr-defined,assignment]
        try:
            yield
        finally:
            file_blobs.os = os  # type: ignore[attr-defined]

    return harm


@contextlib.contextmanager
def unreadable_blob(ground: Ground) -> Iterator[None]:
    real = file_blobs.FileBlobs.open

    def failing(self: file_blobs.FileBlobs, name: str) -> Any:
        ground.struck = True
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    file_blobs.FileBlobs.open = failing  # type: ignore[method-assign]
    try:
        yield
    finally:
        file_blobs.FileBlobs.open = real  # type: ignore[method-assign]


def pragma(wanted: Callable[[sqlite3.Connection], str]) -> Harm:
    """SQLite brought to an error of its own, on each connection of the store's pool."""

    @contextlib.contextmanager
    def harm(ground: Ground) -> Iterator[None]:
        pool = ground.engine.pool

        def before(connection: sqlite3.Connection, *_: object) -> None:
            connection.execute(wanted(connection))

        def back(connection: sqlite3.Connection, *_: object) -> None:
            for statement in _PRAGMAS_BACK:
                connection.execute(statement)

        event.listen(pool, "checkout", before)
        event.listen(pool, "checkin", back)
        try:
            with _noticed(ground):
                yield
        finally:
            event.remove(pool, "checkout", before)
            event.remove(pool, "checkin", back)

    return harm


def full(connection: sqlite3.Connection) -> str:
    [pages] = connection.execute("PRAGMA page_count").fetchone()
    return f"PRAGMA max_page_count={pages}"


def impatient(connection: sqlite3.Connection) -> str:
    return "PRAGMA busy_timeout=50"  # ms; the product's ten seconds would only take longer


def read_only(connection: sqlite3.Connection) -> str:
    return "PRAGMA query_only=ON"


@contextlib.contextmanager
def locked(ground: Ground) -> Iterator[None]:
    """SQLite: for as long as the attempt takes. PostgreSQL: for a moment, which it waits out."""
    if ground.url.startswith("sqlite"):
        other = sqlite3.connect(ground.url.removeprefix("sqlite:///"), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            with pragma(impatient)(ground):
                yield
        finally:
            other.close()
        return
    with psycopg.connect(ground.url) as there:
        there.execute("LOCK TABLE holds, outbox, memory IN ACCESS EXCLUSIVE MODE")
        free = threading.Timer(LOCK_SECONDS, there.commit)
        free.start()
        ground.struck = True
        try:
            yield
        finally:
            free.join()


@contextlib.contextmanager
def statement(ground: Ground) -> Iterator[None]:
    """The n-th statement fails, and all after it."""
    left = ground.rng.randint(1, 8)

    def failing(connection: object, cursor: object, text: str, *_: object) -> None:
        nonlocal left
        left -= 1
        if left <= 0:
            ground.struck = True
            raise OperationalError(text, {}, OSError(errno.EIO, "gone"))

    event.listen(ground.engine, "before_cursor_execute", failing)
    try:
        yield
    finally:
        event.remove(ground.engine, "before_cursor_execute", failing)


def commit(*, done: bool) -> Harm:
    """The first commit fails; done: it was carried out all the same, and nobody was told."""

    @contextlib.contextmanager
    def harm(ground: Ground) -> Iterator[None]:
        dialect = type(ground.engine.dialect)
        real = dialect.do_commit

        def lost(self: Any, connection: Any) -> None:
            if ground.struck:
                real(self, connection)
                return
            ground.struck = True
            if done:
                real(self, connection)
            raise OSError(errno.ECONNRESET, "connection reset")

        dialect.do_commit = lost  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            dialect.do_commit = real  # type: ignore[method-assign]

    return harm


def way(set_: Callable[[Proxy, Random], None]) -> Harm:
    """On the way to PostgreSQL."""

    @contextlib.contextmanager
    def harm(ground: Ground) -> Iterator[None]:
        assert ground.proxy is not None
        ground.proxy.struck = False
        set_(ground.proxy, ground.rng)
        try:
            yield
        finally:
            ground.proxy.behave()
            ground.struck = ground.proxy.struck

    return harm


def cut_asking(proxy: Proxy, rng: Random) -> None:
    proxy.cut_asked = rng.randint(1, 12)


def cut_answering(proxy: Proxy, rng: Random) -> None:
    proxy.cut_answered = rng.randint(1, 12)


def slow(proxy: Proxy, rng: Random) -> None:
    proxy.delay = rng.choice((0.01, 0.03))


def failing_over(proxy: Proxy, rng: Random) -> None:
    """The server is gone, and its successor not there yet."""
    proxy.refuses = True
    proxy.cut()


def limit(which: int, soft: Callable[[Ground], int]) -> Harm:
    """Below a limit of the kernel's for this process; it struck if something was put off."""

    @contextlib.contextmanager
    def harm(ground: Ground) -> Iterator[None]:
        before, hard = resource.getrlimit(which)
        resource.setrlimit(which, (soft(ground), hard))
        try:
            yield
        finally:
            resource.setrlimit(which, (before, hard))

    return harm


def few_bytes(ground: Ground) -> int:
    """Of a file, as a full disk has it: beyond what the database's log has, or not even that."""
    return ground.rng.choice((0, 1500, 20_000, 100_000))


def few_descriptors(ground: Ground) -> int:
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    return used + 1 + ground.rng.randint(0, 3)


def little_memory(ground: Ground) -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize() + ground.rng.choice((1, 4, 16)) * 1024 * 1024


@contextlib.contextmanager
def _noticed(ground: Ground) -> Iterator[None]:
    """The database complained: the fault struck."""

    def complained(_: object) -> None:
        ground.struck = True

    event.listen(ground.engine, "handle_error", complained)
    try:
        yield
    finally:
        event.remove(ground.engine, "handle_error", complained)
