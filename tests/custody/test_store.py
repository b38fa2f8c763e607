"""Killed at each step of a hold, the store keeps all of it or nothing; a failing disk is Temporary.

A child process holds one mail and is killed by SIGKILL before its n-th step, a step being a write
or fsync of a blob, a statement or the commit of the database. It says "answered" once `hold` has
returned: from then on nothing may be missing. The parent then opens what is left.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import resource
import signal

import pytest
from sqlalchemy import event

from gateway.errors import Temporary
from gateway.model import Disposition, Receipt, Reply
from gateway.retain import retain
from gateway.store import file_blobs
from tests.makers.held import NOW, TO, a_hold, a_letter, a_mail, content
from tests.stores import KINDS, Store, fresh

ID = a_mail().id
BIG = content(body=b"x" * 5000)  # with the torn writes below, a blob takes several
RECEIPTS = [Receipt(a, Disposition.QUARANTINE, Reply(250, "2.0.0", ("Ok",))) for a in TO]


def one_hold(store, code=ID):
    mail = a_mail(code, content=BIG)
    return store.custody.hold(mail, a_hold(mail), [a_letter()], RECEIPTS)


def child(url, directory, fatal, answers):
    """Hold one mail; die at step number `fatal`, each step being named as it comes."""
    store = Store(url, directory)
    steps = []

    def step(name):
        steps.append(name)
        if len(steps) == fatal:
            answers.send(name)
            os.kill(os.getpid(), signal.SIGKILL)

    class Counted:
        """The `os` of the blobs, counting."""

        def __getattr__(self, name):
            return getattr(os, name)

        def write(self, descriptor, data):
            step("blob write")
            return os.write(descriptor, data[:2000])  # torn

        def fsync(self, descriptor):
            step("blob fsync")
            os.fsync(descriptor)

    file_blobs.os = Counted()
    engine = store.database._writer._engine
    event.listen(engine, "before_cursor_execute", lambda *about: step(about[2].split()[0]))
    event.listen(engine, "commit", lambda connection: step("commit"))
    asyncio.run(one_hold(store))
    step("answer")
    answers.send("answered")
    os.kill(os.getpid(), signal.SIGKILL)


def killed_at(url, directory, fatal):
    """What the child said last: the step it died at, or "answered"."""
    fork = multiprocessing.get_context("fork")
    ours, theirs = fork.Pipe(duplex=False)
    process = fork.Process(target=child, args=(url, directory, fatal, theirs))
    process.start()
    theirs.close()
    said = ours.recv()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    return said


async def look(store):
    """(holds, copies, letters, memories, events, blobs), and whether the hold opens."""
    names = ("holds", "copies", "outbox", "memory", "events")
    counts = tuple([len(await store.rows(name)) for name in names])
    opened = await store.holds.open(ID, store.private)
    assert opened is None or opened.mail.content == BIG
    return counts, opened is not None


NOTHING = ((0, 0, 0, 0, 0), False)
ALL = ((1, 2, 1, 2, 1), True)


@pytest.mark.parametrize("kind", KINDS)
def test_killed_at_any_step_the_hold_is_whole_or_not_there(tmp_path, kind):
    """
    child: blob write… ─ fsync ─ fsync ─ BEGIN ─ statements… ─ commit ─ answer
    parent:              nothing of it is held                  │ all of it is
    """
    Store(fresh(kind, tmp_path), tmp_path).database.close()  # keys and tables
    steps = []
    while not steps or steps[-1] != "answered":
        store_url = fresh(kind, tmp_path) if kind == "postgresql" else _emptied(tmp_path)
        steps.append(killed_at(store_url, tmp_path, len(steps) + 1))
        store = Store(store_url, tmp_path)
        answered = steps[-1] in ("answer", "answered")
        assert asyncio.run(look(store)) == (ALL if answered else NOTHING), steps
        orphans = len(store.blob_names()) - answered
        for name in store.blob_names():
            os.utime(store.folder / name, (NOW, NOW))
        asyncio.run(store.lived())
        purged = asyncio.run(retain(store.database, store.blobs, now=NOW + 3601, key=store.hmac))
        assert purged == ({"orphans": orphans} if orphans else {})
        asyncio.run(again(store, answered))
        store.database.close()
    assert {"blob write", "blob fsync", "commit", "answer", "answered"} < set(steps)
    assert steps.count("blob write") >= 3
    assert steps.index("commit") > steps.index("blob fsync") > steps.index("blob write")


async def again(store, answered):
    """The client that got no answer tries again: the mail is then held, and held once."""
    if not answered:
        assert await store.memory.recall(a_mail("RETRY", content=BIG)) == {}
        await one_hold(store)
    else:
        assert set(await store.memory.recall(a_mail("RETRY", content=BIG))) == set(TO)
        await one_hold(store, "RETRY")
    assert [held.id for held in await store.holds.list()] == [ID]
    assert len(store.blob_names()) == 1


def _emptied(tmp_path):
    """A fresh SQLite store over the same keys."""
    for path in (*tmp_path.glob("store.db*"), *tmp_path.glob("blobs/*")):
        path.unlink()
    return f"sqlite:///{tmp_path}/store.db"


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


@pytest.mark.parametrize("fails", ["write", "fsync", "open"])
def test_a_failing_disk_is_temporary_and_leaves_nothing(store, monkeypatch, fails):
    class Failing:
        def __getattr__(self, name):
            return getattr(os, name)

    def fail(*_):
        raise OSError(5, "Input/output error")

    failing = Failing()
    setattr(failing, fails, fail)

    async def go():
        monkeypatch.setattr(file_blobs, "os", failing)
        with pytest.raises(Temporary):
            await one_hold(store)
        monkeypatch.undo()
        assert await look(store) == NOTHING
        assert store.blob_names() == []
        await one_hold(store)
        return await look(store)

    assert asyncio.run(go()) == ALL


@pytest.mark.parametrize("room", [0, 2500], ids=["none", "for half the blob"])
def test_a_full_disk_is_temporary_and_leaves_nothing(tmp_path, room):
    """RLIMIT_FSIZE refuses what goes beyond, as a full disk does; in SQLite's files, too."""
    store = Store(fresh("sqlite", tmp_path), tmp_path)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def go():
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
        try:
            with pytest.raises(Temporary):
                await one_hold(store)
            if room == 0:
                with pytest.raises(Temporary):
                    await store.custody.post(a_mail(), [a_letter()], RECEIPTS)
                with pytest.raises(Temporary):
                    await store.memory.remember(a_mail(), RECEIPTS, answered=False)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert await look(store) == NOTHING
        assert store.blob_names() == []
        await one_hold(store)
        return await look(store)

    assert asyncio.run(go()) == ALL
    store.database.close()


