import asyncio
import multiprocessing
import os
import threading
import time

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, text
from sqlalchemy.exc import OperationalError

from gateway.errors import Misconfigured, Temporary
from gateway.store import database as database_module
from gateway.store import database_blobs
from gateway.store import writer as writer_module
from gateway.store.database import Database, engine_of
from gateway.store.events import note
from gateway.store.migrate import HEAD
from gateway.store.schema import events, metadata
from gateway.store.upgrade import configuration, head
from tests.stores import KINDS, empty


def count(connection):
    return len(connection.execute(select(events)).all())


def add(connection):
    note(connection, "test", time.time())


def fail(connection):
    add(connection)
    raise LookupError("its own mistake")


def test_what_is_written_is_read(store):
    async def go():
        await store.database.write(add)
        return await store.database.read(count)

    assert asyncio.run(go()) == 1


def test_a_failing_work_takes_nothing_of_its_neighbours_with_it(store):
    async def go():
        works = [add, fail, add, fail, add]
        return await asyncio.gather(*map(store.database.write, works), return_exceptions=True)

    kinds = [type(outcome) for outcome in asyncio.run(go())]
    assert kinds == [type(None), LookupError, type(None), LookupError, type(None)]
    assert asyncio.run(store.database.read(count)) == 3


def test_works_that_wait_are_committed_together(store):
    """The first one is held back until all others wait behind it."""
    ready = threading.Event()
    seen = []

    def first(connection):
        ready.wait(30)

    def work(connection):
        transaction = connection.get_transaction()
        seen.append(id(transaction))
        return transaction  # kept alive, so that ids differ

    async def go():
        tasks = [asyncio.create_task(store.database.write(first))]
        tasks += [asyncio.create_task(store.database.write(work)) for _ in range(50)]
        await asyncio.sleep(0)
        ready.set()
        return await asyncio.gather(*tasks)

    kept = asyncio.run(go())
    assert len(kept) == 51
    assert len(set(seen)) <= 2  # the first may have taken some along


def test_when_the_commit_fails_everybody_is_told(store, monkeypatch):
    dialect = type(store.database._engine.dialect)

    def lost(self, connection):
        raise OSError("the disk is full")

    async def go():
        monkeypatch.setattr(dialect, "do_commit", lost)
        outcomes = await asyncio.gather(
            *(store.database.write(add) for _ in range(3)), return_exceptions=True
        )
        monkeypatch.undo()
        return outcomes, await store.database.read(count)

    outcomes, kept = asyncio.run(go())
    assert [type(outcome) for outcome in outcomes] == [Temporary] * 3
    assert kept == 0


def test_when_the_database_ends_the_transaction_by_itself_everybody_is_told(tmp_path):
    """SQLite does so on a full disk: the works before it are undone, the later ones must not be
    committed apart."""
    database = Database.open(f"sqlite:///{tmp_path}/x.db")
    ready = threading.Event()

    def first(connection):
        ready.wait(30)

    def breaks(connection):
        connection.exec_driver_sql("ROLLBACK")
        raise OperationalError("x", {}, Exception("database or disk is full"))

    async def go():
        tasks = [asyncio.create_task(database.write(w)) for w in (first, add, breaks, add)]
        await asyncio.sleep(0)
        ready.set()
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        return outcomes, await database.read(count)

    outcomes, kept = asyncio.run(go())
    database.close()
    assert all(isinstance(outcome, Temporary) for outcome in outcomes[1:])
    assert kept == 0


def test_a_work_nobody_waits_for_any_more_is_not_done(store):
    async def go():
        running, ready = threading.Event(), threading.Event()

        def busy(connection):
            running.set()
            ready.wait(30)

        first = asyncio.create_task(store.database.write(busy))
        await asyncio.to_thread(running.wait, 30)  # its group is closed
        second = asyncio.create_task(store.database.write(add))
        await asyncio.sleep(0)
        second.cancel()
        await asyncio.sleep(0)
        ready.set()
        await first
        await store.database.write(add)
        return await store.database.read(count)

    assert asyncio.run(go()) == 1


def test_a_database_that_does_not_come_to_an_end_is_away(store, monkeypatch):
    """A table that somebody locked: who waits to be held is told so before his client gives up."""
    monkeypatch.setattr(database_module, "WRITE_SECONDS", 0.05)
    ready = threading.Event()

    async def go():
        with pytest.raises(Temporary):
            await store.database.write(lambda connection: (ready.wait(60), add(connection)))
        with pytest.raises(Temporary):
            await store.database.write(add)  # it had not begun: nobody will do it any more
        ready.set()
        monkeypatch.undo()
        await store.database.write(lambda connection: None)
        return await store.database.read(count)

    assert asyncio.run(go()) == 1


def test_a_server_that_falls_silent_is_not_waited_for_long(tmp_path):
    """Its machine lost its power while it owed us an answer, and another took over its address."""
    with engine_of(empty("postgresql", tmp_path)).connect() as connection:
        told = connection.connection.driver_connection.info.get_parameters()
    silence = int(told["keepalives_idle"]) + int(told["keepalives_interval"]) * int(
        told["keepalives_count"]
    )
    assert silence <= 15


def test_closing_waits_for_what_was_submitted_and_then_takes_nothing(store):
    async def go():
        tasks = [asyncio.create_task(store.database.write(add)) for _ in range(5)]
        await asyncio.sleep(0)
        await asyncio.to_thread(store.database.close)
        await asyncio.gather(*tasks)
        with pytest.raises(Temporary):
            await store.database.write(add)
        with pytest.raises(Temporary):
            await store.database.read(count)

    asyncio.run(go())
    again = Database.open(store.url)
    assert asyncio.run(again.read(count)) == 5
    again.close()


