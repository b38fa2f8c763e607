import asyncio

import pytest

from gateway.model import Reply
from gateway.store.outbox import GIVE_UP_SECONDS, Item, back_off
from gateway.store.schema import State
from tests.makers.held import TO, a_hold, a_letter, a_mail

OK = Reply(250, "2.0.0", ("Ok",))
BUSY = Reply(451, "4.3.0", ("try again, zoe@mail.example",))
NO = Reply(550, "5.1.1", ("no such user zoe@mail.example",))


async def a_release(store):
    """One item: a mail for two, ordered to be sent to both."""
    await store.custody.hold(a_mail(), a_hold(a_mail()), (), ())
    await store.holds.release(a_mail().id, "dpo")
    [item] = await store.outbox.lease(9, store.now, "me", 60)
    return item


async def states(store):
    return [copy.state for copy in (await store.holds.get(a_mail().id)).copies]


def test_a_leased_item_is_nobody_elses_until_the_lease_ends(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [mine] = await store.outbox.lease(9, store.now, "me", 60)
        assert await store.outbox.lease(9, store.now + 59, "you", 60) == ()
        [yours] = await store.outbox.lease(9, store.now + 60, "you", 60)
        return mine, yours

    mine, yours = asyncio.run(go())
    assert (mine.id, mine.attempt, yours.attempt) == (yours.id, 1, 2)


def test_items_are_shared_out_without_overlap(store):
    async def go():
        await store.outbox.post([a_letter() for _ in range(30)], store.public)
        leases = (store.outbox.lease(5, store.now, f"worker {n}", 60) for n in range(8))
        return [item.id for taken in await asyncio.gather(*leases) for item in taken]

    ids = asyncio.run(go())
    assert len(ids) == len(set(ids)) == 30


def test_never_more_than_asked_for_and_the_longest_due_first(store):
    async def go():
        for n in range(3):
            await store.outbox.post([a_letter(kind=f"kind{n}")], store.public)
            store.now += 1
        return await store.outbox.lease(2, store.now, "me", 60)

    assert [item.kind for item in asyncio.run(go())] == ["kind0", "kind1"]


def test_what_is_done_is_erased_and_never_comes_again(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [item] = await store.outbox.lease(9, store.now, "me", 60)
        assert await store.outbox.done(item, OK)
        assert await store.outbox.done(item, OK)  # twice is once
        assert await store.outbox.lease(9, store.now + 1e6, "me", 60) == ()
        return await store.rows("outbox")

    [row] = asyncio.run(go())
    assert not any(isinstance(column, bytes | memoryview) for column in row)


def test_what_is_put_off_comes_back_then(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [item] = await store.outbox.lease(9, store.now, "me", 600)
        await store.outbox.retry(item, store.now + 60, BUSY)
        assert await store.outbox.lease(9, store.now + 59, "me", 60) == ()
        return await store.outbox.lease(9, store.now + 60, "me", 60)

    [again] = asyncio.run(go())
    assert again.attempt == 2


def test_whoever_lost_the_lease_neither_puts_off_nor_gives_up(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [slow] = await store.outbox.lease(9, store.now, "slow", 60)
        [quick] = await store.outbox.lease(9, store.now + 60, "quick", 60)
        await store.outbox.retry(slow, store.now + 1e6, BUSY)
        await store.outbox.give_up(slow, NO)
        return await store.outbox.lease(9, store.now + 120, "next", 60), quick

    [item], quick = asyncio.run(go())
    assert item.id == quick.id


def test_whoever_lost_the_lease_but_sent_it_has_sent_it(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [slow] = await store.outbox.lease(9, store.now, "slow", 60)
        await store.outbox.lease(9, store.now + 60, "quick", 60)
        await store.outbox.done(slow, OK)
        return await store.outbox.lease(9, store.now + 1e6, "next", 60)

    assert asyncio.run(go()) == ()


def test_recipients_served_are_not_served_again(store):
    async def go():
        await store.outbox.post([a_letter("a@x.example", "b@x.example")], store.public)
        [item] = await store.outbox.lease(9, store.now, "me", 60)
        assert not await store.outbox.done(item, OK, [0])
        await store.outbox.retry(item, store.now, BUSY)
        [left] = await store.outbox.lease(9, store.now, "me", 60)
        assert await store.outbox.done(left, OK)
        return left

    assert asyncio.run(go()).positions == (1,)


def test_a_release_done_is_a_copy_released(store):
    async def go():
        item = await a_release(store)
        assert (item.is_release, item.hold, item.positions) == (True, a_mail().id, (0, 1))
        before = await states(store)
        await store.outbox.done(item, OK, [1])
        halfway = await states(store), (await store.holds.get(a_mail().id)).decided
        await store.outbox.done(item, OK, [0])
        return before, halfway, await states(store), (await store.holds.get(a_mail().id)).decided

    before, halfway, after, decided = asyncio.run(go())
    assert before == [State.RELEASING] * 2
    assert halfway == ([State.RELEASING, State.RELEASED], None)
    assert (after, decided) == ([State.RELEASED] * 2, store.now)


def test_a_release_given_up_goes_back_to_the_officer_with_time_to_rule_again(store):
    async def go():
        item = await a_release(store)
        await store.outbox.done(item, OK, [0])
        store.now = a_hold(a_mail()).until + 1
        await store.outbox.give_up(item, NO, [a_letter()], store.public)
        held = await store.holds.get(a_mail().id)
        due = await store.holds.due_reminders(store.now), await store.holds.due_expiries(store.now)
        kinds = [event.kind for event in await store.holds.history(held.id)]
        return held, due, kinds, await store.outbox.lease(9, store.now, "me", 60)

    held, (reminders, expiries), kinds, [told] = asyncio.run(go())
    assert [copy.state for copy in held.copies] == [State.RELEASED, State.HELD]
    assert ([each.id for each in reminders], expiries) == ([held.id], ())
    assert kinds[-1] == "release failed"
    assert told.kind == "notice"


def test_the_cause_is_kept_without_the_text_which_may_name_somebody(store):
    async def go():
        await store.outbox.post([a_letter()], store.public)
        [item] = await store.outbox.lease(9, store.now, "me", 60)
        await store.outbox.give_up(item, NO)
        return repr(await store.rows("outbox")), await store.outbox.counts()

    written, counts = asyncio.run(go())
    assert "550 5.1.1" in written
    assert "no such user" not in written
    assert (counts.waiting, counts.oldest, counts.given_up) == (0, None, 1)


def test_what_waits_is_counted(store):
    async def go():
        empty = await store.outbox.counts()
        await store.outbox.post([a_letter()], store.public)
        store.now += 100
        await store.outbox.post([a_letter()], store.public)
        return empty, await store.outbox.counts()

    empty, counts = asyncio.run(go())
    assert (empty.waiting, empty.oldest) == (0, None)
    assert (counts.waiting, counts.oldest) == (2, store.now - 100)


@pytest.mark.parametrize(
    ("attempt", "seconds"), [(1, 60), (2, 120), (6, 1920), (7, 3600), (100, 3600), (10_000, 3600)]
)
def test_the_wait_doubles_from_a_minute_to_an_hour(attempt, seconds):
    assert back_off(attempt) == seconds


def test_after_five_days_it_is_time_to_give_up():
    item = Item(1, "notice", "notices", "", "", (0,), 1000.0, 9, b"")
    assert item.next_try(1000.0 + GIVE_UP_SECONDS - 3601) is not None
    assert item.next_try(1000.0 + GIVE_UP_SECONDS - 3600) is None


def test_a_copy_goes_to_nobody_it_was_not_released_for(store):
    async def go():
        await store.custody.hold(a_mail(), a_hold(a_mail()), (), ())
        await store.holds.release(a_mail().id, "dpo", positions=[1])
        [item] = await store.outbox.lease(9, store.now, "me", 60)
        opened = await store.holds.open(item.hold, store.private)
        return [opened.mail.envelope.addresses[position] for position in item.positions]

    assert asyncio.run(go()) == [TO[1]]
