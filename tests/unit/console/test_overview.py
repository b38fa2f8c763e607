"""The pictures: right figures, each with its table, within a compartment, about nobody."""

import re
from datetime import date, timedelta
from xml.etree import ElementTree

import pytest

from gateway.console import pictures
from gateway.console.pictures import Series
from gateway.store.migrate import HEAD
from gateway.store.schema import daily, holds
from gateway.store.staff import Staff
from gateway.store.teams import LEAST
from tests.makers import held as made
from tests.unit.console.conftest import breakable


async def some(console):
    for number in range(3):
        await console.hold(f"AAAA-000{number}")
    store = console.store
    store.now += 3 * 3600
    await store.holds.release("AAAA-0000", "claire", "", None, code="false_alarm")
    await store.holds.reject("AAAA-0001", "claire", "", None, [], code="other")
    doors = {("pass", "", ""): 120, ("encrypt", "", ""): 7, ("problem", "kind", "encrypted"): 4}
    await console.desk.figures.add(doors)


async def peopled(console, *teams, persons=LEAST):
    """So many colleagues in each."""
    colleagues = {f"p{number}@{team}" for team in teams for number in range(persons)}
    await Staff(console.store.database, lambda address: ()).learn(colleagues, 10**6)


def svgs(page):
    """Every drawing is well-formed, whatever stands in it."""
    return [ElementTree.fromstring(one) for one in re.findall(r"<svg.*?</svg>", page, re.DOTALL)]


def test_each_picture_tells_its_numbers_in_a_table_as_well(console, run):
    async def walk():
        await some(console)
        await peopled(console, "chu.example")
        browser = await console.signed_in("claire", "officer")
        return await browser.get("/apercu")

    answer = run(walk())
    assert answer.status_code == 200
    page = answer.text
    charts = [one for one in svgs(page) if one.get("role") == "img"]
    assert len(charts) == 7 - page.count("Rien à montrer")
    for one in charts:
        named = one.get("aria-labelledby").split()
        assert {child.get("id") for child in one if child.get("id")} == set(named)
        assert one.find("title").text
        assert one.find("desc").text
    assert page.count("<details><summary>Les chiffres") == len(charts)
    for words in (
        "3 messages retenus en 30 jours.",
        "1 envoyés, 1 refusés, 0 annulés faute de décision",
        "120 partis en clair, 7 par voie chiffrée",
        "chiffré ou protégé par un mot de passe",
        "chu.example",
        "&lt; 4 h",
        "50 %",
        "AAAA-0002",
    ):
        assert words in page, words


def test_nobody_is_in_them(console, run):
    async def walk():
        await some(console)
        browser = await console.signed_in("marc", "officer")
        return (await browser.get("/apercu")).text.lower()

    page = run(walk())
    for word in (made.SENDER, *made.TO, "agathe", "inventee", made.CANARY.decode()):
        assert word.lower() not in page


def test_a_team_of_less_than_five_is_told_of_with_others_here_and_by_the_api(console, run):
    async def walk():
        await some(console)
        few = (
            holds.update().where(holds.c.id == "AAAA-0002").values(sender_domain="cabinet.example")
        )
        await console.store.database.write(lambda c: c.execute(few) and None)
        await peopled(console, "chu.example", persons=12)
        await peopled(console, "cabinet.example", persons=LEAST - 1)
        over = await console.desk.figures.over(date(2000, 1, 1), date(2100, 1, 1))
        browser = await console.signed_in("claire", "officer")
        told = await console.desk.figures.by_team(over, "held")
        return told, breakable((await browser.get("/apercu")).text)

    told, page = run(walk())
    assert told == (("*", 3),), "or the rest would say what is folded"
    assert "moins de cinq personnes" in page
    assert "cabinet.example" not in page


