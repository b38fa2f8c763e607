"""One at a time: for work that reads what it then decides by, and may run in two processes."""

from __future__ import annotations

from sqlalchemy import Connection, func, select


def take_turn(connection: Connection, name: str) -> None:
    """Until this transaction ends, others that take the same turn wait.

    PostgreSQL only, where each statement then sees what the others committed; SQLite has one
    writer at a time anyway.
    """
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.pg_advisory_xact_lock(func.hashtext(name))))
