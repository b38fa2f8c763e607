"""What is due by the clock, with a clock that is moved."""

import asyncio
from datetime import datetime

import pytest

from gateway.act.notice import Notices
from gateway.clockwork import LATE_DIGEST_SECONDS, RESPITE_SECONDS
from gateway.store.keys import load_private, make_keys
from gateway.store.schema import State
from tests.makers.held import NOW, SENDER, a_hold, a_mail
from tests.release import OFFICER, PARIS, a_clockwork, some_notices
from tests.stores import KINDS, Store, fresh

ID = a_mail().id
DAY = 86400.0
REMIND, UNTIL = a_hold(a_mail()).remind, a_hold(a_mail()).until


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


async def held(store, code=ID, **changes):
    mail = a_mail(code, **changes)
    await store.custody.hold(mail, a_hold(mail), (), ())


async def posted(store):
    """(kind, reader) of every letter in the outbox."""
    items = await store.outbox.lease(99, store.now + 1e9, "test", 0)
    letters = [item.letter(store.private) for item in items]
    return [(letter.kind, letter.recipients[0].address) for letter in letters]


async def states(store, hold=ID):
    return {copy.state for copy in (await store.holds.get(hold)).copies}


def at(hour, day=23):
    return datetime(2026, 11, day, *map(int, hour.split(":")), tzinfo=PARIS).timestamp()


def test_first_a_reminder_then_the_cancellation_and_a_letter_to_the_sender(store):
    async def go():
        await held(store)
        seen = []
        for moment in (REMIND - 1, REMIND, UNTIL - 1, UNTIL, UNTIL + 3600):
            store.now = moment
            await a_clockwork(store)()
            seen.append((await states(store), [kind for kind, _ in await posted(store)]))
        return seen, await posted(store), await store.holds.history(ID)

    seen, letters, history = asyncio.run(go())
    assert seen == [
        ({State.HELD}, []),
        ({State.HELD}, ["reminder"]),
        ({State.HELD}, ["reminder"]),
        ({State.EXPIRED}, ["reminder", "notice"]),
        ({State.EXPIRED}, ["reminder", "notice"]),
    ]
    assert letters == [("reminder", OFFICER), ("notice", SENDER)]
    assert [event.kind for event in history] == ["held", "reminded", "expired"]


def test_having_been_down_it_reminds_and_leaves_a_day_before_it_cancels(store):
    """A week down: nobody was told in time, so nobody had the time that was promised."""

    async def go():
        await held(store)
        seen = []
        for moment in (UNTIL + DAY, UNTIL + DAY + RESPITE_SECONDS - 1, UNTIL + DAY + DAY):
            store.now = moment
            await a_clockwork(store)()
            seen.append((await states(store), len(await posted(store))))
        return seen

    assert asyncio.run(go()) == [({State.HELD}, 1), ({State.HELD}, 1), ({State.EXPIRED}, 2)]


def test_what_no_key_opens_is_never_cancelled_for_nobody_could_be_told(store, tmp_path):
    async def go():
        other = tmp_path / "other"
        make_keys(other)
        await held(store)
        store.now = UNTIL + 9 * DAY
        blind = a_clockwork(store, keys=load_private(other))
        await blind()
        store.now += 2 * DAY
        await blind()
        before = await states(store)
        await a_clockwork(store)()
        return before, await states(store), await posted(store), blind.log

    before, after, letters, log = asyncio.run(go())
    assert (before, after) == ({State.HELD}, {State.EXPIRED})
    assert ("notice", SENDER) in letters
    assert log.said("cannot be cancelled: no key here opens it") == [{"id": ID}] * 2


@pytest.mark.parametrize("sender", ["", "x@elsewhere.example"])
def test_a_stranger_is_not_written_to_and_the_record_says_so(store, sender):
    async def go():
        await held(store, sender=sender)
        clockwork = a_clockwork(store)
        for moment in (REMIND, UNTIL):
            store.now = moment
            await clockwork()
        history = [event.kind for event in await store.holds.history(ID)]
        return await posted(store), history, clockwork.log

    letters, history, log = asyncio.run(go())
    assert letters == [("reminder", OFFICER)]
    assert history[-1] == "expired"
    assert log.said("cancelled")[0]["told"] is False


