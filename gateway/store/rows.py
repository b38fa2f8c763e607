"""The rows of a store, out of one database and into another, whichever of the two kinds they are.

Written as JSON lines: the names of the columns first, then a list a row; octets are in base64. One
part is some megabytes of them, so that neither a table nor a member of an archive must be in memory
whole. Tables are read in one snapshot, and in an order in which rows name none that come later.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, MetaData, Table, func, select, text

from gateway.errors import Misconfigured
from gateway.store import database_blobs
from gateway.store.migrate import HEAD, version_of
from gateway.store.schema import metadata

PART_BYTES = 4 * 1024 * 1024
BATCH = 500  # rows asked for and written at once
PATIENCE_SECONDS = 10.0
_PAUSE_SECONDS = 0.1
_APART = ("alembic_version", database_blobs.TABLE)

Row = tuple[Any, ...]
Step = Callable[[str, int, int], None]  # told on the way: of what, how much is done, of how much


def in_one_view(connection: Connection) -> Connection:
    """Before its first statement: all that is read over it shows one instant, writers or not.
    SQLite's transactions do so in any case."""
    if connection.dialect.name == "postgresql":
        return connection.execution_options(
            isolation_level="REPEATABLE READ", postgresql_readonly=True
        )
    return connection


def demand_quiet(connection: Connection) -> None:
    """PostgreSQL knows who else is connected, from whatever machine. Misconfigured, unless they go
    soon: a process that was stopped just now is still seen for a moment."""
    if connection.dialect.name != "postgresql":
        return
    end = time.monotonic() + PATIENCE_SECONDS
    while _others(connection):
        if time.monotonic() >= end:
            raise Misconfigured("others are connected to the database: stop every gateway first")
        time.sleep(_PAUSE_SECONDS)


def tables_of(connection: Connection) -> tuple[Table, ...]:
    """As they are in this database, of whatever version; those that are named before those that
    name them."""
    if version_of(connection) == HEAD:
        return tuple(metadata.sorted_tables)  # to ask the database takes a tenth of a second
    found = MetaData()
    found.reflect(connection)
    return tuple(table for table in found.sorted_tables if table.name not in _APART)


def filled(connection: Connection) -> list[str]:
    """Tables that have rows; a database of somebody else's names all of its own."""
    tables = tables_of(connection)
    if tables and version_of(connection) is None:
        return [table.name for table in tables]
    return [table.name for table in tables if connection.execute(select(table).limit(1)).first()]


def count(connection: Connection, table: Table) -> int:
    return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def read(connection: Connection, table: Table) -> Iterator[Sequence[Row]]:
    """Batches, in no order."""
    streamed = connection.execute(select(table), execution_options={"yield_per": BATCH})
    for batch in streamed.partitions():
        yield [tuple(row) for row in batch]


def write(
    connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]
) -> None:
    for start in range(0, len(rows), BATCH):
        some = [dict(zip(columns, row, strict=True)) for row in rows[start : start + BATCH]]
        connection.execute(table.insert(), some)


def renumber(connection: Connection, tables: Sequence[Table]) -> None:
    """PostgreSQL: the next number after those that came in by themselves."""
    if connection.dialect.name != "postgresql":
        return
    for table in tables:
        counted = table.autoincrement_column
        if counted is None:
            continue
        sequence = func.pg_get_serial_sequence(table.name, counted.name)
        highest = select(func.max(counted)).scalar_subquery()
        connection.execute(select(func.setval(sequence, func.coalesce(highest, 1))))


def as_parts(columns: Sequence[str], batches: Iterator[Sequence[Row]]) -> Iterator[bytes]:
    """Nothing where there are no rows."""
    part: list[bytes] = []
    size = 0
    head = _line(columns)
    for batch in batches:
        for row in batch:
            line = as_line(row)
            part.append(line)
            size += len(line)
            if size >= PART_BYTES:
                yield head + b"".join(part)
                part, size = [], 0
    if part:
        yield head + b"".join(part)


def of_part(part: bytes) -> tuple[list[str], list[Row]]:
    """Columns and rows. ValueError for what `as_parts` did not write."""
    head, *lines = part.splitlines()
    columns = json.loads(head)
    rows = [tuple(map(_read, json.loads(line))) for line in lines]
    if any(len(row) != len(columns) for row in rows):
        raise ValueError("a row of another length than its columns")
    return columns, rows


def as_line(row: Row) -> bytes:
    return _line([_written(value) for value in row])


@dataclass(slots=True)
class Digest:
    """Of a table's rows, in whatever order they come: databases sort texts each in its way."""

    count: int = 0
    total: int = 0  # of the rows' SHA-256, modulo 2^256

    def add(self, rows: Sequence[Row]) -> None:
        self.count += len(rows)
        for row in rows:
            hashed = hashlib.sha256(as_line(row)).digest()
            self.total = (self.total + int.from_bytes(hashed, "big")) % 2**256


def _others(connection: Connection) -> int:
    connection.execute(text("SELECT pg_stat_clear_snapshot()"))  # else it is asked once only
    connected = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND backend_type = 'client backend'"
    )
    return int(connection.execute(text(connected)).scalar_one())


def _line(values: Sequence[object]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _written(value: object) -> object:
    if isinstance(value, bytes | bytearray | memoryview):
        return {"b": base64.b64encode(value).decode("ascii")}
    return value


def _read(value: Any) -> Any:
    return base64.b64decode(value["b"], validate=True) if isinstance(value, dict) else value
