"""Figures of each day: folded once, whoever folds, and right up to the moment."""

import asyncio
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from gateway.errors import Temporary
from gateway.store.events import SENDER, note
from gateway.store.figures import BEYOND, RIPE_SECONDS, Figures, Tally
from gateway.store.schema import holds
from tests.makers.held import a_hold, a_mail
from tests.stores import KINDS, Store, fresh

PARIS = ZoneInfo("Europe/Paris")
RULE, TEAM = "health/nir-external", "chu.example"


@pytest.fixture(params=KINDS)
def store(request, tmp_path):
    made = Store(fresh(request.param, tmp_path), tmp_path)
    yield made
    made.database.close()


def figures(store):
    return Figures(store.database, PARIS, clock=store.clock)


async def a_week(store):
    some = figures(store)
    return await some.over(some.today() - timedelta(days=6), some.today())


async def hold(store, code, compartment="default"):
    mail = a_mail(code)
    await store.custody.hold(mail, a_hold(mail), [], [])
    change = holds.update().where(holds.c.id == code).values(compartment=compartment)
    await store.database.write(lambda connection: connection.execute(change) and None)


async def some_rulings(store):
    for number in range(4):
        await hold(store, f"AAAA-000{number}")
    store.now += 3600
    await store.holds.release("AAAA-0000", "claire", "", None, code="false_alarm")
    await store.holds.release("AAAA-0001", "claire", "", None, code="legitimate")
    store.now += 2 * 86400
    await store.holds.reject("AAAA-0002", "claire", "", None, [], code="wrong_recipient")
    await store.holds.expire("AAAA-0003", [])


@pytest.mark.parametrize("folds", [0, 1, 2])
def test_they_are_the_same_before_and_after_they_are_folded(store, folds):
    async def go():
        await some_rulings(store)
        store.now += RIPE_SECONDS * 2
        for _ in range(folds):
            await figures(store).fold()
        return await a_week(store)

    over = asyncio.run(go())
    assert [over.total(w) for w in ("held", "released", "refused", "expired")] == [4, 2, 1, 1]
    assert over.series("held")[-4:] == (4, 0, 0, 0)  # it was late in the evening
    assert over.names("held", "rule") == ((RULE, 4),)
    assert over.names("held", "team") == ((TEAM, 4),)
    assert (over.of("false_alarm", "rule", RULE), over.rulings(RULE)) == (1, 3)
    assert (over.within(0.5), over.within(0.9)) == (3600, 3 * 86400)


def test_nothing_is_counted_twice_by_processes_that_fold_at_once(store):
    async def go():
        await some_rulings(store)
        store.now += RIPE_SECONDS * 2
        others = [Store(store.url, store.directory, store.now) for _ in range(2)]
        await asyncio.gather(*(figures(one).fold() for one in (store, *others)))
        for one in others:
            one.database.close()
        return await a_week(store)

    assert asyncio.run(go()).total("held") == 4


def test_what_is_folded_outlives_the_mail(store):
    async def go():
        await some_rulings(store)
        store.now += RIPE_SECONDS * 2
        await figures(store).fold()
        await store.database.write(lambda c: c.exec_driver_sql("DELETE FROM copies") and None)
        await store.database.write(lambda c: c.exec_driver_sql("DELETE FROM holds") and None)
        return await a_week(store)

    assert asyncio.run(go()).names("held", "rule") == ((RULE, 4),)


def test_a_compartment_sees_its_own_figures_and_nothing_of_the_doors(store):
    async def go():
        await hold(store, "AAAA-0001", compartment="travail")
        await hold(store, "AAAA-0002")
        store.now += RIPE_SECONDS * 2
        await figures(store).fold()
        await hold(store, "AAAA-0003", compartment="travail")
        await hold(store, "AAAA-0004")
        await figures(store).add({("pass", "", ""): 7})
        today = figures(store).today()
        return await figures(store).over(today, today, ("travail",))

    over = asyncio.run(go())
    assert (over.total("held"), over.total("pass"), over.total("oldest")) == (2, 0, 0)


def test_no_row_names_anybody(store):
    async def go():
        await some_rulings(store)
        store.now += RIPE_SECONDS * 2
        await figures(store).fold()
        return await store.rows("daily")

    rows = repr(asyncio.run(go())).lower()
    for word in ("agathe", "zoe", "claire", "@", "999999"):
        assert word not in rows


def test_doors_add_up_and_a_store_that_is_down_loses_nothing(store):
    class Down:
        async def add(self, counts):
            raise Temporary("store unavailable")

    async def go():
        doors = [Tally(figures(store)) for _ in range(2)]
        for door in doors:
            for _ in range(3):
                door("pass")
            door("problem", "kind", "encrypted")
        kept, doors[0]._figures = doors[0]._figures, Down()
        await doors[0].flush()
        doors[0]("pass")
        doors[0]._figures = kept
        for door in doors:
            await door.flush()
            await door.flush()
        return await a_week(store)

    over = asyncio.run(go())
    assert over.total("pass") == 7
    assert over.names("problem", "kind") == (("encrypted", 2),)


def test_the_oldest_is_kept_at_its_worst(store):
    async def go():
        await hold(store, "AAAA-0001")
        store.now += 7200
        await figures(store).fold()
        await store.holds.expire("AAAA-0001", [])
        await hold(store, "AAAA-0002")
        await figures(store).fold()
        return (await a_week(store)).total("oldest")

    assert asyncio.run(go()) == 7200


def test_nothing_ruled_on_has_no_time_and_what_took_for_ever_is_beyond(store):
    async def go():
        await hold(store, "AAAA-0001")
        nothing = (await a_week(store)).within(0.5)
        store.now += 6 * 86400
        await store.holds.reject("AAAA-0001", "claire", "", None, [], code="other")
        return nothing, (await a_week(store)).within(0.5)

    assert asyncio.run(go()) == (None, BEYOND)


def test_what_may_still_be_overtaken_is_not_folded(store):
    """A number given out earlier may be committed later: it would never be counted."""

    async def go():
        await hold(store, "AAAA-0001")
        early = await figures(store).fold()
        store.now += RIPE_SECONDS
        return early, await figures(store).fold()

    assert asyncio.run(go()) == (0, 1)


def test_what_the_sender_does_himself_is_no_ruling_of_an_officer(store):
    """Or his own cancellations would make a rule look right, and officers quick."""

    async def go():
        for number in range(2):
            await hold(store, f"AAAA-000{number}")
        await store.holds.reject("AAAA-0000", SENDER, "", None, [])
        urgent = ("urgent release", store.now, "AAAA-0001")
        await store.database.write(lambda c: note(c, *urgent, who=SENDER))
        return await a_week(store)

    over = asyncio.run(go())
    assert (over.total("settled"), over.total("refused"), over.rulings(RULE)) == (2, 0, 0)
    assert over.within(0.5) is None


def test_other_events_count_for_nothing(store):
    async def go():
        await store.database.write(lambda c: note(c, "signed in", store.now, who="claire"))
        store.now += RIPE_SECONDS
        await figures(store).fold()
        return [row for row in await store.rows("daily") if row[0]]

    assert asyncio.run(go()) == []
