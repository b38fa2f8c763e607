"""Contents in PostgreSQL itself: one thing to copy, to fail over and to back up.

A content is rows of a megabyte, committed together: a name shows all of it or nothing. The table
is made by `prepare` and is none of the migrations': no version of the store reads it but by these
few lines, and the copy of a store's rows must not carry contents.

Each content is written by a transaction of its own, before the store's that names it: thus mails of
50 MB do not wait in the store's one writer, and what is swept is the same everywhere.
"""

from __future__ import annotations

import contextlib
import errno
import io
import time
from collections.abc import Iterable, Iterator
from typing import BinaryIO, cast

from sqlalchemy import (
    Column,
    Connection,
    Double,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    delete,
    func,
    select,
    text,
)
from sqlalchemy.exc import SQLAlchemyError

from gateway.store import migrate

TABLE = "blob_chunks"
CHUNK_BYTES = 1024 * 1024
_BATCH = 500  # names asked for at once

_apart = MetaData()
_chunks = Table(
    TABLE,
    _apart,
    Column("name", String(32), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    # By the server's clock, which all nodes share; seconds since the epoch.
    Column("written", Double, nullable=False, server_default=text("extract(epoch FROM now())")),
    Column("data", LargeBinary, nullable=False),
)
_of = {name: _chunks.c[name] for name in ("name", "number", "written", "data")}
_INSERT = _chunks.insert()


class DatabaseBlobs:
    """engine: of a PostgreSQL."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def prepare(self) -> None:
        with _trouble(), migrate.alone(self._engine) as connection:
            _apart.create_all(connection)
            # What is sealed does not shrink: PostgreSQL need not try.
            external = f"ALTER TABLE {TABLE} ALTER COLUMN data SET STORAGE EXTERNAL"
            connection.execute(text(external))

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        with _trouble(), self._engine.begin() as connection:
            for number, chunk in enumerate(_even(chunks)):
                connection.execute(_INSERT, {"name": name, "number": number, "data": chunk})

    def open(self, name: str) -> BinaryIO:
        return cast(BinaryIO, io.BufferedReader(_Rows(self._engine, name, self._count(name))))

    def size(self, name: str) -> int:
        octets = select(func.sum(func.octet_length(_of["data"]))).where(_of["name"] == name)
        with _trouble(), self._engine.connect() as connection:
            found = connection.execute(octets).scalar()
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "no such content")
        return int(found)

    def still_has(self, name: str, connection: Connection) -> bool:
        one = select(_of["number"]).where(_of["name"] == name, _of["number"] == 0)
        return connection.execute(one).first() is not None

    def delete(self, names: Iterable[str]) -> int:
        gone = delete(_chunks).where(_of["name"].in_(list(names))).returning(_of["number"])
        with _trouble(), self._engine.begin() as connection:
            return list(connection.execute(gone).scalars()).count(0)

    def older_than(self, then: float) -> Iterator[str]:
        last = ""
        with _trouble(), self._engine.connect() as connection:
            while True:
                clock = func.extract("epoch", func.now()) - time.time()  # the server's, less ours
                old = select(_of["name"]).where(
                    _of["number"] == 0, _of["written"] < then + clock, _of["name"] > last
                )
                names = connection.execute(old.order_by(_of["name"]).limit(_BATCH)).scalars().all()
                connection.rollback()  # `now` is that of the transaction's beginning
                yield from names
                if len(names) < _BATCH:
                    return
                last = names[-1]

    def free(self) -> int | None:
        return None

    def close(self) -> None:
        self._engine.dispose()

    def _count(self, name: str) -> int:
        rows = select(func.count()).where(_of["name"] == name)
        with _trouble(), self._engine.connect() as connection:
            found = connection.execute(rows).scalar_one()
        if not found:
            raise FileNotFoundError(errno.ENOENT, "no such content")
        return int(found)


class _Rows(io.RawIOBase):
    """One content, a row at a time."""

    def __init__(self, engine: Engine, name: str, count: int) -> None:
        self._engine, self._name, self._count = engine, name, count
        self._number, self._rest = 0, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        room = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._rest and self._number < self._count:
            self._rest = memoryview(self._next())
        taken = min(len(room), len(self._rest))
        room[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken

    def _next(self) -> bytes:
        of_it = (_of["name"] == self._name, _of["number"] == self._number)
        with _trouble(), self._engine.connect() as connection:
            row = connection.execute(select(_of["data"]).where(*of_it)).one_or_none()
        if row is None:
            raise FileNotFoundError(errno.ENOENT, "erased while it was read")
        self._number += 1
        return bytes(row.data)


def _even(chunks: Iterable[bytes]) -> Iterator[bytes]:
    """Rows of one size, at least one: an empty content is a content."""
    waiting = bytearray()
    written = False
    for chunk in chunks:
        waiting += chunk
        while len(waiting) >= CHUNK_BYTES:
            yield bytes(waiting[:CHUNK_BYTES])
            del waiting[:CHUNK_BYTES]
            written = True
    if waiting or not written:
        yield bytes(waiting)


@contextlib.contextmanager
def _trouble() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as error:
        raise OSError(errno.EIO, "contents: the database is away, or refuses") from error
