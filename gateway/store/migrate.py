"""Bring the tables up to date, from whatever version they are, with Alembic.

Nothing is read from the working directory: the migrations come with the package. One process
migrates at a time, behind a file lock (SQLite) or an advisory lock (PostgreSQL); the others then
find nothing left to do. A migration is one transaction: killed within, it never happened.

The first digit of a version is its era. Within an era migrations only add what older code neither
needs nor hurts, so that processes of several versions serve one store while nodes are replaced one
by one, and whoever goes back to the version before needs no other tables. What takes away, renames
or demands begins an era, for which every process must be stopped first.
"""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import Connection, Engine, inspect, text
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Misconfigured

HEAD = "0011"  # the newest of migrations/versions; a test holds them together
_ADVISORY_LOCK = 0x7661677565  # any number will do, as long as it is always the same


def to_head(engine: Engine) -> None:
    try:
        with alone(engine) as connection:
            _demand_unicode(connection)
            found = version_of(connection)
            if found != HEAD and not _only_has_more(found):
                from gateway.store.upgrade import upgrade

                upgrade(connection)
    except (SQLAlchemyError, OSError) as error:
        # The driver's text may name host and user; the operator wants them, and no mail is in it.
        raise Misconfigured(f"database: {getattr(error, 'orig', None) or error}") from error


def _demand_unicode(connection: Connection) -> None:
    """A cluster made under the C locale makes databases of SQL_ASCII, whose texts come as bytes;
    other encodings lack letters that names and subjects have."""
    if connection.dialect.name == "postgresql":
        encoding = connection.execute(text("SHOW server_encoding")).scalar()
        if encoding != "UTF8":
            raise Misconfigured(
                f"database: its encoding is {encoding}, and must be UTF8:"
                " createdb --encoding UTF8 --template template0 NAME"
            )


def version_of(connection: Connection) -> str | None:
    """Of the tables; None where there are none of ours."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    return str(found) if found else None


def demand_no_later(connection: Connection) -> None:
    """For what must know every column: a copy made by older code would leave some out."""
    if _only_has_more(version_of(connection)):
        raise Misconfigured("database: of a later version; let that version of the gateway do it")


def _only_has_more(found: str | None) -> bool:
    """Of a later version of our own era."""
    return found is not None and found[0] == HEAD[0] and found > HEAD


@contextmanager
def alone(engine: Engine) -> Iterator[Connection]:
    """A transaction that no other process migrates beside."""
    if engine.dialect.name == "postgresql":
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:n)"), {"n": _ADVISORY_LOCK})
            yield connection
        return
    with open(f"{engine.url.database}.lock", "ab") as lock:
        # Before the first connection, too: two that switch a new file to WAL refuse each other.
        fcntl.flock(lock, fcntl.LOCK_EX)
        with engine.execution_options(writes=True).begin() as connection:
            yield connection
