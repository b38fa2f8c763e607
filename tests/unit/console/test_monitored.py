"""What monitor mode let out: noted by doors, judged by officers, gone after thirty days."""

import asyncio
from functools import partial

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from gateway.errors import Temporary
from gateway.model import Disposition, Verdict
from gateway.retain import retain
from gateway.store.classes import DAY_SECONDS, Periods
from gateway.store.figures import Tally
from gateway.store.keys import SealingKey
from gateway.store.monitored import MOST_AT_ONCE, LetOut
from tests.makers import held as made
from tests.unit.console.conftest import post, shipped

RULE = next(rule.id for rule in shipped().rules if not rule.enforced)
PATH = "/regles/a-qualifier"


def passed(*rules, to=made.TO):
    return [Verdict(one, Disposition.PASS, monitored=rules) for one in to]


async def let_out(console, *codes, rules=(RULE,), whose="default", **changes):
    door = LetOut(console.store.database, console.store.public, lambda sender: whose)
    for code in codes:
        door(made.a_mail(code, **changes), passed(*rules), made.SEEN)
    await door.flush()


async def waiting(console, **about):
    return [case.mail for case in await console.desk.monitored.page(**about)]


def test_what_a_door_let_out_is_shown_masked_and_judged_once(console, run):
    async def walk():
        await let_out(console, "AAAA-0001", "AAAA-0002", "AAAA-0003")
        browser = await console.signed_in("claire", "officer")
        page = (await browser.get(PATH)).text
        assert made.SENDER in page
        assert made.TO[0] in page
        assert "2 79 ** ** *** *** **" in page
        first, second, third = await console.desk.monitored.page()
        data = {"cas": [first.id, second.id], "avis": "juste"}
        await asyncio.gather(*(post(browser, PATH, data, PATH) for _ in range(3)))
        await post(browser, PATH, {"cas": [first.id, third.id], "avis": "fausse"}, PATH)
        judged = (await console.desk.monitored.by_rule())[RULE]
        assert (judged.waiting, judged.right, judged.wrong) == (0, 2, 1)
        assert "Rien à qualifier" in (await browser.get(PATH)).text
        assert "2 fois raison, 1 fausses alertes" in (await browser.get("/regles")).text
        record = (await browser.get("/registre")).text
        assert record.count("cas observés qualifiés") == 2
        assert f"rule={RULE} count=2 as=right" in record

    run(walk())


def test_nobody_is_named_in_clear_in_the_store_nor_is_anything_of_the_mail(console, run):
    async def walk():
        await let_out(console, "AAAA-0001")
        rows = repr(await console.store.rows("monitored")).lower()
        for word in ("agathe", "inventee", "999999", "2 79", "paie", "canari"):
            assert word not in rows, word
        (case,) = await console.desk.monitored.page()
        assert not case.outline(console.store.private).findings[0].fingerprints

    run(walk())


@pytest.mark.parametrize("data", [{}, {"avis": "juste"}, {"cas": "1"}, {"cas": "x", "avis": "?"}])
def test_without_a_choice_nothing_is_judged(console, run, data):
    async def walk():
        await let_out(console, "AAAA-0001")
        browser = await console.signed_in("claire", "officer")
        assert (await post(browser, PATH, data, PATH)).status_code == 303
        assert await waiting(console) == ["AAAA-0001"]

    run(walk())


def test_one_compartment_s_cases_are_not_another_s(console, run):
    async def walk():
        await let_out(console, "AAAA-0001", whose="medical")
        mine = await console.signed_in("marie", "officer", compartments=("medical",))
        other = await console.signed_in("paul", "officer", compartments=("rh",))
        (case,) = await console.desk.monitored.page()
        await post(other, PATH, {"cas": case.id, "avis": "fausse"}, PATH)
        assert "AAAA-0001" not in (await other.get(PATH)).text
        assert "AAAA-0001" in (await mine.get(PATH)).text

    run(walk())


def test_of_a_rule_that_fires_all_the_time_a_sample_is_kept(console, run):
    codes = [f"AAAA-{number:04}" for number in range(MOST_AT_ONCE + 30)]

    async def walk():
        await let_out(console, *codes)
        assert sorted(await waiting(console)) == codes[:MOST_AT_ONCE]
        await let_out(console, "BBBB-0001", rules=())
        await let_out(console, "CCCC-0001", rules=("x/other",))
        assert await waiting(console, rule="x/other") == ["CCCC-0001"]

    run(walk())


def test_what_was_held_all_the_same_is_no_case(console, run):
    async def walk():
        door = LetOut(console.store.database, console.store.public)
        held = [Verdict(made.TO[0], Disposition.QUARANTINE, "x/y", monitored=(RULE,))]
        door(made.a_mail("AAAA-0001"), held, made.SEEN)
        door(made.a_mail("AAAA-0002"), [*held, *passed(RULE, to=made.TO[1:])], made.SEEN)
        await door.flush()
        (case,) = await console.desk.monitored.page()
        assert case.mail == "AAAA-0002"
        assert case.outline(console.store.private).recipients == made.TO[1:]

    run(walk())


def test_pages_follow_each_other(console, run):
    async def walk():
        for batch in range(4):
            await let_out(console, *(f"AAA{batch}-{number:04}" for number in range(MOST_AT_ONCE)))
        browser = await console.signed_in("claire", "auditor")
        first = (await browser.get(PATH)).text
        following = first.split('<a class="button" href="')[1].split('"')[0]
        second = (await browser.get(following)).text
        codes = {f"AAA{batch}-0000" for batch in range(4)}
        assert {code for code in codes if code in first + second} == codes
        assert "<button name" not in first, "an auditor judges nothing"

    run(walk())


def test_it_is_gone_after_thirty_days(console, run):
    async def walk():
        await let_out(console, "AAAA-0001")
        store = console.store
        sweep = partial(retain, store.database, store.blobs, key=store.hmac)
        end = made.NOW + Periods().monitored * DAY_SECONDS
        early = await sweep(now=end - 1)
        late = await sweep(now=end)
        assert (early.get("monitored"), late.get("monitored")) == (None, 1)
        assert await waiting(console) == []

    run(walk())


def test_a_store_that_is_away_delays_no_mail_and_the_figures_go_on(run):
    class Away:
        async def write(self, work):
            raise Temporary("store unavailable")

    class Figures:
        counted = None

        async def add(self, counts):
            self.counted = dict(counts)

    async def walk(key):
        door, figures = LetOut(Away(), [key]), Figures()
        tally = Tally(figures, door.flush)
        door(made.a_mail(), passed(RULE), made.SEEN)
        tally("pass")
        await tally.flush()
        assert figures.counted == {("pass", "", ""): 1}

    run(walk(SealingKey("00" * 8, X25519PrivateKey.generate().public_key())))
