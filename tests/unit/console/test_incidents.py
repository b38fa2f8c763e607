"""Incidents at the console: who sees them, who qualifies, who lifts a block; once each."""

import asyncio
from dataclasses import replace

from gateway.console import app
from gateway.store.incidents import Kind, Outcome, Report
from tests.stores import Store
from tests.unit.console.conftest import breakable, post, told

ANNE, PATIENT = "anne@chu.example", "j.durand@domicile.example"


async def said(console, **changes):
    about = {
        "kind": Kind.PORTAL_READ,
        "at": Store.now,
        "about": "7K2F-9QXD",
        "compartment": "default",
        "sender": ANNE,
        "recipient": PATIENT,
        "sure": True,
    }
    await console.desk.incidents.open(Report(**(about | changes)))
    newest, *_ = await console.desk.incidents.page()
    return f"/incidents/{newest.id}"


async def stopped(console):
    return await console.desk.incidents.blocked(ANNE, [PATIENT])


def test_it_is_listed_looked_at_qualified_and_the_pair_opened_again(console, run):
    async def walk():
        path = await said(console)
        browser = await console.signed_in("claire", "officer")
        listed = breakable((await browser.get("/incidents")).text)
        assert ANNE in listed
        assert "après l&#39;avoir lu" in listed
        page = breakable((await browser.get(path)).text)
        assert PATIENT in page
        assert "attend" in page
        data = {"suite": "disclosure", "mots": "appelée, a effacé"}
        answers = [await post(browser, f"{path}/qualification", data, path)]
        # the form is gone with the first click; a second one comes from another window
        answers.append(await post(browser, f"{path}/qualification", {"suite": "mistake"}))
        assert [one.status_code for one in answers] == [303, 303]
        done = breakable((await browser.get("/incidents?etat=qualifies")).text)
        assert "Violation de données" in done
        assert "appelée, a effacé" in (await browser.get(path)).text
        assert await stopped(console) == {PATIENT}, "to qualify lifts nothing"
        await post(browser, f"{path}/blocage", {"quoi": "lever"}, path)
        assert await stopped(console) == frozenset()
        assert "Levé le" in (await browser.get(path)).text
        assert await told(console, "incident qualified") == [("claire", "incident=1 as=disclosure")]
        assert await told(console, "block lifted") == [("claire", "incident=1")]

    run(walk())


def test_to_look_changes_nothing_whoever_follows_the_links(console, run):
    async def walk():
        path = await said(console)
        browser = await console.signed_in("claire", "officer")
        for one in (path, "/incidents", f"{path}/qualification", f"{path}/blocage"):
            await browser.get(one)
        one = await console.desk.incidents.get(1)
        assert one.stops
        assert one.qualified is None

    run(walk())


def test_two_clicks_at_once_qualify_it_once(console, run):
    async def walk():
        path = await said(console)
        browsers = [await console.signed_in(name, "officer") for name in ("claire", "paul")]
        choices = (Outcome.DISCLOSURE, Outcome.NO_RISK)
        await asyncio.gather(
            *(
                post(one, f"{path}/qualification", {"suite": suite}, path)
                for one, suite in zip(browsers, choices, strict=True)
            )
        )
        assert len(await told(console, "incident qualified")) == 1

    run(walk())


def test_nobody_qualifies_or_lifts_what_he_sent_himself_save_in_a_practice_of_one(on_sqlite, run):
    async def walk():
        path = await said(on_sqlite)
        browser = await on_sqlite.signed_in("anne", "officer", address=ANNE)
        page = breakable((await browser.get(path)).text)
        assert "quelqu&#39;un d&#39;autre le qualifie" in page
        assert "<form class" not in page
        for what, data in (("qualification", {"suite": "mistake"}), ("blocage", {"quoi": "lever"})):
            assert (await post(browser, f"{path}/{what}", data)).status_code == 403
        assert await stopped(on_sqlite) == {PATIENT}
        on_sqlite.app = app.build(replace(on_sqlite.desk, practice=True))
        alone = await on_sqlite.signed_in("anne", "officer")
        await post(alone, f"{path}/qualification", {"suite": "mistake"}, path)
        assert await stopped(on_sqlite) == frozenset()

    run(walk())


def test_a_reviewer_looks_and_changes_nothing(on_sqlite, run):
    async def walk():
        path = await said(on_sqlite)
        browser = await on_sqlite.signed_in("rene", "reviewer")
        page = await browser.get(path)
        assert page.status_code == 200
        assert "<form class" not in page.text
        assert (await post(browser, f"{path}/blocage", {"quoi": "lever"})).status_code == 403

    run(walk())


