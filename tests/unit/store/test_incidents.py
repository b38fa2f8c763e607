"""Incidents: said, folded, told of once, qualified once; the pair stopped until it is lifted."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pytest
from sqlalchemy import select

from gateway.model import Letter, Recipient
from gateway.store.hmac_key import HmacKey
from gateway.store.incidents import MOST_UNSURE, Incidents, Kind, Outcome, Report
from gateway.store.keys import load_hmac
from gateway.store.schema import events, outbox
from tests.stores import KINDS, Store, fresh

ANNE, PATIENT = "anne@ch.example", "j.durand@domicile.example"
LETTER = Letter("incident", "", (Recipient("dpo@ch.example"),), b"x", "notices", "")


def a_report(**changes):
    said = {
        "kind": Kind.PORTAL,
        "at": Store.now,
        "about": "7K2F-9QXD",
        "compartment": "default",
        "sender": ANNE,
        "recipient": PATIENT,
        "sure": True,
    }
    return Report(**(said | changes))


class House:
    def __init__(self, store):
        self.store = store
        self.incidents = self.seen_by(store.hmac)

    def seen_by(self, key, protected=lambda address: address.startswith("cse")):
        store = self.store
        return Incidents(store.database, store.public, key, protected, clock=store.clock)

    async def every(self, **about):
        return await self.incidents.page(**about)

    async def only(self):
        [one] = await self.every()
        return one


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    store = Store(fresh(request.param, tmp_path), tmp_path)
    yield House(store)
    store.database.close()


def test_the_pair_is_stopped_and_no_other(house):
    async def go():
        await house.incidents.open(a_report())
        asked = [PATIENT.upper(), "autre@domicile.example"]
        mine = await house.incidents.blocked("Anne@CH.example", asked)
        return mine, await house.incidents.blocked("paul@ch.example", asked)

    assert asyncio.run(go()) == ({PATIENT.upper()}, frozenset())


def test_nobody_is_named_in_the_store_and_officers_read_who_it_was(house):
    async def go():
        await house.incidents.open(a_report())
        return repr(await house.store.rows("incidents")), (await house.only())

    rows, one = asyncio.run(go())
    assert "anne" not in rows
    assert "durand" not in rows
    parties = one.parties(house.store.private)
    assert (parties.sender, parties.recipient) == (ANNE, PATIENT)
    assert "anne" not in repr(one), "nor in a log"


def test_said_again_while_nobody_has_ruled_it_is_the_same_incident(house):
    async def go():
        again = (a_report(at=Store.now + hour, about=f"AAAA-000{hour}") for hour in range(5))
        await asyncio.gather(*map(house.incidents.open, again))
        one = await house.only()
        counts = await house.store.database.read(
            lambda c: list(c.execute(select(events.c.detail).where(events.c.kind == "incident")))
        )
        return one.reports, sorted(row.detail for row in counts)

    reports, details = asyncio.run(go())
    assert reports == 5
    assert details == ["by=portal again=0"] + ["by=portal again=1"] * 4


def test_once_qualified_or_lifted_the_next_report_is_another_and_stops_the_pair_anew(house):
    async def go():
        blocks = []
        await house.incidents.open(a_report())
        await house.incidents.lift(await house.only(), "claire")
        await house.incidents.open(a_report())
        newest, *_ = await house.every()
        blocks.append(await house.incidents.blocked(ANNE, [PATIENT]))
        await house.incidents.qualify(newest, Outcome.NO_RISK, "", "claire")
        blocks.append(await house.incidents.blocked(ANNE, [PATIENT]))
        await house.incidents.open(a_report())
        return blocks, len(await house.every()), len(await house.every(done=True))

    blocks, waiting, done = asyncio.run(go())
    assert blocks == [{PATIENT}, {PATIENT}], "to qualify lifts nothing"
    assert (waiting, done) == (2, 1)


def test_a_pair_is_lifted_for_all_its_incidents(house):
    async def go():
        await house.incidents.open(a_report())
        first = await house.only()
        await house.incidents.qualify(first, Outcome.DISCLOSURE, "lue", "claire")
        await house.incidents.open(a_report())
        lifted = await house.incidents.lift(await house.only(), "claire")
        again = await house.incidents.lift(first, "claire")
        return lifted, again, await house.incidents.blocked(ANNE, [PATIENT])

    assert asyncio.run(go()) == (True, False, frozenset())


def test_it_is_qualified_once_with_words_that_officers_alone_read(house):
    async def go():
        await house.incidents.open(a_report())
        one = await house.only()
        outcomes = (Outcome.DISCLOSURE, Outcome.NO_RISK)
        done = await asyncio.gather(
            *(house.incidents.qualify(one, each, "appelée à 10 h", "claire") for each in outcomes)
        )
        return done, await house.incidents.get(one.id), repr(await house.store.rows("incidents"))

    done, one, rows = asyncio.run(go())
    assert sorted(done) == [False, True]
    assert one.who == "claire"
    assert one.words(house.store.private) == "appelée à 10 h"
    assert "10 h" not in rows


def test_what_was_said_by_mistake_stops_nobody_any_more(house):
    async def go():
        await house.incidents.open(a_report())
        await house.incidents.qualify(await house.only(), Outcome.MISTAKE, "", "claire")
        return await house.incidents.blocked(ANNE, [PATIENT])

    assert asyncio.run(go()) == frozenset()


@pytest.mark.parametrize("which", ["sender", "recipient"])
def test_of_a_protected_mailbox_no_pair_is_kept(house, which):
    async def go():
        await house.incidents.open(a_report(**{which: "cse-ch@ch.example"}))
        one = await house.only()
        return one.paired, one.stops, await house.incidents.block(one, "claire")

    assert asyncio.run(go()) == (False, False, False)


def test_where_nobody_is_sure_of_the_pair_an_officer_stops_it(house):
    async def go():
        await house.incidents.open(a_report(sure=False))
        before = await house.incidents.blocked(ANNE, [PATIENT])
        await house.incidents.block(await house.only(), "claire")
        return before, await house.incidents.blocked(ANNE, [PATIENT])

    assert asyncio.run(go()) == (frozenset(), {PATIENT})


def test_a_pair_stays_stopped_after_the_key_of_hashes_is_replaced(house):
    async def go():
        await house.incidents.open(a_report())
        rotated = HmacKey(b"another key of thirty-two bytes!")
        rotated.former = (bytes(load_hmac(house.store.directory / "keys")),)
        return await house.seen_by(rotated).blocked(ANNE, [PATIENT])

    assert asyncio.run(go()) == {PATIENT}


def test_many_recipients_are_asked_of_at_once(house):
    async def go():
        await house.incidents.open(a_report())
        crowd = [f"p{number}@domicile.example" for number in range(1200)]
        return await house.incidents.blocked(ANNE, [*crowd, PATIENT])

    assert asyncio.run(go()) == {PATIENT}


def test_each_spelling_of_an_address_is_stopped(house):
    """The same mail may name both: the one that is forgotten would leave."""

    async def go():
        await house.incidents.open(a_report())
        return await house.incidents.blocked(ANNE, [PATIENT, PATIENT.upper()])

    assert asyncio.run(go()) == {PATIENT, PATIENT.upper()}


def test_of_a_flood_officers_are_told_as_of_any_other(house):
    """There are more ids, then, than a statement of PostgreSQL takes parameters."""

    async def go():
        await house.incidents.open(a_report())
        [several] = await house.incidents.untold()
        flood = replace(several, ids=tuple(range(70_000)))
        return [await house.incidents.tell(one, [LETTER]) for one in (flood, several)]

    assert asyncio.run(go()) == [False, True], "others by now; and those that are there"


def test_of_what_nobody_is_sure_of_so_many_a_day_are_rows(house):
    """Anybody may write to the address for it, under any name."""
    mail = {"kind": Kind.MAIL, "sure": False, "about": ""}

    async def go():
        for number in range(MOST_UNSURE + 3):
            forged = {"recipient": f"p{number}@domicile.example"} if number % 2 else {"sender": ""}
            await house.incidents.open(a_report(**mail | forged))
        rows = (await house.incidents.standing()).open
        newest, *_ = await house.every()
        others = await house.incidents.open(a_report(compartment="medical", **mail))
        sure = await house.incidents.open(a_report(kind=Kind.MAIL, recipient="y@domicile.example"))
        tomorrow = {"at": house.store.now + 86400.0, "recipient": "z@domicile.example"}
        await house.incidents.open(a_report(**mail | tomorrow))
        assert (others, sure) == (None, None)
        return rows, newest.reports, (await house.incidents.standing()).open

    assert asyncio.run(go()) == (MOST_UNSURE, 4, MOST_UNSURE + 3)


def test_two_processes_that_tell_of_it_write_one_letter(house):
    async def go():
        for number in range(3):
            await house.incidents.open(a_report(recipient=f"p{number}@domicile.example"))
        [several] = await house.incidents.untold()
        told = await asyncio.gather(*(house.incidents.tell(several, [LETTER]) for _ in range(3)))
        letters = await house.store.database.read(
            lambda c: c.execute(select(outbox.c.kind)).scalars().all()
        )
        return len(several.ids), sorted(told), letters, await house.incidents.untold()

    assert asyncio.run(go()) == (3, [False, False, True], ["incident"], ())


def test_figures_say_how_many_of_each_kind_and_which_waits_longest(house):
    async def go():
        empty = await house.incidents.standing()
        await house.incidents.open(a_report())
        await house.incidents.open(
            a_report(kind=Kind.MAIL, at=Store.now + 5, recipient="x@y.example")
        )
        await house.incidents.qualify((await house.every())[1], Outcome.NO_RISK, "", "claire")
        return empty, await house.incidents.standing()

    empty, now = asyncio.run(go())
    assert (empty.by_kind, empty.open, empty.oldest) == ({}, 0, None)
    assert now.by_kind == {"portal": 1, "mail": 1}
    assert (now.open, now.oldest) == (1, Store.now + 5)
