import asyncio
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.errors import Temporary
from gateway.model import Disposition, Receipt, Reply, Stay
from gateway.store import memory as memory_module
from gateway.store.memory import Ledger, past_received
from tests.makers.held import TO, a_mail, content

HOP = b"Received: from a by b;\r\n\tMon, 1 Jan 2024 00:00:00 +0100\r\n"
LATER = b"Received: from a by b;\r\n\tMon, 1 Jan 2024 00:05:00 +0100\r\n"


def receipt(address, code=250, order=Disposition.QUARANTINE):
    return Receipt(
        address, order, Reply(code, f"{code // 100}.0.0", (f"said of {address}",)), "hop"
    )


def test_a_new_mail_is_not_known(store):
    assert asyncio.run(store.memory.recall(a_mail())) == {}


def test_a_retry_gets_its_receipts_back(store):
    done = [receipt(TO[0]), receipt(TO[1], 550, Disposition.REJECT)]

    async def go():
        await store.memory.remember(a_mail(content=content(received=HOP)), done, answered=False)
        return await store.memory.recall(a_mail("ANOTHER", content=content(received=LATER + HOP)))

    assert asyncio.run(go()) == {each.recipient: each for each in done}


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (a_mail(content=content(body=b"another text")), "another text"),
        (a_mail(content=content(body=b"Canari-7f3a secret medical")), "one letter, same length"),
        (a_mail(sender="other@chu.example"), "another sender"),
        (a_mail(sender="agathe.fictive@chu.example"), "perhaps another mailbox: case counts"),
        (a_mail(to=("someone@else.example",)), "another recipient"),
        (a_mail(content=b"X: y\r\n" + content()), "another first field"),
        (a_mail(content=content() + b"\r\n"), "an empty line more"),
    ],
)
def test_another_mail_is_another_mail(store, other, why):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=False)
        return await store.memory.recall(other)

    assert asyncio.run(go()) == {}, why


def test_only_those_recipients_are_recalled_that_were_seen_to(store):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=False)
        alone = a_mail(to=(TO[1], TO[0]))
        return await store.memory.recall(alone)

    assert list(asyncio.run(go())) == [TO[0]]


def test_what_must_be_tried_again_is_not_remembered(store):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0], 451)], answered=False)
        return await store.memory.recall(a_mail())

    assert asyncio.run(go()) == {}


def test_what_stays_with_a_milters_mta_is_not_remembered_as_delivered(store):
    async def go():
        stays = Receipt(TO[0], Disposition.PASS, Reply(250, "2.0.0", ("Ok",), Stay()))
        await store.memory.remember(a_mail(), [stays, receipt(TO[1])], answered=True)
        return await store.memory.recall(a_mail())

    assert list(asyncio.run(go())) == [TO[1]]


@pytest.mark.parametrize(("answered", "seconds"), [(True, 3600), (False, 10 * 86400)])
def test_it_is_honoured_for_its_time_and_no_longer(store, answered, seconds):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=answered)
        store.now += seconds - 1
        before = await store.memory.recall(a_mail())
        store.now += 2
        return before, await store.memory.recall(a_mail())

    before, after = asyncio.run(go())
    assert list(before) == [TO[0]]
    assert after == {}


@pytest.mark.parametrize("now_too", [(), (receipt(TO[1]),)])
def test_once_answered_earlier_tries_last_an_hour_too(store, now_too):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=False)
        await store.memory.remember(a_mail(), now_too, answered=True)
        store.now += 3601
        return await store.memory.recall(a_mail())

    assert asyncio.run(go()) == {}


def test_forgotten_is_a_new_mail(store):
    async def go():
        await store.memory.remember(a_mail(), [receipt(a) for a in TO], answered=True)
        await store.memory.forget(a_mail("ANOTHER"))
        return await store.memory.recall(a_mail()), await store.rows("memory")

    assert asyncio.run(go()) == ({}, [])


def test_forgetting_what_was_never_remembered_writes_nothing(store, monkeypatch):
    def refuse(work):
        raise AssertionError("a write for every mail that passes would cost an fsync")

    monkeypatch.setattr(store.database, "write", refuse)
    asyncio.run(store.memory.forget(a_mail()))
    asyncio.run(store.memory.remember(a_mail(), (), answered=True))


@pytest.mark.parametrize(
    ("first", "second", "stands"),
    [
        (receipt(TO[0]), receipt(TO[0], order=Disposition.ENCRYPT), Disposition.QUARANTINE),
        (receipt(TO[0], 550), receipt(TO[0], 550, Disposition.REJECT), Disposition.QUARANTINE),
        (receipt(TO[0], 550, Disposition.REJECT), receipt(TO[0]), Disposition.QUARANTINE),
        (receipt(TO[0]), receipt(TO[0], 550, Disposition.REJECT), Disposition.QUARANTINE),
    ],
)
def test_the_first_order_stands_but_a_refusal_gives_way_to_a_kept_copy(
    store, first, second, stands
):
    async def go():
        await store.memory.remember(a_mail(), [first], answered=False)
        await store.memory.remember(a_mail(), [second], answered=False)
        return await store.memory.recall(a_mail())

    assert asyncio.run(go())[TO[0]].order is stands


