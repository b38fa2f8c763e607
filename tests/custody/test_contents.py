"""Killed at each step of a hold whose content goes to PostgreSQL or S3: all of it, or nothing.

What `test_store` shows for files. A child is forked from a server that never spoke to either:
connections and the S3 library's threads do not survive a fork.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import signal
import time

import pytest
from sqlalchemy import event

from gateway.retain import retain
from gateway.store.database import engine_of
from gateway.store.database_blobs import DatabaseBlobs
from gateway.store.s3_blobs import S3Blobs
from tests.custody.test_store import ALL, BIG, NOTHING, look, one_hold
from tests.object_store import object_store
from tests.stores import Store, blobs_in, fresh

HOUR_SECONDS = 3600.0


class Stepping:
    """An S3 that is stepped before and after each content that it keeps."""

    def __init__(self, bucket, step):
        self._blobs, self._step = S3Blobs(bucket), step

    def __getattr__(self, name):
        return getattr(self._blobs, name)

    def write(self, name, chunks):
        self._step("put")
        self._blobs.write(name, chunks)
        self._step("kept")


def child(url, directory, bucket, fatal, answers):
    """Hold one mail; die at step number `fatal`, each step being named as it comes."""
    count = 0

    def step(name):
        nonlocal count
        count += 1
        if count == fatal:
            answers.send(name)
            os.kill(os.getpid(), signal.SIGKILL)

    def stepped(engine, what):
        """At what concerns the content; at every other statement, `test_store` does."""

        def before(connection, cursor, statement, *_):
            if "blob_chunks" in statement or statement.startswith("INSERT INTO holds"):
                step(f"{what} {statement[:6]}")

        event.listen(engine, "before_cursor_execute", before)
        event.listen(engine, "commit", lambda connection: step(f"{what} commit"))

    engine = engine_of(url)
    blobs = Stepping(bucket, step) if bucket else DatabaseBlobs(engine)
    store = Store(url, directory, blobs=blobs)
    stepped(engine, "content")
    stepped(store.database._writer._engine, "row")
    asyncio.run(one_hold(store))
    step("answer")
    answers.send("answered")
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.fixture(scope="module")
def forking():
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.custody.test_contents"])
    return context


def killed_at(forking, url, directory, bucket, fatal):
    """What the child said last: the step it died at, or "answered"."""
    ours, theirs = forking.Pipe(duplex=False)
    process = forking.Process(target=child, args=(url, directory, bucket, fatal, theirs))
    process.start()
    theirs.close()
    assert ours.poll(60)
    said = ours.recv()
    process.join(60)
    assert process.exitcode == -signal.SIGKILL
    return said


EXPECTED = {
    "s3": ["put", "kept", "row INSERT"],
    "database": ["content INSERT", "content commit", "row SELECT"],
}


@pytest.mark.parametrize("place", EXPECTED)
def test_killed_at_any_step_the_hold_is_whole_or_not_there(forking, tmp_path, place):
    """
    child: content… ─ kept ─ BEGIN ─ statements… ─ commit ─ answer
    parent:     nothing of it is held               │ all of it is, and only orphans are swept
    """
    Store(fresh("postgresql", tmp_path), tmp_path).database.close()  # keys and tables
    steps = []
    while not steps or steps[-1] != "answered":
        url = fresh("postgresql", tmp_path)
        bucket = object_store().fresh() if place == "s3" else None
        blobs = S3Blobs(bucket) if bucket else blobs_in(place, tmp_path)
        steps.append(killed_at(forking, url, tmp_path, bucket, len(steps) + 1))
        store = Store(url, tmp_path, blobs=blobs)
        answered = steps[-1] in ("answer", "answered")
        assert asyncio.run(look(store)) == (ALL if answered else NOTHING), steps
        kept = list(blobs.older_than(time.time() + 60))
        assert all(blobs.size(name) > len(BIG) for name in kept), "half a content"
        asyncio.run(store.lived())
        swept = retain(store.database, blobs, now=time.time() + HOUR_SECONDS + 60, key=store.hmac)
        assert asyncio.run(swept).get("orphans", 0) == len(kept) - answered, steps
        blobs.close()
        store.database.close()
    assert [step for step in EXPECTED[place] if step not in steps] == []
    assert steps.index("row commit") > steps.index(EXPECTED[place][1])
