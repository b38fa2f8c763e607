"""Periods without control: declared once, standing until ended, on record for good."""

from __future__ import annotations

import asyncio

import pytest

from gateway.store.bypass import Bypass
from gateway.uncontrolled import Uncontrolled
from tests.release import OFFICER, Quiet, some_notices
from tests.stores import KINDS, Store, fresh


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def a_bypass(store):
    return Bypass(store.database, store.public, clock=store.clock)


def test_a_period_is_kept_with_who_why_and_when(store):
    async def go():
        bypass, start = a_bypass(store), store.now
        assert await bypass.since() is None
        assert await bypass.begin("claire", "panne du bac à sable")
        assert not await bypass.begin("paul", "encore"), "one at a time"
        assert await bypass.since() == start
        store.now += 600
        assert await bypass.end("paul")
        assert not await bypass.end("paul")
        assert await bypass.since() is None
        assert await bypass.begin("paul", "")
        first, second = await bypass.periods()
        return first, second, start

    first, second, start = asyncio.run(go())
    assert (first.since, first.until, first.who, first.ended_by) == (
        start,
        start + 600,
        "claire",
        "paul",
    )
    assert first.reason(store.private) == "panne du bac à sable"
    assert b"panne" not in first.begun.sealed_reason
    assert (second.until, second.reason(store.private)) == (None, "")


def test_of_two_nodes_that_declare_at_once_one_does(store):
    async def go():
        other = Bypass(store.database, store.public, clock=store.clock)
        done = await asyncio.gather(*(b.begin("a", "x") for b in (a_bypass(store), other) * 3))
        return sum(done), len(await other.periods())

    assert asyncio.run(go()) == (1, 1)


def test_a_clock_put_back_makes_no_period_end_before_it_began(store):
    async def go():
        bypass = a_bypass(store)
        await bypass.begin("a", "x")
        store.now -= 5000
        await bypass.end("a")
        [period] = await bypass.periods()
        return period.until - period.since

    assert asyncio.run(go()) == 0


# The letters


def letters(store):
    async def ask():
        items = await store.outbox.lease(99, store.now + 1e9, "test", 0)
        return [item.letter(store.private) for item in items]

    return asyncio.run(ask())


def test_officers_hear_of_it_each_hour_once_from_two_nodes_and_then_no_more(store):
    log = Quiet()
    nodes = [Uncontrolled(store.database, some_notices(), store.public, log) for _ in range(2)]
    counts = []

    async def round_(after):
        store.now += after
        for node in nodes:
            await node(store.now)

    async def go():
        await round_(0)
        await a_bypass(store).begin("claire", "panne")
        for after in (1, 30, 3500, 69, 30, 7200):
            await round_(after)
            counts.append((await store.outbox.counts()).waiting)
        await a_bypass(store).end("claire")
        await round_(7200)
        counts.append((await store.outbox.counts()).waiting)

    asyncio.run(go())
    assert counts == [1, 1, 1, 2, 2, 3, 3]
    assert [len(log.said(what)) for what in ("bypass: mail leaves unread", "bypass ended")] == [
        2,
        2,
    ]
    first = letters(store)[0]
    assert (first.kind, first.recipients[0].address) == ("bypass", OFFICER)
    assert b"claire" not in first.content


def test_a_clock_put_back_sends_no_letter_after_letter(store):
    node = Uncontrolled(store.database, some_notices(), store.public, Quiet())

    async def go():
        await a_bypass(store).begin("claire", "panne")
        await node(store.now)
        for after in range(5):
            await node(store.now - 90_000 + after * 30)
        return (await store.outbox.counts()).waiting

    assert asyncio.run(go()) == 1
