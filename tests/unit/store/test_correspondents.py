"""What is learnt of who writes to whom, what of it stands on the disk, and how it fades."""

from __future__ import annotations

import asyncio
import os
from datetime import date, datetime, time

import pytest
from sqlalchemy import event, text

from gateway.likeness import keys
from gateway.store.classes import fading
from gateway.store.correspondents import BEGUN, Correspondents, Fading, Lesson
from gateway.store.hmac_key import HmacKey
from gateway.store.staff import Change, Source, Staff

TODAY = date(2026, 11, 22).toordinal()
AGNES, LABO, MAIRIE = "agnes@chu.example", "dr.martin@labo.example", "etat-civil@mairie.example"
TABLES = ("pairs", "domains", "together", "flows", "staff", "staff_keys", "learnt")


@pytest.fixture
def known(store):
    return Correspondents(store.database, store.hmac)


def told(known, *recipients, sender=AGNES, series="", today=TODAY):
    return known.told(sender, recipients, series, today, 5)


def lesson(*recipients, sender=AGNES, day=TODAY, series=""):
    return Lesson(sender, recipients, day, series)


async def faded(store, today):
    """What the sweep of that day erases; how many rows."""
    noon = datetime.combine(date.fromordinal(today), time(12)).timestamp()
    gone = [one.erasure(noon) for one in fading()]
    return await store.database.write(lambda c: sum(c.execute(one).rowcount for one in gone))


async def everything(store):
    return repr([await store.rows(table) for table in TABLES])


def test_whoever_was_written_to_is_known_to_the_sender_and_the_house(known):
    async def go():
        await known.learn([lesson(LABO)])
        mine = await told(known, LABO.upper(), MAIRIE)
        other = await told(known, LABO, sender="paul@chu.example")
        return mine, other, await known.known_by_house([LABO, MAIRIE], TODAY)

    mine, other, by_house = asyncio.run(go())
    assert mine.met == {LABO.upper()}, "case is folded"
    assert mine.domains == {"labo.example"}
    assert mine.since == TODAY
    assert not other.met
    assert by_house == {LABO}


def test_no_address_of_a_correspondent_can_be_read_off_the_disk(store, known):
    """Without the key of the house, nor with it and no sender's name."""

    async def go():
        await known.learn([lesson(LABO, MAIRIE, series="relevé\npdf")])
        return await everything(store), await known.book(AGNES, TODAY, 10)

    rows, book = asyncio.run(go())
    for part in ("martin", "agnes", "etat-civil", "chu.example", "relev"):
        assert part not in rows
    assert "mairie.example" in rows, "domains are in clear, as everywhere"
    assert set(book) == {LABO, MAIRIE}


def test_another_key_or_another_sender_opens_no_book(store, known):
    async def go():
        await known.learn([lesson(LABO)])
        stranger = Correspondents(store.database, os.urandom(32))
        return [
            await stranger.book(AGNES, TODAY, 10),
            await known.book("paul@chu.example", TODAY, 10),
        ]

    assert asyncio.run(go()) == [(), ()]


def test_what_was_learnt_before_the_key_was_replaced_is_still_known(store, known):
    async def go():
        await known.learn([lesson(LABO, MAIRIE)])
        new = HmacKey(os.urandom(32))
        new.former = (bytes(store.hmac),)
        later = Correspondents(store.database, new)
        await later.learn([lesson("pharmacie@ville.example")])
        found = await told(later, LABO, "pharmacie@ville.example", MAIRIE)
        return found.met, await later.book(AGNES, TODAY, 10), await later.writers(LABO, TODAY)

    met, book, writers = asyncio.run(go())
    assert len(met) == len(book) == 3
    assert writers == 1


@pytest.mark.parametrize(
    ("mails", "days", "stands", "why"),
    [
        (1, 400, False, "one mail has faded: 2 half-lives and a bit"),
        (1, 300, True, "within a year"),
        (8, 400, True, "a habit"),
        (8, 401, False, "nothing is kept longer"),
    ],
)
def test_a_pair_fades_the_sooner_the_less_it_was_used(store, known, mails, days, stands, why):
    async def go():
        await known.learn([lesson(LABO)] * mails)
        before = await told(known, LABO, today=TODAY + days)
        gone = await faded(store, TODAY + days)
        return bool(before.met), gone

    found, gone = asyncio.run(go())
    assert found is stands, why
    assert (gone == 0) is stands, "pair and domain go together"


def test_weights_halve_and_add_up_whatever_the_order(known, store):
    fading = Fading(half_life=100)
    assert fading.weighed(8.0, 200) == 2.0

    async def go():
        few = Correspondents(store.database, store.hmac, fading)
        await few.learn([lesson(LABO, day=TODAY)])
        await few.learn([lesson(LABO, day=TODAY - 100)])  # from an old log, afterwards
        return (await store.rows("domains"))[0]

    domain, weight, day, _ = asyncio.run(go())
    assert (domain, weight, day) == ("labo.example", 1.5, TODAY)


ALONE = "inconnu@ailleurs.example"
TEAM = ("a@labo.example", "b@labo.example", "c@mairie.example")


@pytest.mark.parametrize(
    ("beside", "apart", "why"),
    [
        ((*TEAM, ALONE), {ALONE}, "the others go together"),
        (TEAM, set(), "they all do"),
        ((TEAM[0], ALONE), set(), "of two, which?"),
        ((TEAM[0], ALONE, "autre@x.example"), set(), "nobody goes with anybody"),
        ((TEAM[0], TEAM[1], ALONE, "autre@x.example"), set(), "two are: a new matter"),
    ],
)
def test_whoever_never_stood_beside_the_others_is_out_of_place(known, beside, apart, why):
    async def go():
        await known.learn([lesson(*TEAM)] * 2)
        return (await told(known, *beside)).apart

    assert asyncio.run(go()) == apart, why


