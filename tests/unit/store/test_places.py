"""Contents move from any place to any other: by a copy, or by a backup."""

from __future__ import annotations

import asyncio
import io
import time

import pytest

from gateway.errors import Misconfigured
from gateway.store import transfer
from gateway.store.archive import Unusable
from gateway.store.backup import backup
from gateway.store.blobs import new_name
from gateway.store.database import engine_of
from gateway.store.database_blobs import CHUNK_BYTES
from gateway.store.restore import restore
from tests.makers.held import NOW, a_hold, a_letter, a_mail, content
from tests.stores import PLACES, Store, blobs_in, empty, fresh

CODES = ("7K2F-9QX1", "7K2F-9QX2")
BIG = content(body=b"x" * (CHUNK_BYTES + 1))
WAYS = list(zip(PLACES, (*PLACES[1:], PLACES[0]), strict=True))  # each once from, once to


def unheard(what, done, of):
    """Nobody watches."""


def living(directory, place):
    """A store with two mails; its database is PostgreSQL only where the contents are in it."""
    kind = "postgresql" if place == "database" else "sqlite"
    store = Store(fresh(kind, directory), directory, blobs=blobs_in(place, directory))

    async def live():
        for code in CODES:
            mail = a_mail(code, content=BIG)
            await store.custody.hold(mail, a_hold(mail), [a_letter()], [])

    asyncio.run(live())
    return store


def beside(tmp_path, place):
    """Another directory, and a place for contents there."""
    there = tmp_path / "there"
    there.mkdir()
    return there, blobs_in(place, there)


def opened(store):
    async def go():
        return [(await store.holds.open(code, store.private)).mail.content for code in CODES]

    return asyncio.run(go())


@pytest.mark.parametrize(("here", "there"), WAYS)
def test_contents_are_copied_to_another_place_and_compared(tmp_path, here, there):
    store = living(tmp_path, here)
    store.database.close()
    _, target = beside(tmp_path, there)
    engine = engine_of(store.url)
    steps = []
    copied = transfer.copy_contents(
        engine, store.blobs, target, step=lambda *step: steps.append(step)
    )
    assert (copied, steps[-1]) == (2, ("blobs", 2, 2))
    moved = Store(store.url, tmp_path, blobs=target)
    assert opened(moved) == [BIG, BIG]
    names = sorted(target.older_than(time.time() + 60))
    target.delete(names[:1])
    moved.database.close()
    transfer.copy_contents(engine, store.blobs, target, step=unheard)  # taken up again
    assert sorted(target.older_than(time.time() + 60)) == names
    target.close()
    engine.dispose()


@pytest.mark.parametrize(("here", "there"), WAYS)
def test_a_backup_is_restored_to_another_place(tmp_path, here, there):
    store = living(tmp_path, here)
    file = io.BytesIO()
    taking = backup(store.database, store.blobs, file, store.public, now=NOW, step=unheard)
    assert asyncio.run(taking).blobs == 2
    directory, target = beside(tmp_path, there)
    (directory / "keys").symlink_to(tmp_path / "keys")
    url = empty("sqlite", directory)
    engine = engine_of(url)
    told = restore(engine, target, file, store.private, now=NOW, step=unheard)
    assert (told.blobs, told.waiting, told.missing) == (2, 2, ())
    engine.dispose()
    restored = Store(url, directory, blobs=target)
    assert opened(restored) == [BIG, BIG]
    for one in (store, restored):
        one.blobs.close()
        one.database.close()


@pytest.mark.parametrize("place", PLACES)
def test_contents_of_another_store_are_not_mixed_with(tmp_path, place):
    store = living(tmp_path, "files")
    file = io.BytesIO()
    asyncio.run(backup(store.database, store.blobs, file, store.public, now=NOW, step=unheard))
    store.database.close()
    directory, target = beside(tmp_path, place)
    target.write(name := new_name(), [b"another's"])
    engine = engine_of(empty("sqlite", directory))
    with pytest.raises(Misconfigured, match="another store"):
        restore(engine, target, file, store.private, now=NOW, step=unheard)
    assert target.open(name).read() == b"another's"
    engine.dispose()
    target.close()


def test_a_store_with_its_contents_in_it_comes_back_whole_and_can_be_tried_again(tmp_path):
    """PostgreSQL for rows and contents: what a try before left there is no store."""
    store = living(tmp_path, "files")
    file = io.BytesIO()
    asyncio.run(backup(store.database, store.blobs, file, store.public, now=NOW, step=unheard))
    [_, name] = store.blob_names()
    directory, target = beside(tmp_path, "database")
    (directory / "keys").symlink_to(tmp_path / "keys")
    target.write(name, [b"of a try that was killed"])
    target.close()
    url = target._engine.url.render_as_string(hide_password=False)
    engine = engine_of(fresh("postgresql", directory))
    restore(engine, target, file, store.private, now=NOW, step=unheard)
    engine.dispose()
    restored = Store(url, directory, blobs=target)
    assert opened(restored) == [BIG, BIG]
    for one in (store, restored):
        one.blobs.close()
        one.database.close()


def test_a_content_that_is_missing_or_came_meanwhile_stops_the_copy(tmp_path, monkeypatch):
    store = living(tmp_path, "files")
    engine = engine_of(store.url)
    _, target = beside(tmp_path, "s3")
    late = a_mail("7K2F-9QX3")

    def held_meanwhile(what, done, of):
        if done == of:
            asyncio.run(store.custody.hold(late, a_hold(late), [], []))

    with pytest.raises(Unusable, match="meanwhile"):
        transfer.copy_contents(engine, store.blobs, target, step=held_meanwhile)
    store.blobs.delete(store.blob_names()[:1])
    with pytest.raises(Unusable):
        transfer.copy_contents(engine, store.blobs, target, step=unheard)
    engine.dispose()
    store.database.close()
