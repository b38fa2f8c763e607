"""Each compartment has its own digest, reminder, week and month; nobody is told of another's."""

import asyncio
from dataclasses import replace
from datetime import datetime
from email import message_from_bytes

import pytest

from gateway.model import Verdict
from gateway.store.keys import make_keys
from gateway.store.own import mark
from gateway.store.schema import State
from gateway.store.vault import CannotOpen
from tests.makers.held import SENDER, TO, a_hold, a_mail
from tests.release import OFFICER, PARIS, a_clockwork, some_notices
from tests.stores import KINDS, Store, fresh

UNION, DEPUTY = "rp@chu.example", "suppleant@chu.example"
TEAMS = {"default": ((OFFICER,), ()), "syndicat": ((UNION,), (DEPUTY,))}
OURS, THEIRS, GONE = "AAAA-0001", "BBBB-0002", "CCCC-0003"


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    for name in ("default", "syndicat", "dissous"):
        make_keys(tmp_path / "keys", compartment=name)
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def at(day, hour, month=11):
    return datetime(2026, month, day, hour, tzinfo=PARIS).timestamp()


def clockwork(store, **about):
    return a_clockwork(store, notices=replace(some_notices(), teams=TEAMS), **about)


async def held(store, when):
    """One in each compartment, and one in a compartment that is configured no more."""
    store.now = when
    for code, name in ((OURS, "default"), (THEIRS, "syndicat"), (GONE, "dissous")):
        mail = a_mail(code, received=when)
        hold = replace(
            a_hold(mail), compartment=name, remind=when + 86400.0, until=when + 5 * 86400.0
        )
        await store.custody.hold(mail, hold, (), ())


async def letters(store):
    """What was posted: (kind, readers) -> (text, item)."""
    found = {}
    for item in await store.outbox.lease(99, store.now + 1e9, "test", 0):
        if item.is_release:
            continue
        letter = item.letter(store.private)
        parts = message_from_bytes(letter.content).walk()
        text = next(p for p in parts if p.get_content_type() == "text/plain")
        readers = ",".join(one.address for one in letter.recipients)
        found[letter.kind, readers] = (text.get_payload(decode=True).decode(), item)
    return found


def sealed_to(store, item, name):
    others = [key for key in store.private if key.compartment != name]
    with pytest.raises(CannotOpen):
        item.letter(others)
    return item.letter([key for key in store.private if key.compartment == name])


def test_each_digest_tells_of_its_own_and_is_sealed_to_its_own(store):
    async def go():
        await held(store, at(24, 8))
        store.now = at(24, 9) + 60
        await clockwork(store, hours=("09:00",))()
        await clockwork(store, hours=("09:00",))()  # another process
        return await letters(store)

    found = asyncio.run(go())
    assert found.keys() == {("digest", OFFICER), ("digest", UNION)}
    text, item = found["digest", UNION]
    assert (THEIRS in text, OURS in text, GONE in text) == (True, False, False)
    assert "En attente" in text
    assert sealed_to(store, item, "syndicat")
    text, item = found["digest", OFFICER]
    assert (THEIRS in text, OURS in text, GONE in text) == (False, True, True)
    assert sealed_to(store, item, "default")


def test_the_deputy_is_reminded_of_his_compartment_alone(store):
    async def go():
        await held(store, at(24, 8))
        store.now = at(25, 9)
        await clockwork(store)()
        return await letters(store), [await store.holds.get(code) for code in (OURS, THEIRS, GONE)]

    found, holds = asyncio.run(go())
    assert found.keys() == {("reminder", OFFICER), ("reminder", DEPUTY)}
    assert OURS not in found["reminder", DEPUTY][0]
    assert THEIRS not in found["reminder", OFFICER][0]
    assert all(one.reminded == store.now for one in holds)


def test_what_nobody_ruled_on_ends_in_every_compartment_and_each_sender_is_told(store):
    async def go():
        await held(store, at(23, 8))
        for day in (24, 28):
            store.now = at(day, 9)
            await clockwork(store)()
        return [(await store.holds.get(code)).state for code in (OURS, THEIRS, GONE)]

    assert asyncio.run(go()) == [State.EXPIRED] * 3