def test_an_expired_order_no_longer_stands(store):
    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=True)
        store.now += 3601
        later = receipt(TO[0], order=Disposition.ENCRYPT)
        await store.memory.remember(a_mail(), [later], answered=False)
        return await store.memory.recall(a_mail())

    assert asyncio.run(go())[TO[0]].order is Disposition.ENCRYPT


def test_a_damaged_row_is_done_again_rather_than_believed(store):
    ledger = Ledger(store.hmac)
    [entry] = ledger.entries(a_mail(), [receipt(TO[0])])
    assert ledger.open(entry.key, entry.sealed) == receipt(TO[0])
    assert ledger.open(entry.key, entry.sealed[:-1] + b"?") is None
    assert ledger.open("another key", entry.sealed) is None
    assert ledger.open(entry.key, b"") is None


def test_a_new_mail_is_not_digested(store, monkeypatch):
    def refuse(self, mail):
        raise AssertionError("40 KB take as long to digest as everything else together")

    async def go():
        await store.memory.remember(a_mail(), [receipt(TO[0])], answered=False)
        monkeypatch.setattr(memory_module.Ledger, "keys", refuse)
        other = replace(a_mail(), content=content(body=b"one of another length"))
        return await store.memory.recall(other)

    assert asyncio.run(go()) == {}


@pytest.mark.parametrize(
    ("top", "why"),
    [
        (b"", "nothing"),
        (HOP, "one, folded"),
        (HOP + LATER + b"RECEIVED: x\r\n", "several"),
        (b"received:\n x\n", "line ends of Unix"),
    ],
)
def test_the_topmost_received_fields_are_passed_over(top, why):
    assert past_received(top + content()) == len(top), why


@pytest.mark.parametrize(
    ("written", "why"),
    [
        (b"Subject: x\r\nReceived: y\r\n\r\n", "not at the top"),
        (b"\r\nReceived: y\r\n", "in the body"),
        (b"Received-SPF: pass\r\n\r\n", "another field"),
    ],
)
def test_nothing_else_is_passed_over(written, why):
    assert past_received(written) == 0, why


def test_a_field_that_never_ends_is_all_there_is():
    assert past_received(b"Received: x\r\n y") == len(b"Received: x\r\n y")


@given(st.lists(st.sampled_from([b"Received: a\r\n", b" b\r\n", b"X: c\r\n", b"\r\n", b"\n"])))
def test_what_is_left_never_begins_with_a_received_field(pieces):
    written = b"".join(pieces)
    rest = written[past_received(written) :]
    assert not rest.lower().startswith(b"received:")
    assert written.endswith(rest)


def test_a_store_that_is_away_is_told_at_once_and_not_asked_by_every_mail(store, monkeypatch):
    """Each mail waits in vain for a database that does not answer; only one in two seconds does."""
    asked = []

    async def silent(*_):
        asked.append(1)
        await asyncio.Event().wait()

    monkeypatch.setattr(store.database, "glance", silent)
    monkeypatch.setattr("gateway.store.memory.RECALL_SECONDS", 0.01)

    async def go():
        for _ in range(3):
            with pytest.raises(Temporary):
                await store.memory.recall(a_mail())

    asyncio.run(go())
    assert len(asked) == 1


def test_what_ends_a_mail_does_not_wait_for_a_silent_store(store, monkeypatch):
    """The next mail of that connection waits for it."""

    async def silent(*_):
        await asyncio.Event().wait()

    monkeypatch.setattr(store.database, "glance", silent)
    monkeypatch.setattr("gateway.store.memory.RECALL_SECONDS", 0.01)

    async def go():
        async with asyncio.timeout(60):
            with pytest.raises(Temporary):
                await store.memory.forget(a_mail())
            with pytest.raises(Temporary):
                await store.memory.remember(a_mail(), [], answered=True)

    asyncio.run(go())


def test_a_store_that_is_back_is_asked_again(store, monkeypatch):
    async def fails(*_):
        raise Temporary("store unavailable")

    async def go():
        with monkeypatch.context() as away:
            away.setattr("gateway.store.memory.AWAY_SECONDS", 0.0)
            away.setattr(store.database, "glance", fails)
            with pytest.raises(Temporary):
                await store.memory.recall(a_mail())
        return await store.memory.recall(a_mail())

    assert asyncio.run(go()) == {}
