"""What becomes of mail whose wait is over: once, on whatever node, and after a restart."""

import asyncio

import pytest

from gateway.errors import Temporary
from gateway.model import Disposition
from gateway.store.outbox import ENCRYPTED
from gateway.store.schema import State
from gateway.waits_clock import Deadlines
from tests.makers.held import NOW, SENDER, a_mail
from tests.makers.waiting import HOUR, a_waiting_hold
from tests.release import Quiet, a_clockwork, some_notices
from tests.stores import KINDS, Store, fresh

CODES = [f"7K2F-9Q{number:02}" for number in range(6)]
DUE = NOW + 3 * HOUR


@pytest.fixture(params=KINDS)
def nodes(request, tmp_path):
    """Two of them, each with a process killed and started anew."""
    url = fresh(request.param, tmp_path)
    made = [Store(url, tmp_path, now=NOW) for _ in range(2)]
    yield made
    for one in made:
        one.database.close()


async def ask(store, **changes):
    for code in CODES:
        mail = a_mail(code)
        await store.custody.hold(mail, a_waiting_hold(mail, **changes), (), ())


async def strike(nodes, now, opening=None):
    """The clock strikes everywhere at once, twice."""
    for store in nodes:
        store.now = now
    logs = [Quiet() for _ in range(4)]
    clocks = []
    for store, log in zip((*nodes, *nodes), logs, strict=True):
        keys = tuple(store.private if opening is None else opening)
        clock = a_clockwork(store)
        clock.duties = (Deadlines(store.waits, some_notices(), keys, log),)
        clocks.append(clock)
    await asyncio.gather(*(clock() for clock in clocks))
    return [fields for log in logs for fields in log.said("wait over")]


async def outcome(store):
    states = [(await store.holds.get(code)) for code in CODES]
    items = await store.outbox.lease(999, store.now, "test", 0)
    letters = [item.letter(store.private) for item in items if not item.is_release]
    leaving = [(item.route, item.hold) for item in items if item.is_release]
    return {(held.state, held.awaits) for held in states}, letters, leaving


def test_before_its_hour_nothing_happens(nodes):
    async def go():
        await ask(nodes[0])
        assert await strike(nodes, DUE - 1) == []
        return await outcome(nodes[0])

    assert asyncio.run(go()) == ({(State.HELD, "confirm")}, [], [])


def test_unanswered_it_is_cancelled_and_its_sender_told_once(nodes):
    async def go():
        await ask(nodes[0])
        said = await strike(nodes, DUE)
        kinds = [event.kind for event in await nodes[0].holds.history(CODES[0])]
        return said, kinds, await outcome(nodes[0])

    said, kinds, (states, letters, leaving) = asyncio.run(go())
    assert sorted(fields["id"] for fields in said) == CODES
    assert kinds == ["held", "expired"]
    assert states == {(State.EXPIRED, "")}
    assert leaving == []
    assert [letter.recipients[0].address for letter in letters] == [SENDER] * len(CODES)


def test_its_minutes_over_it_leaves_the_way_that_rules_had_for_it_once(nodes):
    async def go():
        both = (Disposition.ENCRYPT,) * 2
        await ask(nodes[0], kind=Disposition.DELAY, unanswered="send", after=both)
        await strike(nodes, DUE)
        return await outcome(nodes[1])

    states, letters, leaving = asyncio.run(go())
    assert states == {(State.RELEASING, "")}
    assert sorted(leaving) == [(ENCRYPTED, code) for code in CODES]
    assert letters == []


def test_while_the_store_is_away_nothing_ends_and_afterwards_once(nodes, monkeypatch):
    """Its hour came meanwhile."""

    async def away(work):
        raise Temporary("store unavailable")

    async def go():
        await ask(nodes[0])
        with monkeypatch.context() as gone:
            for store in nodes:
                gone.setattr(store.database, "write", away)
            assert await strike(nodes, DUE) == []
        assert await outcome(nodes[0]) == ({(State.HELD, "confirm")}, [], [])
        return len(await strike(nodes, DUE + HOUR)), await outcome(nodes[0])

    ended, (states, letters, leaving) = asyncio.run(go())
    assert (ended, len(letters), leaving) == (len(CODES), len(CODES), [])
    assert states == {(State.EXPIRED, "")}


@pytest.mark.parametrize("kind", [Disposition.CONFIRM, Disposition.REVIEW])
def test_unanswered_it_is_the_officers_with_all_their_time(nodes, kind):
    async def go():
        await ask(nodes[0], kind=kind, unanswered="quarantine")
        said = await strike(nodes, DUE)
        assert len(said) == len(CODES)
        await strike(nodes, DUE + HOUR)
        return await outcome(nodes[0])

    states, letters, leaving = asyncio.run(go())
    assert (states, leaving) == ({(State.HELD, "")}, [])
    told = [letter for letter in letters if letter.recipients[0].address == SENDER]
    assert len(told) == len(CODES)


def test_whose_sender_cannot_be_told_is_never_cancelled(nodes):
    async def go():
        await ask(nodes[0])
        await strike(nodes, DUE, opening=())
        return (await outcome(nodes[0]))[0]

    assert asyncio.run(go()) == {(State.HELD, "")}


@pytest.mark.parametrize("sender", ["", "ailleurs@mail.example"])
def test_nor_is_mail_of_nobody_or_of_a_stranger(nodes, sender):
    """A returned mail, or one from outside, that a second reader was asked about."""

    async def go():
        mail = a_mail(CODES[0], sender=sender)
        hold = a_waiting_hold(mail, kind=Disposition.REVIEW)
        await nodes[0].custody.hold(mail, hold, (), ())
        await strike(nodes, DUE)
        return await nodes[0].holds.get(CODES[0])

    held = asyncio.run(go())
    assert (held.state, held.awaits) == (State.HELD, "")
