"""Compartments on the pages: another's mail is not there; what is its sender's alone stays so."""

import dataclasses
from types import SimpleNamespace

import httpx
import pytest
from starlette.exceptions import HTTPException

from gateway.console import app, rulings
from gateway.console.access import Role, may_rule_on, ways
from gateway.model import Disposition, Finding, Inspection, Likelihood, Place, Verdict
from gateway.store import tickets
from gateway.store.accounts import Account
from gateway.store.figures import RIPE_SECONDS
from gateway.store.held import Held
from gateway.store.keys import address_hash, make_keys
from gateway.store.monitored import LetOut
from gateway.store.schema import State
from gateway.store.vault import CannotOpen
from tests.makers import held as made
from tests.stores import KINDS, Store, fresh
from tests.unit.console.conftest import Console, post

MINE, THEIRS = "7K2F-9QXD", "8M3G-1ABC"
ZOE = made.TO[0]
ONE = Inspection(
    (Finding("fr.nir", 1, Likelihood.VERY_LIKELY, Place("2!zoe.pdf"), "2 79 **", ("ab" * 32,)),)
)
SECRETS = ("Agathe", "zoe.", "99999", "2 79", "paie", "mai.xlsx", "Paie", "Invent", "dossier de")


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    for compartment in ("default", "medical"):
        make_keys(tmp_path / "keys", compartment=compartment)
    store = Store(fresh(request.param, tmp_path), tmp_path)
    console = Console(store)
    told = dataclasses.replace(console.desk.notices, url="https://q.chu.example")
    dress(console, notices=told)
    yield console
    store.database.close()


def dress(console, **changes):
    console.desk = dataclasses.replace(console.desk, **changes)
    console.app = app.build(console.desk)


def page_of(console, code=MINE):
    key = console.store.hmac
    of = tickets.ticket(key, code, address_hash(key, made.SENDER), made.NOW)
    return f"/m/{code}", of


async def as_sender(console, what, code=MINE):
    path, ticket = page_of(console, code)
    return await console.browser().post(path, data={"t": ticket, "quoi": what})


async def states(console, code=MINE):
    return {copy.state for copy in (await console.store.holds.get(code)).copies}


async def routes(console):
    """Of the releases in the outbox."""
    items = await console.store.outbox.lease(9, console.store.now, "test", 0)
    return [item.route for item in items if item.is_release]


def ruling(way, code="legitimate", words=""):
    return {"quoi": way, f"motif_{way}": code, "mots": words}


# Another's compartment


def test_the_queue_counts_searches_and_groups_within_a_compartment(house, run):
    async def walk():
        for number in range(3):
            await house.hold(f"AAAA-000{number}", compartment="medical")
        await house.hold(MINE)
        browser = await house.signed_in("claire", "officer", compartments=("default",))
        for path in ("/", f"/?adresse={ZOE}", "/?ordre=age", "/etat", "/apercu", "/registre"):
            text = (await browser.get(path)).text
            assert "AAAA-" not in text, path
        home = (await browser.get("/")).text
        assert MINE in home
        assert "même série" not in home
        assert "(1)" in home.split("<title>")[1].split("</title>")[0]
        # Same sender, same rule: not shown beside it either, nor to be ruled on with it by whoever
        # sees both.
        assert "AAAA-" not in (await browser.get(f"/dossiers/{MINE}")).text
        assert await house.desk.queue.like(await house.store.holds.get(MINE)) == ()

    run(walk())


def test_several_at_once_rule_on_none_of_another_compartment(house, run):
    async def walk():
        await house.hold(MINE)
        await house.hold(THEIRS, compartment="medical")
        browser = await house.signed_in("claire", "officer", compartments=("default",))
        data = ruling("release") | {"dossier": [MINE, THEIRS]}
        await post(browser, "/decider", data, page="/compte")
        assert await states(house, MINE) == {State.RELEASING}
        assert await states(house, THEIRS) == {State.HELD}

    run(walk())


def test_words_about_a_mail_are_sealed_to_its_compartment_alone(house, run):
    async def walk():
        await house.hold(MINE, compartment="medical")
        browser = await house.signed_in("claire", "officer")
        await post(browser, f"/dossiers/{MINE}/note", {"mots": "voir avec le service"})
        await post(browser, f"/dossiers/{MINE}/decision", ruling("reject", "other", "trop large"))
        return await house.store.holds.history(MINE), await house.store.outbox.lease(
            9, house.store.now, "test", 0
        )

    events, items = run(walk())
    ours, others = (
        [key for key in house.store.private if key.compartment == name]
        for name in ("medical", "default")
    )
    told = [event for event in events if event.sealed_reason]
    assert {event.reason(ours) for event in told} == {"voir avec le service", "trop large"}
    for event in told:
        with pytest.raises(CannotOpen):
            event.reason(others)
    for item in items:
        assert item.letter(ours)
        with pytest.raises(CannotOpen):
            item.letter(others)