def test_one_reminder_tells_of_all_and_two_processes_send_one(store):
    async def go():
        for n in range(5):
            await held(store, f"C{n}")
        store.now = REMIND
        other = Store(store.url, store.directory, now=store.now)
        await asyncio.gather(*(a_clockwork(one).remind() for one in (store, other)))
        await a_clockwork(store).remind()  # started anew
        other.database.close()
        return await posted(store)

    assert asyncio.run(go()) == [("reminder", OFFICER)]


def test_a_duty_that_fails_keeps_none_of_the_others_from_being_done(store):
    async def go():
        await held(store)
        store.now = REMIND
        clockwork = a_clockwork(store)
        await clockwork()

        class Broken(Notices):
            def cancelled(self, case, now):
                raise LookupError("zoe@mail.example")

        store.now = max(UNTIL, at("09:01", 24))
        clockwork.digest_hours = ("09:00",)
        clockwork.notices = some_notices(Broken)
        await clockwork()
        return clockwork.log, await posted(store)

    log, letters = asyncio.run(go())
    assert [line["error"] for line in log.said("clockwork deferred")] == ["LookupError"]
    assert "zoe" not in repr(log.lines)
    assert ("digest", OFFICER) in letters


# The digest


def test_once_for_each_hour_of_its_timetable(store):
    async def go():
        await held(store)
        clockwork, seen = a_clockwork(store, hours=("09:00", "14:00")), []
        for hour in ("08:59", "09:00", "09:01", "13:59", "14:00", "20:00"):
            store.now = at(hour)
            await clockwork.digest()
            seen.append(len(await posted(store)))
        return seen

    assert asyncio.run(go()) == [0, 1, 1, 1, 2, 2]


def test_two_processes_post_one_digest(store):
    async def go():
        await held(store)
        store.now = at("09:00")
        others = [Store(store.url, store.directory, now=store.now) for _ in range(3)]
        await asyncio.gather(
            *(a_clockwork(one, hours=("09:00",)).digest() for one in (store, *others))
        )
        for one in others:
            one.database.close()
        await a_clockwork(store, hours=("09:00",)).digest()  # started anew
        return await posted(store)

    assert asyncio.run(go()) == [("digest", OFFICER)]


def test_what_comes_after_an_empty_digest_waits_for_the_next(store):
    async def go():
        clockwork = a_clockwork(store, hours=("09:00", "14:00"))
        store.now = at("09:00")
        await clockwork.digest()
        await held(store)
        store.now = at("09:30")
        await a_clockwork(store, hours=("09:00", "14:00")).digest()  # after a restart, too
        early = await posted(store)
        store.now = at("14:00")
        await clockwork.digest()
        return early, await posted(store)

    assert asyncio.run(go()) == ([], [("digest", OFFICER)])


@pytest.mark.parametrize(("late", "sent"), [(0, 1), (LATE_DIGEST_SECONDS + 1, 0)])
def test_a_digest_missed_by_hours_is_left_to_the_next(store, late, sent):
    async def go():
        await held(store)
        store.now = at("09:00") + late
        await a_clockwork(store, hours=("09:00",)).digest()
        return len(await posted(store))

    assert asyncio.run(go()) == sent


def test_the_hour_is_local_and_yesterdays_counts_after_midnight(store):
    async def go():
        await held(store)
        store.now = at("00:30")
        await a_clockwork(store, hours=("23:00",)).digest()
        return len(await posted(store))

    assert asyncio.run(go()) == 1


# Erasure


def test_what_was_decided_is_erased_in_time_and_what_was_not_never(store):
    async def go():
        await held(store)
        await held(store, "OTHER")
        await store.holds.reject(ID, "dpo")
        clockwork = a_clockwork(store)
        store.now = NOW + 8 * DAY
        await clockwork.retain()
        return await store.holds.get(ID), await store.holds.get("OTHER")

    gone, kept = asyncio.run(go())
    assert gone is None
    assert kept is not None


def test_between_two_rounds_nothing_is_looked_at(store):
    async def go():
        clockwork = a_clockwork(store)
        store.now = REMIND
        await clockwork()
        await held(store)
        store.now += 29
        await clockwork()
        early = len(await posted(store))
        store.now += 1
        await clockwork()
        return early, len(await posted(store))

    assert asyncio.run(go()) == (0, 1)