def test_a_group_has_a_bound(monkeypatch, store):
    monkeypatch.setattr(writer_module, "GROUP", 2)

    async def go():
        await asyncio.gather(*(store.database.write(add) for _ in range(9)))
        return await store.database.read(count)

    assert asyncio.run(go()) == 9


def test_events_are_kept(store):
    async def go():
        await store.database.write(add)
        for verb in ("DELETE FROM events", "UPDATE events SET kind = 'other'"):
            with pytest.raises(Temporary):
                await store.database.write(lambda c, verb=verb: c.execute(text(verb)))
        return await store.database.read(count)

    assert asyncio.run(go()) == 1


def test_sqlite_is_as_durable_and_forgetful_as_promised(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/deep/x.db")

    async def pragma(name):
        return await database.read(lambda c: c.exec_driver_sql(f"PRAGMA {name}").scalar())

    async def go():
        names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        return [await pragma(name) for name in names]

    assert asyncio.run(go()) == ["wal", 2, 1, 1]
    database.close()
    assert (tmp_path / "deep" / "x.db").stat().st_mode & 0o007 == 0


def test_another_processs_lock_is_waited_for_and_then_temporary(tmp_path, monkeypatch):
    monkeypatch.setattr(
        database_module, "_PRAGMAS", (*database_module._PRAGMAS, "PRAGMA busy_timeout=1")
    )
    database = Database.open(f"sqlite:///{tmp_path}/x.db")
    other = Database.open(f"sqlite:///{tmp_path}/x.db")

    async def go():
        inside, leave = threading.Event(), threading.Event()

        def hold_the_lock(connection):
            inside.set()
            leave.wait(30)

        holding = asyncio.create_task(other.write(hold_the_lock))
        await asyncio.to_thread(inside.wait, 30)
        with pytest.raises(Temporary):
            await database.write(add)
        assert await database.read(count) == 0  # readers are never in the way
        leave.set()
        await holding
        await database.write(add)
        return await database.read(count)

    assert asyncio.run(go()) == 1
    database.close()
    other.close()


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("sqlite://", "a store in memory loses held mail"),
        ("sqlite:///:memory:", "the same"),
        ("mysql://localhost/x", "not one of the two"),
        ("nonsense", "no URL"),
        ("postgresql://nobody@127.0.0.1:1/x", "nobody listens"),
        ("postgresql://localhost:port/x", "no number"),
        ("sqlite:////proc/x.db", "not a place to write"),
    ],
)
def test_refuses_to_start_with(url, why):
    with pytest.raises(Misconfigured):
        Database.open(url)


@pytest.mark.parametrize("encoding", ["SQL_ASCII", "LATIN9"])
def test_refuses_a_database_that_cannot_hold_every_letter(tmp_path, encoding):
    with pytest.raises(Misconfigured, match=f"is {encoding}, and must be UTF8"):
        Database.open(empty("postgresql", tmp_path, encoding))


def writer_process(url, writes, start):
    database = Database.open(url)
    start.wait(60)

    async def go():
        for _ in range(writes):
            await database.write(add)

    asyncio.run(go())
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_two_processes_make_and_write_one_store_at_once(tmp_path, kind):
    url = empty(kind, tmp_path)
    spawn = multiprocessing.get_context("spawn")
    start = spawn.Barrier(2)
    children = [spawn.Process(target=writer_process, args=(url, 40, start)) for _ in range(2)]
    for child in children:
        child.start()
    for child in children:
        child.join(100)
    assert [child.exitcode for child in children] == [0, 0]
    database = Database.open(url)
    assert asyncio.run(database.read(count)) == 80
    database.close()


def test_it_says_so_when_carried_over_a_fork(tmp_path):
    database = Database.open(f"sqlite:///{tmp_path}/x.db")
    child = os.fork()
    if child == 0:
        try:
            asyncio.run(database.write(add))
        except RuntimeError:
            os._exit(7)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
    database.close()


def test_the_migrations_make_exactly_the_tables_of_the_schema(store):
    apart = {"include_name": lambda name, kind, parents: name != database_blobs.TABLE}
    with store.database._engine.connect() as connection:
        context = MigrationContext.configure(connection, opts=apart)
        assert compare_metadata(context, metadata) == []


@pytest.mark.parametrize("kind", KINDS)
def test_migrations_go_back_and_forth(tmp_path, kind):
    database = Database.open(empty(kind, tmp_path))
    engine = database._engine.execution_options(writes=True)
    with engine.begin() as connection:
        command.downgrade(configuration(connection), "base")
        assert inspect(connection).get_table_names() == ["alembic_version"]
    with engine.begin() as connection:
        command.upgrade(configuration(connection), "head")
    asyncio.run(database.write(add))
    database.close()


@pytest.mark.parametrize("kind", KINDS)
def test_a_store_of_a_later_version_is_refused(tmp_path, kind):
    url = empty(kind, tmp_path)
    database = Database.open(url)
    later = text("UPDATE alembic_version SET version_num = '9999'")
    asyncio.run(database.write(lambda c: c.execute(later)))
    database.close()
    with pytest.raises(Misconfigured, match="later version"):
        Database.open(url)


def test_nothing_is_read_from_the_working_directory(tmp_path, monkeypatch):
    (tmp_path / "alembic.ini").write_text("[alembic]\nscript_location = nowhere\n")
    monkeypatch.chdir(tmp_path)
    Database.open(f"sqlite:///{tmp_path}/x.db").close()


def test_the_newest_migration_is_the_version_that_the_code_expects():
    assert head() == HEAD
