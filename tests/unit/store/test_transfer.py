"""A store moves from one database to the other, whole or not at all."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager

import pytest
from sqlalchemy import insert, inspect, text

from gateway.errors import Misconfigured
from gateway.store import rows, transfer
from gateway.store.archive import Unusable
from gateway.store.database import engine_of
from gateway.store.file_blobs import FileBlobs
from gateway.store.schema import attempts, metadata
from tests.makers.held import CANARY, NOW, a_hold, a_letter, a_mail
from tests.makers.rows import one_of_each
from tests.stores import KINDS, Store, empty, fresh

CODES = ("7K2F-9QX1", "7K2F-9QX2")


def unheard(what, done, of):
    """Nobody watches."""


@contextmanager
def engines(*urls):
    made = [engine_of(url) for url in urls]
    yield made
    for engine in made:
        engine.dispose()


@pytest.fixture(params=KINDS)
def full(request, tmp_path):
    """A store with something in it, that nobody has open."""
    store = Store(fresh(request.param, tmp_path), tmp_path)

    async def live():
        for code in CODES:
            await store.custody.hold(a_mail(code), a_hold(a_mail(code)), [a_letter()], [])
        await store.holds.release(CODES[1], "dpo", "oui")
        passing = {"token_hash": "ab", "way": "local", "asked": "{}", "expires": NOW}
        await store.database.write(lambda c: c.execute(insert(attempts), passing))

    asyncio.run(live())
    store.database.close()
    return store


def digests(engine):
    found = {}
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            found[table.name] = rows.Digest()
            for batch in rows.read(connection, table):
                found[table.name].add(batch)
    return found


def test_every_row_of_every_table_is_there_and_nowhere_changed(full, tmp_path):
    [kind] = [kind for kind in KINDS if not full.url.startswith(kind)]
    there = tmp_path / "there"
    there.mkdir()
    with engines(full.url, empty(kind, there)) as (source, target):
        before = digests(source)
        steps = []
        copied = transfer.copy(source, target, step=lambda *step: steps.append(step))
        assert digests(source) == before, "the source is only read"
        assert digests(target) == before
        assert copied == sum(one.count for one in before.values()) == steps[-1][1] == steps[-1][2]
        url = target.url.render_as_string(hide_password=False)
    (there / "keys").symlink_to(full.directory / "keys")
    (there / "blobs").symlink_to(full.directory / "blobs")
    new = Store(url, there)

    async def go_on():
        opened = await new.holds.open(CODES[0], new.private)
        await new.holds.reject(CODES[0], "dpo")  # a row more, numbered behind those that came
        return opened, await new.outbox.lease(8, NOW, "host:1", 300.0)

    opened, due = asyncio.run(go_on())
    new.database.close()
    assert CANARY in opened.mail.content
    assert len(due) == 3, "it is the same store: what waited goes on"


@pytest.mark.parametrize("kind", KINDS)
def test_no_table_is_left_behind(tmp_path, kind):
    """Whichever there are: a row of each, from one kind of database to the other."""
    [other] = [one for one in KINDS if one != kind]
    urls = fresh(kind, tmp_path), empty(other, tmp_path)
    with engines(*urls) as (source, _), source.execution_options(writes=True).begin() as filling:
        one_of_each(filling)
    with engines(*urls) as (source, target):
        before = digests(source)
        assert {one.count for one in before.values()} == {1}
        transfer.copy(source, target, step=unheard)
        assert digests(target) == before
        there = set(inspect(target).get_table_names()) - {"alembic_version"}
        assert there == before.keys(), "and there is no table that we know nothing of"


def test_a_target_that_has_anything_is_refused(full, tmp_path):
    there = tmp_path / "there"
    there.mkdir()
    with engines(full.url, fresh("sqlite", there)) as (source, target):
        transfer.copy(source, target, step=unheard)
        before = digests(target)
        with pytest.raises(Misconfigured, match="not empty"):
            transfer.copy(source, target, step=unheard)
        assert digests(target) == before


def test_what_came_over_otherwise_than_it_was_counts_for_nothing(full, tmp_path, monkeypatch):
    """A row less, and a row that is another."""
    there = tmp_path / "there"
    there.mkdir()
    write = rows.write

    def one_less(connection, table, columns, some):
        write(connection, table, columns, some[1:] if table.name == "copies" else some)

    def another(connection, table, columns, some):
        write(connection, table, columns, some)
        connection.execute(
            text("UPDATE holds SET size = size + 1 WHERE id = :id"), {"id": CODES[0]}
        )

    for wrong in (one_less, another):
        monkeypatch.setattr(rows, "write", wrong)
        with engines(full.url, fresh("sqlite", there)) as (source, target):
            with pytest.raises(Unusable, match="not the same there"):
                transfer.copy(source, target, step=unheard)
            assert sum(one.count for one in digests(target).values()) == 0


def test_a_gateway_on_another_machine_is_noticed(tmp_path, monkeypatch):
    """PostgreSQL tells who is connected; of SQLite the command looks for the process."""
    monkeypatch.setattr(rows, "PATIENCE_SECONDS", 0.0)
    store = Store(fresh("postgresql", tmp_path), tmp_path)
    asyncio.run(store.rows("holds"))
    with engines(store.url, fresh("sqlite", tmp_path)) as (source, target):
        with pytest.raises(Misconfigured, match="others are connected"):
            transfer.copy(source, target, step=unheard)
        monkeypatch.undo()
        store.database.close()
        assert transfer.copy(source, target, step=unheard) == 0


def test_contents_are_copied_compared_and_taken_up_again(full, tmp_path):
    there = tmp_path / "elsewhere"
    names = full.blob_names()
    with engines(full.url) as (source,):
        assert transfer.copy_contents(source, full.blobs, FileBlobs(there), step=unheard) == 2
        assert sorted(one.name for one in there.iterdir()) == names
        (there / names[0]).write_bytes(b"half")
        (there / names[1]).unlink()
        transfer.copy_contents(source, full.blobs, FileBlobs(there), step=unheard)
        for name in names:
            assert (there / name).read_bytes() == (full.folder / name).read_bytes()
        (full.folder / names[0]).unlink()
        for place in (tmp_path / "third", there):
            with pytest.raises(Unusable, match="not here"):
                transfer.copy_contents(source, full.blobs, FileBlobs(place), step=unheard)
        assert (there / names[0]).exists()  # perhaps the only one left