def test_a_deputy_rules_once_the_officers_were_reminded(house, run):
    async def walk():
        await house.hold()
        browser = await house.signed_in("paul", "deputy")
        early = await post(browser, f"/dossiers/{MINE}/decision", ruling("release"))
        await house.store.holds.remind([MINE], [])
        late = await post(browser, f"/dossiers/{MINE}/decision", ruling("release"))
        return early.status_code, late.status_code, await states(house)

    assert run(walk()) == (403, 303, {State.RELEASING})


# What is its sender's alone


@pytest.mark.parametrize("why", ["compartment", "personal"])
def test_officers_see_rule_counts_and_size_and_nothing_of_the_mail(house, run, why):
    async def walk():
        await house.hold(hidden=why)
        browser = await house.signed_in("claire", "officer")
        pages = [await browser.get(path) for path in ("/", f"/dossiers/{MINE}", "/registre")]
        text = "".join(page.text for page in pages)
        assert "health/nir-external" in text
        assert "×2" in text  # how many were found
        for secret in SECRETS:
            assert secret not in text, secret
        for path in ("lecture", "exception"):
            answer = await browser.get(f"/dossiers/{MINE}/{path}")
            assert answer.status_code in (403, 409), path
            assert not [secret for secret in SECRETS if secret in answer.text]
        for what in ("whole", "download"):
            data = {"quoi": what, "mots": "je veux savoir"}
            answer = await post(browser, f"/dossiers/{MINE}/lecture", data)
            assert answer.status_code == 409
        # Who wrote it cannot be found out by asking, nor by what stands beside it.
        assert MINE not in (await browser.get(f"/?adresse={made.SENDER}")).text
        assert MINE not in (await browser.get(f"/?adresse={ZOE}")).text
        await house.hold(THEIRS)
        assert MINE not in (await browser.get(f"/dossiers/{THEIRS}")).text

    run(walk())


DECISIONS = [
    ("compartment", "release", False),
    ("compartment", "encrypted", False),
    ("compartment", "reject", False),  # the sender alone decides
    ("personal", "release", False),  # or a mark would let out what nobody looked at
    ("personal", "encrypted", False),
    ("personal", "reject", True),
]


def test_what_officers_decide_of_it(house, run):
    async def walk():
        dress(house, why_not=lambda mail, recipient: "")
        browser = await house.signed_in("claire", "officer")
        for number, (why, way, done) in enumerate(DECISIONS):
            hold = await house.hold(f"AAAA-000{number}", hidden=why)
            asked = ruling(way, "insecure" if way == "reject" else "legitimate")
            await post(browser, f"/dossiers/{hold}/decision", asked)
            await post(browser, "/decider", asked | {"dossier": [hold]})
            became = await states(house, hold)
            assert became == ({State.REJECTED} if done else {State.HELD}), (why, way)

    run(walk())


def test_its_sender_opens_it_and_then_it_is_like_any_other(house, run):
    async def walk():
        await house.hold(hidden="personal")
        path, ticket = page_of(house)
        assert "Permettre de le lire" in (await house.browser().get(f"{path}?t={ticket}")).text
        refused = await as_sender(house, "demander")
        assert refused.status_code == 422  # nobody could answer
        await as_sender(house, "ouvrir")
        browser = await house.signed_in("claire", "officer")
        assert ZOE in (await browser.get(f"/dossiers/{MINE}")).text
        await post(browser, f"/dossiers/{MINE}/decision", ruling("release"))
        events = await house.store.holds.history(MINE)
        return await states(house), [(e.kind, e.who) for e in events]

    became, events = run(walk())
    assert became == {State.RELEASING}
    assert ("opened by sender", "sender") in events


def test_the_sender_of_such_a_compartment_sends_by_a_protected_way_once(house, run):
    async def walk():
        dress(house, why_not=lambda mail, recipient: "")
        await house.hold(hidden="compartment", inspection=ONE)
        first = await as_sender(house, "proteger")
        second = await as_sender(house, "proteger")
        assert (first.status_code, second.status_code) == (303, 303)
        return await states(house), await routes(house)

    assert run(walk()) == ({State.RELEASING}, ["encrypted"])


def test_nobody_else_sends_so(house, run):
    cases = [
        ("personal", ONE, True),  # a mark opens no way out
        ("", ONE, True),
        ("compartment", made.SEEN, True),  # something closed may be a whole file
        ("compartment", ONE, False),  # no channel leads there
    ]

    async def walk():
        for number, (hidden, inspection, fits) in enumerate(cases):
            dress(house, why_not=lambda mail, recipient, so=fits: "" if so else "aucune clé")
            hold = await house.hold(f"AAAA-000{number}", hidden=hidden, inspection=inspection)
            await as_sender(house, "proteger", hold)
            assert await states(house, hold) == {State.HELD}, (hidden, fits)

    run(walk())


