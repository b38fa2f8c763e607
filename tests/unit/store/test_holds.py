import asyncio

import pytest

from gateway.errors import Temporary
from gateway.store.schema import State
from gateway.store.vault import CannotOpen
from tests.makers.held import NOW, SENDER, TO, a_hold, a_letter, a_mail
from tests.stores import Store

ID = a_mail().id


async def held(store, code=ID, *, at=NOW, **changes):
    store.now = at
    mail = a_mail(code, received=at)
    await store.custody.hold(mail, a_hold(mail, **changes), (), ())


async def states(store, code=ID):
    return [copy.state for copy in (await store.holds.get(code)).copies]


def test_the_list_names_people_to_the_officer_and_to_nobody_else(store):
    async def go():
        await held(store)
        return await store.holds.list()

    [found] = asyncio.run(go())
    assert found.parties(store.private) == (SENDER, TO)
    assert found.parties() == ("…@chu.example", ("…@mail.example", "…@patients.example"))
    assert "gathe" not in repr(found)


def test_the_list_is_of_the_states_asked_for_newest_first(store):
    async def go():
        for n in range(4):
            await held(store, f"M{n}", at=NOW + n)
        await store.holds.reject("M1", "dpo")
        await store.holds.release("M2", "dpo")
        everything = [each.id for each in await store.holds.list()]
        open_ = [each.id for each in await store.holds.list([State.HELD, State.RELEASING])]
        page = [each.id for each in await store.holds.list(before=NOW + 2, limit=1)]
        nobody = await store.holds.list(compartments=["psychiatrie"])
        return everything, open_, page, nobody

    assert asyncio.run(go()) == (["M3", "M2", "M1", "M0"], ["M3", "M2", "M0"], ["M1"], ())


@pytest.mark.parametrize(
    ("address", "found"),
    [(SENDER, True), (SENDER.upper(), True), (TO[1], True), ("zoe@mail.example", False)],
)
def test_mail_is_found_by_who_sent_or_was_to_receive_it(store, address, found):
    async def go():
        await held(store)
        return await store.holds.find(address)

    assert bool(asyncio.run(go())) is found


def test_no_such_hold(store):
    async def go():
        assert await store.holds.get("NONE") is None
        assert await store.holds.open("NONE", store.private) is None
        assert await store.holds.release("NONE", "dpo") == ()
        assert not await store.holds.remind(["NONE"], [a_letter()])
        return await store.rows("outbox"), await store.rows("events")

    assert asyncio.run(go()) == ([], [])


def test_without_a_key_it_does_not_open_and_without_its_blob_either(store):
    async def go():
        await held(store)
        with pytest.raises(CannotOpen):
            await store.holds.open(ID, ())
        [name] = store.blob_names()
        (store.folder / name).write_bytes(b"torn")
        with pytest.raises(CannotOpen):
            await store.holds.open(ID, store.private)
        (store.folder / name).unlink()
        with pytest.raises(Temporary):
            await store.holds.open(ID, store.private)

    asyncio.run(go())


def test_blobs_exchanged_between_two_holds_do_not_open(store):
    async def go():
        await held(store, "ONE")
        await held(store, "TWO")
        one, two = (store.folder / name for name in store.blob_names())
        ours = one.read_bytes()
        one.write_bytes(two.read_bytes())
        two.write_bytes(ours)
        with pytest.raises(CannotOpen):
            await store.holds.open("ONE", store.private)

    asyncio.run(go())


def test_a_release_is_ordered_once_however_many_officers_order_it(store):
    async def go():
        await held(store)
        orders = (store.holds.release(ID, f"dpo{n}") for n in range(5))
        moved = await asyncio.gather(*orders)
        return sorted(moved), len(await store.rows("outbox")), await states(store)

    moved, items, after = asyncio.run(go())
    assert moved == [(), (), (), (), (0, 1)]
    assert (items, after) == (1, [State.RELEASING] * 2)


def test_each_copy_has_its_own_fate(store):
    async def go():
        await held(store)
        assert await store.holds.release(ID, "dpo", positions=[1]) == (1,)
        assert await store.holds.reject(ID, "dpo", letters=[a_letter()]) == (0,)
        assert await store.holds.expire(ID, [a_letter()]) == ()
        one = await store.holds.get(ID)
        return await states(store), one.state, one.decided, len(await store.rows("outbox"))

    expected = [State.REJECTED, State.RELEASING], State.RELEASING, None, 2
    assert asyncio.run(go()) == expected


