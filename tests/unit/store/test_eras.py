"""Old and new code on one store: migrations only add, older code goes on beside what they added.

node A   version N-1 ────────────────────────────── stopped ─ version N
node B   version N-1 ─ stopped ─ version N: migrates ──────────────────
"""

from __future__ import annotations

import asyncio
import io
from itertools import pairwise

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.migration import MigrationContext
from alembic.operations import Operations
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from gateway.errors import Misconfigured
from gateway.model import Reply
from gateway.retain import retain
from gateway.store import transfer
from gateway.store.backup import backup
from gateway.store.database import Database, engine_of
from gateway.store.migrate import HEAD
from gateway.store.restore import restore
from gateway.store.upgrade import configuration
from tests.makers.held import NOW, TO, a_hold, a_letter, a_mail
from tests.stores import KINDS, Store, empty

YEAR_SECONDS = 365 * 86400.0


def the_next(operations):
    """What a later version of this era may do to the tables: whatever the rule lets pass."""
    operations.add_column("holds", sa.Column("colour", sa.String(10)))
    operations.add_column("copies", sa.Column("n", sa.Integer, nullable=False, server_default="0"))
    operations.add_column("outbox", sa.Column("lane", sa.String(8), server_default="slow"))
    operations.create_index("holds_by_colour", "holds", ["colour"])
    operations.create_table("hues", sa.Column("id", sa.Integer, primary_key=True))


def changed(url, change, version):
    """The store as a later version would leave it."""
    engine = engine_of(url).execution_options(writes=True)
    with engine.begin() as connection:
        change(Operations(MigrationContext.configure(connection)))
        connection.execute(text(f"UPDATE alembic_version SET version_num = '{version}'"))
    engine.dispose()


def shape(connection):
    """Of the tables: columns with type, whether NULL may stand there, whether it has a default;
    what must be unique or name another row; checks; which tables' rows it keeps from being erased.
    """
    seen = inspect(connection)
    tables = {}
    for name in seen.get_table_names():
        columns = {
            column["name"]: (str(column["type"]), column["nullable"], column["default"] is not None)
            for column in seen.get_columns(name)
        }
        demands = {tuple(one["column_names"]) for one in seen.get_unique_constraints(name)}
        demands |= {tuple(i["column_names"]) for i in seen.get_indexes(name) if i["unique"]}
        named = seen.get_foreign_keys(name)
        demands |= {tuple(key["constrained_columns"]) for key in named}
        demands.add(tuple(seen.get_pk_constraint(name)["constrained_columns"]))
        checks = {one["sqltext"] for one in seen.get_check_constraints(name)}
        ties = {k["referred_table"] for k in named if k["options"].get("ondelete") != "CASCADE"}
        tables[name] = (columns, demands, checks, ties)
    return tables


def broken(before, after):
    """What older code would stumble over."""
    for table, (columns, demands, checks, _) in before.items():
        if table not in after:
            yield f"{table} is gone"
            continue
        now, demands_now, checks_now, _ = after[table]
        yield from (f"{table}.{name} is gone" for name in columns.keys() - now.keys())
        yield from (
            f"{table}.{name} is another" for name in columns.keys() & now.keys()
            if columns[name] != now[name]
        )  # fmt: skip
        yield from (
            f"{table}.{name} is demanded" for name in now.keys() - columns.keys()
            if not now[name][1] and not now[name][2]
        )  # fmt: skip
        yield from (f"{table}: a new rule on {rule}" for rule in demands_now - demands)
        yield from (f"{table}: a new check" for _ in checks_now - checks)
    for table in after.keys() - before.keys():
        yield from (
            f"{table}: no row of {tied} is erased" for tied in after[table][3] & before.keys()
        )


def revisions():
    """From the oldest on."""
    walked = ScriptDirectory.from_config(configuration(None)).walk_revisions()
    return [script.revision for script in reversed(list(walked))]


@pytest.mark.parametrize("kind", KINDS)
def test_within_an_era_every_migration_only_adds(tmp_path, kind):
    engine = engine_of(empty(kind, tmp_path)).execution_options(writes=True)
    known = revisions()
    with engine.begin() as connection:
        command.upgrade(configuration(connection), known[0])
        before = shape(connection)
        for last, revision in pairwise(known):
            assert len(revision) == len(HEAD)
            assert revision > last
            command.upgrade(configuration(connection), revision)
            after = shape(connection)
            if revision[0] == last[0]:
                assert list(broken(before, after)) == [], f"{revision} must begin an era"
            before = after
    engine.dispose()


WRONG = {
    "a column dropped": lambda o: o.drop_column("holds", "grave"),
    "a column renamed": lambda o: o.alter_column("holds", "rule", new_column_name="law"),
    "a table dropped": lambda o: o.drop_table("permits"),
    "a table renamed": lambda o: o.rename_table("desk", "table"),
    "a column that is demanded": lambda o: (
        o.drop_table("permits"),
        o.create_table("permits", sa.Column("x", sa.Integer, nullable=False)),
    ),
    "a table whose rows must go before": lambda o: o.create_table(
        "hues", sa.Column("hold_id", sa.String(32), sa.ForeignKey("holds.id"), primary_key=True)
    ),
    "a column that must be one of its kind": lambda o: o.create_index(
        "x", "holds", ["queue_id"], unique=True
    ),
}


