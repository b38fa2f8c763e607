"""Move a store from one database to the other kind: SQLite to PostgreSQL, or back.

All rows of all tables in one transaction of the target: killed within, the target is as empty as it
was. Before it is committed, what the target has is read again and compared with the source, row for
row. The source is only read, and stays as it is. Contents stay where they are, unless another
folder is named for them.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from sqlalchemy import Connection, Engine, Table, select
from sqlalchemy.exc import SQLAlchemyError

from gateway.errors import Misconfigured
from gateway.store import migrate, rows
from gateway.store.archive import Unusable
from gateway.store.blobs import Blobs, chunks_of
from gateway.store.rows import Step
from gateway.store.schema import holds, metadata


def copy(source: Engine, target: Engine, *, step: Step) -> int:
    """How many rows. Misconfigured where the target is not empty or somebody works on the source;
    Unusable where the databases fail, or do not agree in the end."""
    migrate.to_head(source)
    try:
        # Whoever would write into an SQLite source meanwhile waits, and is refused in the end.
        with source.execution_options(writes=True).connect() as reading:
            view = rows.in_one_view(reading)
            rows.demand_quiet(view)
            with migrate.alone(target) as writing:
                if full := rows.filled(writing):
                    raise Misconfigured(f"the target is not empty ({', '.join(full[:3])})")
                if migrate.version_of(writing) != migrate.HEAD:
                    from gateway.store.upgrade import upgrade

                    upgrade(writing)
                done = _copy_tables(view, writing, step)
                rows.renumber(writing, metadata.sorted_tables)
                rows.demand_quiet(view)
                return done
    except (SQLAlchemyError, OSError) as error:
        raise Unusable(f"not copied: {getattr(error, 'orig', None) or error}") from error


def copy_contents(source: Engine, here: Path, there: Path, *, step: Step) -> int:
    """Contents that rows name, each read again at its new place. How many; Unusable for the disk,
    or where one is missing."""
    old, new = Blobs(here), Blobs(there)
    with source.connect() as connection:
        names = connection.execute(select(holds.c.blob)).scalars().all()
    try:
        for number, name in enumerate(names, 1):
            if _digest(new, name) != (before := _digest(old, name)):
                new.delete([name])  # half of it, of a try that was killed
                with old.open(name) as stream:
                    new.write(name, chunks_of(stream))
            if before is None or _digest(new, name) != before:
                raise Unusable(f"{name}: not the same there as here")
            step("blobs", number, len(names))
    except OSError as error:
        raise Unusable(f"{error.filename or there}: {error.strerror}") from error
    return len(names)


def _copy_tables(source: Connection, target: Connection, step: Step) -> int:
    tables = metadata.sorted_tables
    done, of = 0, sum(rows.count(source, table) for table in tables)
    for table in tables:
        columns = [column.name for column in table.columns]
        told = rows.Digest()
        for batch in rows.read(source, table):
            told.add(batch)
            rows.write(target, table, columns, batch)
            done += len(batch)
            step("rows", done, of)
        if _of(target, table) != told:
            raise Unusable(f"{table.name}: not the same there as here")
    return done


def _of(connection: Connection, table: Table) -> rows.Digest:
    found = rows.Digest()
    for batch in rows.read(connection, table):
        found.add(batch)
    return found


def _digest(blobs: Blobs, name: str) -> bytes | None:
    """None where it is not there."""
    try:
        with blobs.open(name) as stream:
            state = hashlib.sha256()
            for chunk in chunks_of(stream):
                state.update(chunk)
            return state.digest()
    except FileNotFoundError:
        return None
