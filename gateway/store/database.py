"""The store's database: SQLite in a file, or PostgreSQL where several nodes share one.

SQLite: WAL with synchronous=FULL, since a commit answers for a 250; secure_delete, since what is
erased must be gone. Several processes write to it: a transaction takes the write lock at once
(BEGIN IMMEDIATE), because one that reads first and writes later may fail without waiting.
PostgreSQL: psycopg 3, READ COMMITTED; it must run with synchronous_commit on, its default.

Open it after a fork, never before: threads and connections do not survive one.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from importlib import import_module
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, Select, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, SQLAlchemyError

from gateway.errors import Misconfigured, Temporary
from gateway.store import migrate
from gateway.store.file_blobs import sync_directory
from gateway.store.writer import Work, Writer

T = TypeVar("T")

BUSY_SECONDS = 10  # a writer's patience with another process; then Temporary, and the MTA retries
WRITE_SECONDS = 15.0  # a lock that somebody keeps, a disk that hangs: Temporary, within a deadline
GLANCE_BUSY_MS = 50  # the event loop's patience: SQLite's readers wait only for a recovery
READERS = 4  # threads for short reads

# Of libpq, in seconds, and once in milliseconds: a server that does not answer is away. Without
# probes, one that fell silent while it owed us an answer would be waited for two hours.
_SOON = {
    "connect_timeout": "5",
    "tcp_user_timeout": "15000",
    "keepalives_idle": "5",
    "keepalives_interval": "5",
    "keepalives_count": "2",
}

_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA foreign_keys=ON",
    f"PRAGMA busy_timeout={BUSY_SECONDS * 1000}",
    f"PRAGMA journal_size_limit={64 * 1024 * 1024}",  # bytes a WAL keeps once checkpointed
)


class Database:
    """`write`, `read` and `glance` raise Temporary for what the database or the disk does."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._writer = Writer(engine.execution_options(writes=True))
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="store-reader")
        self._glancer: sqlite3.Connection | None = None
        self._glances: dict[Select[Any], tuple[str, list[str]]] = {}
        self._pid = os.getpid()
        self._closed = False

    @classmethod
    def open(cls, url: str) -> Database:
        """Connect, and bring the tables up to date (whoever comes second waits for the first)."""
        engine = engine_of(url)
        migrate.to_head(engine)
        return cls(engine)

    async def write(self, work: Work[T]) -> T:
        """Run it in a transaction, maybe with others' works; durable on return. After a Temporary
        it may still become so."""
        self._check()
        here = copy_context()  # so that what the caller said of its events holds in that thread
        future = asyncio.wrap_future(self._writer.submit(lambda c: here.run(work, c)))
        try:
            async with asyncio.timeout(WRITE_SECONDS):
                return await future
        except TimeoutError:
            raise Temporary("store unavailable") from None

    async def read(self, work: Work[T]) -> T:
        """Run it on one consistent view, in a thread."""
        self._check()
        return await self._in_reader(self._engine, work)

    async def glance(self, statement: Select[Any], values: Mapping[str, Any]) -> list[tuple[Any]]:
        """A look-up by index that every mail pays for.

        On SQLite it runs right here on the driver: 8 µs, where a thread and SQLAlchemy take 150.
        """
        self._check()
        if self._engine.dialect.name != "sqlite":
            # Without a transaction, whose beginning and end would each be a round trip.
            engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
            return await self._in_reader(
                engine, lambda connection: [tuple(r) for r in connection.execute(statement, values)]
            )
        try:
            return self._glance(statement, values)
        except sqlite3.Error as error:
            raise Temporary("store unavailable") from error

    async def scrub(self) -> None:
        """After an erasure: fold SQLite's log, which still holds the erased pages, and empty it.

        On PostgreSQL dead rows go by VACUUM; its WAL is recycled by its own rules.
        """
        self._check()
        statements = ["PRAGMA wal_checkpoint(TRUNCATE)"]
        if self._engine.dialect.name == "postgresql":
            statements = [f"VACUUM {name}" for name in ("holds", "copies", "outbox", "memory")]
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT", bare=True)

        def work(connection: Connection) -> None:
            for statement in statements:
                # Closed at once: the pragma answers with a row, and a statement left half read
                # keeps the connection's next transaction from opening a savepoint.
                connection.execute(text(statement)).close()

        await self._in_reader(engine, work)

    def close(self) -> None:
        """Waits for what was submitted."""
        if not self._closed:
            self._closed = True
            self._writer.close()
            self._readers.shutdown()
            if self._glancer is not None:
                self._glancer.close()
            self._engine.dispose()

    def _check(self) -> None:
        if self._closed:
            raise Temporary("store closed")
        if os.getpid() != self._pid:
            raise RuntimeError("a Database does not survive a fork: open it afterwards")

    async def _in_reader(self, engine: Engine, work: Work[T]) -> T:
        def run() -> T:
            try:
                with engine.connect() as connection:
                    return work(connection)
            except (SQLAlchemyError, OSError) as error:
                raise Temporary("store unavailable") from error

        return await asyncio.get_running_loop().run_in_executor(self._readers, run)

    def _glance(self, statement: Select[Any], values: Mapping[str, Any]) -> list[tuple[Any]]:
        if self._glancer is None:
            path = self._engine.url.database
            assert path is not None
            self._glancer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
            self._glancer.execute(f"PRAGMA busy_timeout={GLANCE_BUSY_MS}")
            self._glancer.execute("PRAGMA query_only=ON")
        written = self._glances.get(statement)
        if written is None:
            compiled = statement.compile(dialect=self._engine.dialect)
            names = list(getattr(compiled, "positiontup", None) or ())
            written = self._glances[statement] = (str(compiled), names)
        sql, names = written
        return self._glancer.execute(sql, [values[name] for name in names]).fetchall()