@pytest.mark.parametrize(
    ("sent", "new", "why"),
    [
        ([LABO] * 5, True, "always to the same"),
        ([LABO] * 4, False, "too few to be a series"),
        ([f"p{n}@x.example" for n in range(9)], False, "to somebody else each time"),
        ([f"p{n % 20}@x.example" for n in range(80)], True, "to twenty, four times each"),
    ],
)
def test_a_series_has_a_new_reader_where_it_went_to_the_same_few(known, sent, new, why):
    async def go():
        await known.learn([lesson(one, series="b2 #\nxml") for one in sent])
        found = await told(known, "dr.martin@labo.exemple", sent[0], series="b2 #\nxml")
        other = await told(known, "dr.martin@labo.exemple", series="autre\nxml")
        return found.new, other.new

    found, other = asyncio.run(go())
    assert found == ({"dr.martin@labo.exemple"} if new else set()), why
    assert not other


def test_an_address_is_forgotten_as_sender_and_as_recipient(store, known):
    async def go():
        await known.learn([lesson(LABO, MAIRIE, series="x\n"), lesson(AGNES, sender=LABO)])
        gone = await known.forget(LABO.upper())
        left = [len(await store.rows(table)) for table in ("pairs", "together", "flows")]
        return gone, left, await known.book(AGNES, TODAY, 9)

    gone, left, book = asyncio.run(go())
    assert (gone, left, book) == (4, [1, 0, 2], (MAIRIE,)), "the series itself names nobody"


def test_a_file_is_learnt_once(known):
    async def go():
        before = await known.is_learnt("file:1")
        await known.learn([lesson(LABO, day=TODAY - 30)], "file:1")
        return before, await known.is_learnt("file:1"), (await told(known, LABO)).since

    assert asyncio.run(go()) == (False, True, TODAY - 30)
    assert BEGUN


def test_two_nodes_that_learn_at_once_lose_no_mail(store, known):
    async def go():
        other = store.opened()
        beside = Correspondents(other, store.hmac)
        await asyncio.gather(*(one.learn([lesson(LABO)]) for one in (known, beside) * 10))
        other.close()
        return (await store.rows("domains"))[0][1]

    assert asyncio.run(go()) == 20.0


def test_a_look_up_takes_as_many_statements_for_one_recipient_as_for_fifty(store, known):
    asked = []

    async def go(many):
        asked.clear()
        await told(known, *(f"p{n}@labo.example" for n in range(many)), series="x\n")
        await known.known_by_house([f"p{n}@labo.example" for n in range(many)], TODAY)
        return len(asked)

    event.listen(
        store.database._engine,
        "before_cursor_execute",
        lambda c, cursor, statement, *_: asked.append(statement),
    )
    one, fifty = asyncio.run(go(1)), asyncio.run(go(50))
    assert one == fifty
    assert one <= 7


# Who works here


@pytest.fixture
def staff(store):
    return Staff(store.database, keys)


def test_a_list_of_staff_replaces_what_came_from_there_and_nothing_else(store, staff):
    async def go():
        await staff.learn({"paul@chu.example", "marie.durand@chu.example"}, TODAY)
        tried = await staff.replace(["Marie.Durand@chu.example", AGNES], Source.FILE, dry=True)
        first = await staff.replace(["Marie.Durand@chu.example", AGNES], Source.FILE)
        second = await staff.replace([AGNES], Source.FILE)
        return tried, first, second, await staff.list(), await store.rows("staff_keys")

    tried, first, second, left, filed = asyncio.run(go())
    assert tried == first == Change(2, 1, 0), "one was known already, as somebody who writes"
    assert second == Change(1, 0, 1)
    assert left == ((AGNES, "file"), ("paul@chu.example", "learnt"))
    assert len({row[1] for row in filed}) == 2, "what they are filed under goes with them"


def test_who_was_learnt_and_writes_no_more_goes(store, staff):
    async def go():
        await staff.learn({AGNES, "paul@chu.example"}, TODAY)
        await staff.learn({AGNES}, TODAY + 9)
        await staff.replace(["x@chu.example"], Source.LDAP)
        gone = await faded(store, TODAY + 1)
        return gone, [address for address, _ in await staff.list()]

    assert asyncio.run(go()) == (1, [AGNES, "x@chu.example"])


def test_a_colleague_is_found_by_what_he_resembles_among_many(store, staff):
    names = ("jean", "luc", "anne", "zoe", "paul", "remi", "lea", "ines", "hugo", "alix")
    many = [f"{one}.{other}{n}@chu.example" for one in names for other in names for n in range(3)]

    async def go():
        await staff.replace([*many, "marie.dupont@chu.example"], Source.FILE)
        near = await staff.near(["marie.dupond@chu.example"])
        plan = text(
            "EXPLAIN QUERY PLAN SELECT address FROM staff WHERE id IN "
            "(SELECT staff_id FROM staff_keys WHERE key IN ('a', 'b'))"
        )
        if store.database._engine.dialect.name != "sqlite":
            return near, []
        return near, await store.database.read(lambda c: [row[3] for row in c.execute(plan)])

    near, plan = asyncio.run(go())
    assert near == ("marie.dupont@chu.example",)
    assert not any("SCAN staff" in step for step in plan), plan