def test_each_week_counts_its_own_and_nothing_of_the_whole_house(store):
    async def go():
        await held(store, at(18, 10))
        store.now = at(18, 11)
        await store.holds.release(THEIRS, "rp", "", None, code="false_alarm")
        store.now = at(23, 9) + 60
        await clockwork(store, weekly="09:00")()
        return {
            readers: text
            for (kind, readers), (text, _) in (await letters(store)).items()
            if kind == "weekly"
        }

    found = {who: text.replace("\u00a0", " ") for who, text in asyncio.run(go()).items()}
    assert found.keys() == {OFFICER, UNION}
    assert "1 fausse alerte sur 1" in found[UNION]
    assert "fausse alerte sur" not in found[OFFICER]
    assert "Partis" not in found[UNION]


def test_own_mail_sent_in_clear_is_listed_on_the_first_of_the_month_once(store):
    async def go():
        await held(store, at(18, 10))
        store.now = at(18, 11)
        about = mark("syndicat")
        await store.holds.release(THEIRS, "rp", "urgent", None, code="legitimate", **about)
        await store.holds.release(OURS, "dpo", "", None, code="legitimate")  # another's: not listed
        for moment in (at(30, 23), at(1, 0, month=12), at(2, 9, month=12)):
            store.now = moment
            await clockwork(store)()
        return await letters(store)

    found = asyncio.run(go())
    text, item = found["monthly", UNION]
    assert ("monthly", OFFICER) not in found
    assert (THEIRS in text, OURS in text) == (True, False)
    assert ("par rp" in text, "urgent" in text) == (True, False)  # the reason stays on record
    assert sealed_to(store, item, "syndicat")


def test_a_grave_mail_is_told_to_its_own_officers():
    notices = replace(some_notices(), teams=TEAMS)
    mail = a_mail()
    hold = replace(a_hold(mail), compartment="syndicat", grave=True)
    verdict = Verdict(mail.envelope.addresses[0], "quarantine")
    [letter] = notices.held(mail, [verdict], hold.inspection, hold)
    assert [one.address for one in letter.recipients] == [UNION]


@pytest.mark.parametrize("hidden", ["compartment", "personal"])
def test_what_is_its_senders_alone_ends_like_any_other_and_he_is_told(store, hidden):
    async def go():
        store.now = at(23, 8)
        mail = a_mail(OURS, received=store.now)
        times = {"remind": at(24, 8), "until": at(27, 8)}
        await store.custody.hold(mail, replace(a_hold(mail), hidden=hidden, **times), (), ())
        for day in (24, 28):
            store.now = at(day, 9)
            await clockwork(store)()
        return (await store.holds.get(OURS)).state, await letters(store)

    state, found = asyncio.run(go())
    assert state is State.EXPIRED
    told = {kind: (readers, text) for (kind, readers), (text, _) in found.items()}
    readers, text = told["notice"]
    assert readers == SENDER
    assert TO[0] in text  # his own mail: he may be told to whom
    assert not [one for one in (SENDER, *TO) if one in told["reminder"][1]]


def test_a_sender_is_promised_that_nobody_reads_what_is_his_alone():
    mail = a_mail()
    verdict = Verdict(mail.envelope.addresses[0], "quarantine", notify=("sender",))
    for hidden, promised in (("", False), ("personal", True), ("compartment", True)):
        hold = replace(a_hold(mail), hidden=hidden)
        [letter] = some_notices().held(mail, [verdict], hold.inspection, hold)
        parts = message_from_bytes(letter.content).walk()
        text = next(p for p in parts if p.get_content_type() == "text/plain")
        words = " ".join(text.get_payload(decode=True).decode().split())
        assert ("personne ne peut le lire ici sans votre accord" in words) is promised
        assert ("Si quelqu'un doit le lire" in words) is not promised