def engine_of(url: str) -> Engine:
    """Connections as the store wants them, whatever the tables are."""
    try:
        parsed = make_url(url)
    except (ArgumentError, ValueError):  # a port that is no number
        raise Misconfigured("database: not a URL such as sqlite:///var/x.db") from None
    if parsed.get_backend_name() == "sqlite":
        return _sqlite(parsed)
    if parsed.get_backend_name() == "postgresql":
        return _postgresql(parsed)
    raise Misconfigured(f"database: {parsed.get_backend_name()} is not supported")


def insert(dialect: str, table: Any) -> Any:
    """INSERT … ON CONFLICT, which both databases spell alike and SQLAlchemy keeps apart.

    To be built once and given its values at execution: building one costs more than running it.
    """
    # Here, not above: a dialect is forty files, and a process needs one of the two.
    return import_module(f"sqlalchemy.dialects.{dialect}").insert(table)


def _sqlite(url: URL) -> Engine:
    if not url.database or url.database == ":memory:":
        raise Misconfigured("database: a store in memory would lose held mail")
    path = Path(url.database)
    _create(path)
    engine = create_engine(url, hide_parameters=True)

    @event.listens_for(engine, "connect")
    def configure(connection: sqlite3.Connection, _: object) -> None:
        connection.isolation_level = None  # BEGIN is ours to say: the driver's comes too late
        for pragma in _PRAGMAS:
            connection.execute(pragma)

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        options = connection.get_execution_options()
        if not options.get("bare"):
            connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writes") else "BEGIN")

    return engine


def _create(path: Path) -> None:
    """An empty file that others on this machine cannot read, under a durable name."""
    try:
        path.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o660))
        sync_directory(path.parent)
    except OSError as error:
        raise Misconfigured(f"database: {path}: {error.strerror}") from error


def _postgresql(url: URL) -> Engine:
    # Pre-ping: one round trip finds out that the server was restarted while we were idle. The
    # encoding is ours to say: a database of another one is refused, and must be able to say so.
    given = {name: value for name, value in _SOON.items() if name not in url.query}
    url = url.update_query_dict({**given, "client_encoding": "utf8"})
    return create_engine(
        url.set(drivername="postgresql+psycopg"), hide_parameters=True, pool_pre_ping=True
    )
