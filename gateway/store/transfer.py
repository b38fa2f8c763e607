"""Move a store from one database to the other kind: SQLite to PostgreSQL, or back.

All rows of all tables in one transaction of the target: killed within, the target is as empty as it
was. Before it is committed, what the target has is read again and compared with the source, row for
row. The source is only read, and stays as it is. Contents stay where they are, unless another
place is named for them.
"""

from __future__ import annotations

import hashlib

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
            migrate.demand_no_later(view)
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


def copy_contents(source: Engine, here: Blobs, there: Blobs, *, step: Step) -> int:
    """Contents that rows name, each read again at its new place. How many; Unusable for the disk,
    where one is missing, or where more came meanwhile. Misconfigured while others work there."""
    here.close()  # connections of ours would be taken for somebody's at work
    there.close()
    with source.connect() as connection:
        rows.demand_quiet(connection)
    names = _named(source)
    try:
        there.prepare()
        for number, name in enumerate(sorted(names), 1):
            _copy_content(here, there, name)
            step("blobs", number, len(names))
    except OSError as error:
        place = f"{error.filename}: " if error.filename else ""
        raise Unusable(f"{place}{error.strerror}") from error
    finally:
        here.close()
        there.close()
    if not _named(source) <= names:
        raise Unusable("mail was held meanwhile: stop every gateway first")
    return len(names)


def _copy_content(here: Blobs, there: Blobs, name: str) -> None:
    before = _digest(here, name)
    if before is None:
        raise Unusable(f"{name}: not here")
    if _digest(there, name) != before:
        there.delete([name])  # half of it, of a try that was killed
        with here.open(name) as stream:
            there.write(name, chunks_of(stream))
        if _digest(there, name) != before:
            raise Unusable(f"{name}: not the same there as here")


def _named(source: Engine) -> frozenset[str]:
    with source.connect() as connection:
        return frozenset(connection.execute(select(holds.c.blob)).scalars())


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