def test_what_was_decided_stays_decided(store):
    async def go():
        await held(store)
        await store.holds.reject(ID, "dpo")
        decided = (await store.holds.get(ID)).decided
        store.now += 10
        assert await store.holds.release(ID, "dpo") == ()
        assert await store.holds.expire(ID, [a_letter()]) == ()
        return decided, (await store.holds.get(ID)).decided, await store.rows("outbox")

    assert asyncio.run(go()) == (NOW, NOW, [])


def test_every_ruling_is_on_record_with_who_when_and_why(store):
    async def go():
        await held(store)
        await store.holds.reveal(ID, "marie", "plainte du patient Zoé")
        store.now += 60
        await store.holds.release(ID, "paul", "le médecin confirme", [0])
        await store.holds.reject(ID, "paul")
        return await store.holds.history(ID), repr(await store.rows("events"))

    events, written = asyncio.run(go())
    assert [(e.kind, e.who, e.at - NOW) for e in events] == [
        ("held", "", 0),
        ("revealed", "marie", 0),
        ("release", "paul", 60),
        ("rejected", "paul", 60),
    ]
    assert [e.reason(store.private) for e in events] == [
        "",
        "plainte du patient Zoé",
        "le médecin confirme",
        "",
    ]
    assert "plainte" not in written
    assert "plainte" not in repr(events)


def test_a_reminder_is_posted_once_and_only_while_something_is_held(store):
    async def go():
        await held(store)
        assert await store.holds.due_reminders(NOW + 86399) == ()
        [due] = await store.holds.due_reminders(NOW + 86400)
        posted = await asyncio.gather(
            *(store.holds.remind([due.id], [a_letter()]) for _ in range(3))
        )
        assert await store.holds.due_reminders(NOW + 86400) == ()
        await held(store, "OTHER")
        await store.holds.release("OTHER", "dpo")
        assert not await store.holds.remind(["OTHER"], [a_letter()])
        letters = [row for row in await store.rows("outbox") if "notice" in row]
        return sorted(posted), len(letters), await store.holds.due_reminders(NOW + 86400)

    assert asyncio.run(go()) == ([False, False, True], 1, ())


def test_what_nobody_ruled_on_in_time_expires_and_the_sender_is_told(store):
    async def go():
        await held(store)
        until = a_hold(a_mail()).until
        assert await store.holds.due_expiries(until - 1) == ()
        [due] = await store.holds.due_expiries(until)
        assert await store.holds.expire(due.id, [a_letter()]) == (0, 1)
        assert await store.holds.expire(due.id, [a_letter()]) == ()
        after = await store.holds.due_expiries(until), await states(store)
        return after, len(await store.rows("outbox"))

    assert asyncio.run(go()) == (((), [State.EXPIRED] * 2), 1)


def test_what_is_on_its_way_does_not_expire(store):
    async def go():
        await held(store)
        await store.holds.release(ID, "dpo")
        return await store.holds.due_expiries(NOW + 1e7), await store.holds.expire(ID, ())

    assert asyncio.run(go()) == ((), ())


def test_what_waits_for_the_officer_is_counted(store):
    async def go():
        empty = await store.holds.counts()
        await held(store, "OLD", at=NOW)
        await held(store, "NEW", at=NOW + 50)
        both = await store.holds.counts()
        await store.holds.reject("OLD", "dpo")
        one = await store.holds.counts()
        return [(c.messages, c.oldest) for c in (empty, both, one)]

    assert asyncio.run(go()) == [(0, None), (2, NOW), (1, NOW + 50)]


def test_a_list_longer_than_a_statement_takes_values_is_whole(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/x.db", tmp_path)

    async def go():
        await asyncio.gather(
            *(held(store, f"M{n}", recipients=a_mail().envelope.recipients[:1]) for n in range(501))
        )
        return await store.holds.list()

    found = asyncio.run(go())
    store.database.close()
    assert len(found) == 501
    assert all(len(each.copies) == 1 for each in found)