def test_a_compartment_shows_its_own_and_nothing_of_the_whole_house(console, run):
    async def walk():
        await some(console)
        change = holds.update().where(holds.c.id == "AAAA-0002").values(compartment="travail")
        await console.store.database.write(lambda c: c.execute(change) and None)
        browser = await console.signed_in("paul", "officer", compartments=("travail",))
        return (await browser.get("/apercu")).text

    page = run(walk())
    assert "1 message retenu en 30 jours." in page
    assert "AAAA-0002" in page
    assert "partis en clair" not in page
    assert "Attente la plus longue" not in page


@pytest.mark.parametrize("asked", ["7", "90", "0", "1000000", "x", ""])
def test_only_periods_that_are_offered_are_shown(console, run, asked):
    async def walk():
        browser = await console.signed_in("claire", "auditor")
        return await browser.get(f"/apercu?jours={asked}")

    answer = run(walk())
    assert answer.status_code == 200
    shown = asked if asked in ("7", "90") else "30"
    assert f'jours={shown}" aria-current="true"' in answer.text


def test_what_a_stranger_calls_his_domain_is_text(console, run):
    async def walk():
        await console.hold()
        named = "<script>alert(1)</script>&\"'"
        await peopled(console, named)
        bad = holds.update().values(sender_domain=named, rule="<b>x</b>")
        await console.store.database.write(lambda c: c.execute(bad) and None)
        browser = await console.signed_in("claire", "officer")
        return (await browser.get("/apercu")).text

    page = run(walk())
    assert "<script>alert" not in page
    assert "<b>x</b>" not in page
    assert "&lt;script&gt;" in page
    assert svgs(page)


def test_a_kind_of_problem_that_is_no_longer_known_is_left_out(console, run):
    async def walk():
        await console.desk.figures.add({("problem", "kind", "gone"): 3})
        browser = await console.signed_in("claire", "officer")
        return (await browser.get("/apercu")).status_code

    assert run(walk()) == 200


def test_the_page_costs_the_same_however_much_was_counted(console, run):
    """It reads the rows of days, not the events: there are 300 rows here, and as many in a year."""

    async def walk():
        day = console.desk.figures.today().toordinal()
        rows = [
            {"day": day - back, "what": "held", "by": "rule", "name": f"r/{n}", "compartment": "x"}
            for back in range(30)
            for n in range(10)
        ]
        rows = [row | {"count": 1000} for row in rows]
        await console.store.database.write(lambda c: c.execute(daily.insert(), rows) and None)
        browser = await console.signed_in("claire", "officer")
        return (await browser.get("/apercu")).text

    assert "300000 messages retenus" in run(walk())


def test_the_admin_sees_how_the_system_does_and_no_mail(console, run):
    async def walk():
        await some(console)
        console.stale = "rules/x.yaml:3:1: <i>unknown</i> condition"
        browser = await console.signed_in("root", "admin")
        return (await browser.get("/sante")).text, (await browser.get("/apercu")).status_code

    page, overview = run(walk())
    assert overview == 403
    for words in ("Santé du système", f"tables {HEAD}", "cassées", "&lt;i&gt;unknown", "3 h"):
        assert words in page, words
    for word in (made.SENDER, "AAAA-000", "chu.example"):
        assert word.lower() not in page.lower()


def test_bars_stand_within_their_picture_and_scales_end_in_round_numbers():
    days = [date(2026, 11, 1) + timedelta(days=n) for n in range(30)]
    series = [Series("a", "held", tuple(range(30))), Series("b", "refused", (7,) * 30)]
    drawn = pictures.by_day("x", "t", "d", "h", days, series)
    assert [mark.text for mark in drawn.marks] == ["0", "20", "40"]
    for bar in drawn.bars:
        assert min(bar.x, bar.y) >= 0
        assert bar.x + bar.width <= pictures.WIDTH
        assert bar.y + bar.height <= pictures.HEIGHT
    listed = pictures.by_name("x", "t", "d", "h", ["n" * 90], [Series("a", "held", (10**9,))])
    assert all(bar.x + bar.width <= pictures.WIDTH for bar in listed.bars)
    assert pictures.by_day("x", "t", "d", "h", days, [Series("a", "held", (0,) * 30)]).empty
