"""Each event of the record is told once at least, in order, by one at a time."""

from __future__ import annotations

import asyncio

import pytest

from gateway.errors import Temporary
from gateway.store.events import note
from gateway.store.figures import RIPE_SECONDS
from gateway.store.happenings import MOST_WAITING, Happenings
from gateway.store.tail import LEASE_SECONDS, Tail
from tests.makers.held import SENDER, TO, a_hold, a_mail


async def noted(store, *kinds):
    def work(connection):
        for kind in kinds:
            note(connection, kind, store.now)

    await store.database.write(work)


def kinds(batch):
    return [one.event.kind for one in batch]


def test_from_its_beginning_on_each_is_told_and_acknowledged_once(store):
    async def run():
        tail = Tail(store.database, clock=store.clock)
        assert await tail.claim(10) == ()  # nobody said yet that it counts
        await noted(store, "old")
        await tail.begin()
        await tail.begin()  # of another node, or after a restart: nothing is skipped
        await noted(store, "a", "b", "c")
        assert await tail.waiting() == 3
        batch = await tail.claim(2)
        assert kinds(batch) == ["a", "b"]
        await tail.acknowledge(batch[-1].id)
        again = Tail(store.database, clock=store.clock)
        assert kinds(await again.claim(10)) == ["c"]

    asyncio.run(run())


def test_one_at_a_time_and_what_a_dead_one_claimed_comes_again(store):
    async def run():
        one, other = (Tail(store.database, clock=store.clock) for _ in range(2))
        await one.begin()
        await noted(store, "a", "b")
        assert kinds(await one.claim(10)) == ["a", "b"]
        assert await other.claim(10) == ()
        store.now += LEASE_SECONDS + 1  # it was killed
        assert kinds(await other.claim(10)) == ["a", "b"]
        await other.give_back()  # it has no way
        batch = await one.claim(10)
        await one.acknowledge(batch[-1].id)
        await other.acknowledge(batch[0].id)  # late: what is done stays done
        assert await other.claim(10) == ()

    asyncio.run(run())


def test_a_number_that_may_still_be_committed_is_waited_for(store):
    async def run():
        tail = Tail(store.database, clock=store.clock)
        await tail.begin()
        await noted(store, "a")

        def undone(connection):
            note(connection, "never", store.now)
            raise RuntimeError

        with pytest.raises(RuntimeError):
            await store.database.write(undone)
        await noted(store, "b")
        batch = await tail.claim(10)
        if store.url.startswith("sqlite"):  # one writer at a time: no number is left out
            assert kinds(batch) == ["a", "b"]
            return
        assert kinds(batch) == ["a"]
        await tail.acknowledge(batch[-1].id)
        assert await tail.claim(10) == ()
        store.now += RIPE_SECONDS + 1  # nobody is still writing it
        assert kinds(await tail.claim(10)) == ["b"]

    asyncio.run(run())


def test_what_a_hold_says_in_clear_and_by_hash(store):
    async def run():
        tail = Tail(store.database, clock=store.clock)
        await tail.begin()
        mail = a_mail()
        await store.custody.hold(mail, a_hold(mail), (), ())
        (told,) = await tail.claim(10)
        assert (told.event.kind, told.event.hold) == ("held", mail.id)
        assert (told.compartment, told.queue_id) == ("default", mail.client.queue_id)
        assert told.rule
        parties = await tail.hashed([mail.id, "nobody"])
        assert set(parties) == {mail.id}
        sender, recipients = parties[mail.id]
        for shown, address in zip((sender, *recipients), (SENDER, *TO), strict=True):
            digits, _, domain = shown.partition("@")
            assert len(digits) == 16
            assert int(digits, 16)
            assert domain == address.rpartition("@")[2]

    asyncio.run(run())


def test_what_nobody_waits_for_is_written_in_one_go(store):
    async def run():
        lost = []
        happenings = Happenings(store.database, lambda: lost.append(1), clock=store.clock)
        happenings("mail refused", "7K2F-9QXD", rule="a/b", recipients=2)
        happenings("canary failed", outcome="passed")
        await happenings.flush()
        await happenings.flush()
        rows = [(row[2], row[3], row[6]) for row in await store.rows("events")]
        assert rows == [
            ("mail refused", "7K2F-9QXD", "rule=a/b recipients=2"),
            ("canary failed", None, "outcome=passed"),
        ]
        assert lost == []

    asyncio.run(run())


class Away:
    def __init__(self, database):
        self.database, self.away = database, True

    async def write(self, work):
        if self.away:
            raise Temporary("store unavailable")
        return await self.database.write(work)


def test_while_the_store_is_away_so_many_wait_and_the_rest_are_counted(store):
    async def run():
        lost, database = [], Away(store.database)
        happenings = Happenings(database, lambda: lost.append(1), clock=store.clock)
        for _ in range(MOST_WAITING + 7):
            happenings("mail refused")
        await happenings.flush()
        assert len(lost) == 7
        database.away = False
        await happenings.flush()
        assert len(await store.rows("events")) == MOST_WAITING

    asyncio.run(run())
