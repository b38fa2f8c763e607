"""What every place for contents promises: files, PostgreSQL, a real S3 server."""

from __future__ import annotations

import asyncio
import time
from contextlib import suppress
from functools import partial

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.retain import retain
from gateway.store.blobs import chunks_of, new_name
from gateway.store.database_blobs import CHUNK_BYTES
from tests.makers.held import a_hold, a_letter, a_mail, content
from tests.stores import PLACES, Store, blobs_in, fresh

YEAR_SECONDS = 365 * 86400.0
BIG = 2 * CHUNK_BYTES + 1  # several rows of the database, the last one short


@pytest.fixture(params=PLACES)
def blobs(request, tmp_path):
    made = blobs_in(request.param, tmp_path)
    yield made
    made.close()


def all_of(blobs):
    return sorted(blobs.older_than(time.time() + YEAR_SECONDS))


def test_a_content_comes_back_and_goes(blobs):
    name = new_name()
    blobs.write(name, [b"one ", b"two"])
    assert blobs.size(name) == 7
    with blobs.open(name) as stream:
        assert stream.read(5) == b"one t"
        assert stream.read() == b"wo"
        assert stream.read() == b""
    assert blobs.delete([name]) == 1
    for asked in (blobs.size, blobs.open):
        with pytest.raises(FileNotFoundError):
            asked(name)


@pytest.mark.parametrize("size", [0, 1, CHUNK_BYTES, BIG])
def test_a_content_of_any_size_is_whole(blobs, size):
    name, octets = new_name(), bytes(range(256)) * (size // 256 + 1)
    blobs.write(
        name, [octets[start : min(start + 700_000, size)] for start in range(0, size, 700_000)]
    )
    with blobs.open(name) as stream:
        assert b"".join(chunks_of(stream)) == octets[:size]
    assert blobs.size(name) == size


def test_a_name_is_never_written_twice(blobs):
    name = new_name()
    blobs.write(name, [b"first"])
    with pytest.raises(OSError):
        blobs.write(name, [b"second"])
    assert blobs.open(name).read() == b"first"


def test_what_breaks_off_is_not_there_at_all(blobs):
    """Whoever seals chunk by chunk may fail in the middle."""

    def breaking():
        yield b"x" * BIG
        raise ValueError("no more")

    name = new_name()
    with pytest.raises(ValueError):
        blobs.write(name, breaking())
    assert all_of(blobs) == []
    with pytest.raises(FileNotFoundError):
        blobs.open(name)


def test_many_go_at_once_and_those_that_are_not_there_do_no_harm(blobs):
    names = [new_name() for _ in range(5)]
    for name in names:
        blobs.write(name, [b"x" * 10])
    assert blobs.delete([*names[:3], new_name()]) in (3, 4)  # S3 does not say
    assert all_of(blobs) == sorted(names[3:])
    assert blobs.delete([]) == 0


def test_only_old_ones_are_named(blobs):
    blobs.write(name := new_name(), [b"x"])
    assert list(blobs.older_than(time.time() - 60)) == []
    assert list(blobs.older_than(time.time() + 60)) == [name]


@pytest.mark.parametrize("place", ["database", "s3"])
def test_what_is_old_goes_by_the_clock_that_dated_it(tmp_path, monkeypatch, place):
    """A node whose clock jumped two hours must not take what its neighbour is holding just now."""
    blobs = blobs_in(place, tmp_path)
    blobs.write(name := new_name(), [b"x"])
    true = time.time
    monkeypatch.setattr(time, "time", lambda: true() + 7200)
    assert list(blobs.older_than(time.time() - 3600)) == []
    assert list(blobs.older_than(time.time() + 60)) == [name]
    blobs.close()


def test_prepared_again_it_keeps_what_it_has(blobs):
    blobs.write(name := new_name(), [b"x"])
    blobs.prepare()
    assert blobs.open(name).read() == b"x"


def test_one_that_goes_while_it_is_read_is_no_end(blobs):
    """Cut short, it must not look whole. A file that is open stays, and so may an answer that is
    under way."""
    blobs.write(name := new_name(), [b"x" * BIG])
    with blobs.open(name) as stream:
        assert stream.read(10) == b"x" * 10
        blobs.delete([name])
        with suppress(OSError):
            assert len(stream.read()) == BIG - 10


@given(parts=st.lists(st.binary(max_size=40), max_size=6), taken=st.integers(1, 50))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_however_it_is_cut_it_is_the_same(blobs, monkeypatch, parts, taken):
    monkeypatch.setattr("gateway.store.database_blobs.CHUNK_BYTES", 7)
    blobs.write(name := new_name(), parts)
    with blobs.open(name) as stream:
        assert b"".join(iter(lambda: stream.read(taken), b"")) == b"".join(parts)


@pytest.fixture(
    params=[("sqlite", "s3"), ("postgresql", "s3"), ("postgresql", "database")], ids="-".join
)
def store(request, tmp_path):
    kind, place = request.param
    url = fresh(kind, tmp_path)
    made = Store(url, tmp_path, blobs=blobs_in(place, tmp_path))
    yield made
    made.blobs.close()
    made.database.close()


def test_a_mail_is_held_opened_and_erased_wherever_contents_are(store):
    mail = a_mail(content=content(body=b"x" * BIG))

    async def go():
        sweep = partial(retain, store.database, store.blobs, key=store.hmac)
        await store.custody.hold(mail, a_hold(mail), [a_letter()], [])
        assert (await store.holds.open(mail.id, store.private)).mail.content == mail.content
        blob = (await store.holds.get(mail.id)).blob
        assert all_of(store.blobs) == [blob]
        store.blobs.write(orphan := new_name(), [b"nobody's"])
        soon, later = time.time() + 60, time.time() + 3700
        assert "orphans" not in await sweep(now=soon)
        assert all_of(store.blobs) == sorted([blob, orphan])
        assert (await sweep(now=later))["orphans"] == 1
        assert all_of(store.blobs) == [blob]  # old, and named by a row
        await store.holds.reject(mail.id, "dpo")
        purged = await sweep(now=later + YEAR_SECONDS)
        assert purged["holds"] == 1
        assert "orphans" not in purged
        assert all_of(store.blobs) == []

    asyncio.run(go())


def test_a_row_that_is_gone_is_no_end_of_a_content(tmp_path):
    """PostgreSQL: half of a content that somebody took away by hand."""
    blobs = blobs_in("database", tmp_path)
    blobs.write(name := new_name(), [b"x" * BIG])
    with blobs.open(name) as stream:
        assert stream.read(10)
        with blobs._engine.begin() as connection:
            connection.exec_driver_sql("DELETE FROM blob_chunks WHERE number = 1")
        with pytest.raises(OSError):
            stream.read()
    blobs.close()