@pytest.mark.parametrize("wrong", WRONG.values(), ids=WRONG.keys())
def test_a_migration_that_takes_away_or_demands_is_told(tmp_path, wrong):
    url = empty("sqlite", tmp_path)
    Database.open(url).close()
    engine = engine_of(url)
    with engine.connect() as connection:
        before = shape(connection)
    changed(url, wrong, "0999")
    with engine.connect() as connection:
        assert list(broken(before, shape(connection)))
    engine.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_older_code_serves_a_store_that_a_later_version_has_added_to(tmp_path, kind):
    """Held before and after, released, refused, erased; it migrates nothing back."""
    url = empty(kind, tmp_path)
    running = Store(url, tmp_path)
    first, second = "7K2F-9QX1", "7K2F-9QX2"
    ok = Reply(250, "2.0.0", ("Ok",))

    async def held(store, code):
        mail = a_mail(code)
        await store.custody.hold(mail, a_hold(mail), [a_letter()], [])

    async def go(store):
        await held(store, second)
        assert {one.id for one in await store.holds.list()} == {first, second}
        assert await store.holds.release(first, "dpo") == (0, 1)
        for item in await store.outbox.lease(10, store.now, "host:1", 300.0):
            assert await store.outbox.done(item, ok)
        assert await store.holds.reject(second, "dpo") == (0, 1)
        purged = await retain(store.database, store.blobs, now=NOW + YEAR_SECONDS, key=store.hmac)
        assert (purged["holds"], purged["sent"]) == (2, len(TO) + 1)

    asyncio.run(held(running, first))
    later = f"{HEAD[0]}999"
    changed(url, the_next, later)
    started = Store(url, tmp_path)  # the process died and was started again: the same old code
    asyncio.run(go(started))
    asyncio.run(held(running, "7K2F-9QX3"))  # and the one that never stopped goes on as well
    assert asyncio.run(started.rows("alembic_version")) == [(later,)]
    running.database.close()
    started.database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_older_code_makes_no_copy_that_would_lack_what_it_does_not_know(tmp_path, kind):
    store = Store(empty(kind, tmp_path), tmp_path)
    changed(store.url, the_next, f"{HEAD[0]}999")
    unheard = lambda what, done, of: None  # noqa: E731
    taking = backup(store.database, store.blobs, io.BytesIO(), store.public, now=NOW, step=unheard)
    with pytest.raises(Misconfigured, match="later version"):
        asyncio.run(taking)
    store.database.close()
    source, target = engine_of(store.url), engine_of(f"sqlite:///{tmp_path}/other.db")
    with pytest.raises(Misconfigured, match="later version"):
        transfer.copy(source, target, step=unheard)
    with pytest.raises(Misconfigured, match="later version"):
        restore(source, store.blobs, io.BytesIO(), store.private, now=NOW, step=unheard)
    source.dispose()
    target.dispose()


@pytest.mark.parametrize("kind", KINDS)
def test_the_rows_survive_every_step_back_and_forth(tmp_path, kind):
    """What a version does not have is lost on the way back, and nothing else."""
    store = Store(empty(kind, tmp_path), tmp_path)
    mail = a_mail()
    asyncio.run(store.custody.hold(mail, a_hold(mail), [a_letter()], []))
    asyncio.run(store.holds.release(mail.id, "dpo", positions=[0]))
    engine = store.database._engine.execution_options(writes=True)

    def told(connection):
        """Of what the first version had: every row, in its columns."""
        return {
            name: sorted(map(repr, connection.execute(sa.select(table))))
            for name, table in first.tables.items()
            if name != "alembic_version"
        }

    known = revisions()
    first = oldest(tmp_path, known[0])
    with engine.begin() as connection:
        before = told(connection)
        assert [len(before[name]) for name in ("holds", "copies", "outbox")] == [1, 2, 2]
        for revision in reversed(known[:-1]):
            command.downgrade(configuration(connection), revision)
            assert told(connection) == before, revision
        for revision in known[1:]:
            command.upgrade(configuration(connection), revision)
            assert told(connection) == before, revision
    opened = asyncio.run(store.holds.open(mail.id, store.private))
    assert opened.mail.content == mail.content
    assert [copy.state for copy in opened.held.copies] == ["releasing", "held"]
    store.database.close()


def oldest(directory, revision):
    """The tables of that version."""
    engine = engine_of(f"sqlite:///{directory}/oldest.db").execution_options(writes=True)
    found = sa.MetaData()
    with engine.begin() as connection:
        command.upgrade(configuration(connection), revision)
        found.reflect(connection)
    engine.dispose()
    return found