def test_marks_are_counted_by_team_and_not_by_person(house, run):
    async def walk():
        await house.hold(MINE, hidden="personal")
        await house.hold(THEIRS)
        house.store.now += RIPE_SECONDS + 1
        figures = house.desk.figures
        before = await figures.over(figures.today(), figures.today())
        browser = await house.signed_in("claire", "officer")
        assert "Marqués personnels, par équipe" in (await browser.get("/apercu")).text
        await figures.fold()
        return before, await figures.over(figures.today(), figures.today())

    for over in run(walk()):
        assert over.names("personal", "team") == (("chu.example", 1),)


# The protected way, and one's own mail in a small practice


def test_an_officer_sends_by_a_protected_way_to_some_and_once(house, run):
    async def walk():
        dress(house, why_not=lambda mail, recipient: "" if recipient == ZOE else "aucune clé")
        await house.hold()
        browser = await house.signed_in("claire", "officer")
        where = f"/dossiers/{MINE}/decision"
        refused = await post(browser, where, ruling("encrypted"))
        assert refused.status_code == 422
        assert "Aucune voie protégée" in refused.text
        assert "aucune clé" in refused.text
        some = ruling("encrypted") | {"boxes": "1", "position": "0"}
        await post(browser, where, some)
        await post(browser, where, some)
        held = await house.store.holds.get(MINE)
        [release] = [e for e in await house.store.holds.history(MINE) if e.kind == "release"]
        return [copy.state for copy in held.copies], await routes(house), release.detail

    became, sent, detail = run(walk())
    assert became == [State.RELEASING, State.HELD]
    assert sent == ["encrypted"]
    assert detail == "recipients=1 code=legitimate way=encrypted"


OWN = [
    (False, "encrypted", "", False),
    (False, "release", "le confrère attend", False),
    (True, "encrypted", "", True),
    (True, "release", "", False),  # in clear: not without a reason
    (True, "release", "le confrère attend", True),
    (True, "reject", "", True),
]


def test_one_s_own_mail(house, run):
    async def walk():
        await house.account("claire", "officer", address=made.SENDER)
        browser = await house.signed_in("claire")
        for number, (practice, way, words, done) in enumerate(OWN):
            dress(house, practice=practice, why_not=lambda mail, recipient: "")
            browser._transport = httpx.ASGITransport(house.app)
            hold = await house.hold(f"AAAA-000{number}")
            code = "insecure" if way == "reject" else "legitimate"
            await post(browser, f"/dossiers/{hold}/decision", ruling(way, code, words))
            assert (await states(house, hold) != {State.HELD}) is done, (practice, way, words)
            events = await house.store.holds.history(hold)
            listed = any("own=clear in=default" in event.detail for event in events)
            assert listed is (done and way == "release")

    run(walk())


def test_a_practice_opens_nothing_of_others_mail():
    held = dataclasses.replace(_held(), hidden="compartment")
    own = Account("claire", ("officer",), address_hash=held.sender_hash)
    assert ways(own, held, practice=True) == ()
    other = dataclasses.replace(_held(), compartment="medical")
    away = Account("claire", ("officer",), ("default",), held.sender_hash)
    assert ways(away, other, practice=True) == ()
    assert not may_rule_on(own, _held())
    auditor = Account("a", (Role.AUDITOR,), address_hash=held.sender_hash)
    assert ways(auditor, _held(), practice=True) == ()


def _held():
    values = {one.name: None for one in dataclasses.fields(Held)}
    return Held(**values | {"compartment": "default", "hidden": "", "sender_hash": "ab"})


def test_what_passed_of_it_is_counted_and_not_shown(house, run):
    """What rules in monitor mode would have stopped is noted for officers: theirs alone."""

    async def walk():
        store = house.store
        for private in (False, True):
            door = LetOut(store.database, store.public, private=lambda mail, so=private: so)
            verdict = Verdict(ZOE, Disposition.PASS, monitored=("health/x",))
            door(made.a_mail(f"AAAA-000{private:d}"), [verdict], ONE)
            await door.flush()
        return [row.mail for row in await house.desk.monitored.page()]

    assert run(walk()) == ["AAAA-0000"]


def test_a_page_that_forgets_to_ask_rules_on_nothing(house, run):
    async def walk():
        await house.hold(hidden="compartment")
        visit = SimpleNamespace(who=Account("claire", ("officer",)), desk=house.desk)
        held = await house.store.holds.get(MINE)
        with pytest.raises(HTTPException):
            await rulings.carry_out(visit, held, rulings.Ruling(True, "legitimate", ""))
        return await states(house)

    assert run(walk()) == {State.HELD}