def test_another_compartment_s_incident_is_not_there(on_sqlite, run):
    async def walk():
        path = await said(on_sqlite, compartment="medical")
        other = await on_sqlite.signed_in("paul", "officer", compartments=("rh",))
        assert "j.durand" not in (await other.get("/incidents")).text
        assert (await other.get(path)).status_code == 404
        assert (await post(other, f"{path}/blocage", {"quoi": "lever"})).status_code == 404
        for wrong in ("/incidents/99", "/incidents/x", "/incidents/-1"):
            assert (await other.get(wrong)).status_code == 404

    run(walk())


def test_where_nobody_was_sure_an_officer_begins_the_block(on_sqlite, run):
    async def walk():
        path = await said(on_sqlite, sure=False, kind=Kind.MAIL, about="")
        browser = await on_sqlite.signed_in("claire", "officer")
        assert "rien ne prouve" in (await browser.get(path)).text
        await post(browser, f"{path}/blocage", {"quoi": "bloquer"}, path)
        assert await stopped(on_sqlite) == {PATIENT}

    run(walk())


def test_what_an_officer_is_told_on_the_telephone_he_opens_himself(on_sqlite, run):
    async def walk():
        browser = await on_sqlite.signed_in("claire", "officer")
        data = {"expediteur": ANNE, "adresse": PATIENT, "code": "7K2F-9QXD"}
        several = {"adresse": f"{PATIENT}, x@y.example"}
        named = {"adresse": f"Jeanne Durand <{PATIENT}>"}  # would block a pair that nobody is
        for wrong in ({"expediteur": ""}, {"adresse": "durand"}, named, several):
            await post(browser, "/incidents", data | wrong, "/incidents")
        assert await on_sqlite.desk.incidents.page() == ()
        await post(browser, "/incidents", data, "/incidents")
        [one] = await on_sqlite.desk.incidents.page()
        assert (one.kind, one.about, one.stops) == ("officer", "", True)
        assert "7K2F-9QXD" in (await browser.get(f"/incidents/{one.id}")).text, "no such mail here"
        await on_sqlite.hold("7K2F-9QXD")
        await post(browser, "/incidents", data | {"adresse": "x@y.example"}, "/incidents")
        newest, _ = await on_sqlite.desk.incidents.page()
        assert newest.about == "7K2F-9QXD"

    run(walk())


def test_of_another_compartment_s_sender_nobody_opens_one(on_sqlite, run):
    async def walk():
        browser = await on_sqlite.signed_in("paul", "officer", compartments=("rh",))
        data = {"expediteur": ANNE, "adresse": PATIENT}
        assert (await post(browser, "/incidents", data)).status_code == 403

    run(walk())


def test_without_a_choice_nothing_is_qualified(on_sqlite, run):
    async def walk():
        path = await said(on_sqlite)
        browser = await on_sqlite.signed_in("claire", "officer")
        for suite in ("", "?", "DISCLOSURE"):
            await post(browser, f"{path}/qualification", {"suite": suite}, path)
        assert (await on_sqlite.desk.incidents.get(1)).qualified is None

    run(walk())


def test_pages_follow_each_other(on_sqlite, run):
    async def walk():
        for number in range(51):
            await said(on_sqlite, recipient=f"p{number}@domicile.example")
        browser = await on_sqlite.signed_in("claire", "auditor")
        first = (await browser.get("/incidents")).text
        following = first.split('<a class="button" href="')[1].split('"')[0]
        assert "p0@domicile" not in first
        assert "p0@domicile" in (await browser.get(following)).text

    run(walk())


def test_what_no_column_keeps_is_left_out_of_fields_and_names_nothing_in_addresses(console, run):
    """A NUL, or half of a surrogate pair: PostgreSQL refuses both, SQLite neither."""

    async def walk():
        browser = await console.signed_in("claire", "officer")
        data = {"expediteur": f"{ANNE}\0", "adresse": PATIENT, "code": "7K2F\0-9QXD"}
        answer = await post(browser, "/incidents", data, "/incidents")
        assert answer.status_code == 303
        [one] = await console.desk.incidents.page()
        assert one.parties(console.desk.keys).sender == ANNE
        for path in ("/dossiers/%00", "/dossiers/7K2F%00", "/incidents/%001", "/regles/%00"):
            assert (await browser.get(path)).status_code == 404
        for query in ("/?q=%00", "/?q=a%00b", "/?regle=%00&avant=%00", "/incidents?avant=%00"):
            assert (await browser.get(query)).status_code == 200

    run(walk())