def test_a_commit_that_fails_leaves_the_blob_to_the_sweep(store, monkeypatch):
    """Whether the commit was done is not known when the connection breaks in it: a blob that may
    have a row is not ours to delete."""
    dialect = type(store.database._engine.dialect)

    def lost(self, connection):
        raise OSError("connection reset")

    async def go():
        monkeypatch.setattr(dialect, "do_commit", lost)
        with pytest.raises(Temporary):
            await one_hold(store)
        monkeypatch.undo()
        return len(store.blob_names()), await look(store)

    assert asyncio.run(go()) == (1, NOTHING)


def test_a_commit_done_but_unheard_of_is_found_by_the_retry(store, monkeypatch):
    dialect = type(store.database._engine.dialect)
    commit = dialect.do_commit

    def unheard(self, connection):
        commit(self, connection)
        raise OSError("connection reset")

    async def go():
        monkeypatch.setattr(dialect, "do_commit", unheard)
        with pytest.raises(Temporary):
            await one_hold(store)
        monkeypatch.undo()
        await again(store, True)
        return await look(store)

    assert asyncio.run(go()) == ALL


def test_a_blob_swept_meanwhile_is_not_answered_for(store, monkeypatch):
    write = file_blobs.FileBlobs.write

    def written_and_swept(self, name, chunks):
        write(self, name, chunks)
        self.delete([name])

    monkeypatch.setattr(file_blobs.FileBlobs, "write", written_and_swept)
    with pytest.raises(Temporary):
        asyncio.run(one_hold(store))
    assert asyncio.run(look(store)) == NOTHING


def test_after_a_jump_of_the_clock_nobody_knows_whether_it_was_swept(store, monkeypatch):
    """Between content and row: whoever sweeps takes it for an hour old."""
    write = file_blobs.FileBlobs.write

    def written_and_jumped(self, name, chunks):
        write(self, name, chunks)
        store.now += 3600.0

    monkeypatch.setattr(file_blobs.FileBlobs, "write", written_and_jumped)
    with pytest.raises(Temporary):
        asyncio.run(one_hold(store))
    assert asyncio.run(look(store)) == NOTHING
