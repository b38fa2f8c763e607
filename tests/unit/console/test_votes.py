"""Second readers on the console: what they see, what they say, when they are away."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from gateway.model import Disposition
from gateway.ports import Wait
from gateway.reviewers import Group
from gateway.store.schema import State
from tests.makers.held import NOW, content
from tests.stores import ANY, KINDS, Store, fresh
from tests.unit.console.api.conftest import program
from tests.unit.console.conftest import Console, post, told

MEMBERS = ("ana", "bo", "cy")
GROUPS = {
    "direction": Group(frozenset(f"{one}@chu.example" for one in MEMBERS)),
    "pharmacie": Group(frozenset({"dee@chu.example", "eve@chu.example"})),
}
FINE = {"avis": "accord", "mots": "bonne personne"}


def a_wait(group="direction", quorum=1):
    after = (Disposition.PASS, Disposition.PASS)
    due = NOW + 3 * 3600
    return Wait(Disposition.REVIEW, due, "quarantine", after, (), group, quorum)


@pytest.fixture(params=KINDS)
def house(request, tmp_path):
    store = Store(fresh(request.param, tmp_path), tmp_path)
    yield Console(store, groups=GROUPS)
    store.database.close()


@pytest.fixture
def one_house(tmp_path):
    store = Store(fresh(ANY, tmp_path), tmp_path)
    yield Console(store, groups=GROUPS)
    store.database.close()


async def reader(console, name, *roles):
    return await console.signed_in(name, *(roles or ("reviewer",)), address=f"{name}@chu.example")


async def state(console, hold):
    held = await console.store.holds.get(hold)
    return held.state, held.awaits


def test_a_reader_finds_what_waits_for_his_group_and_says_that_it_may_leave(house, run):
    async def walk():
        hold = await house.hold(wait=a_wait())
        ana = await reader(house, "ana")
        assert hold in (await ana.get("/")).text
        page = (await ana.get(f"/dossiers/{hold}")).text
        assert "Donner mon avis" in page
        assert "checked" not in page.split("Donner mon avis")[0].rpartition("<form")[2]
        answer = await post(ana, f"/dossiers/{hold}/avis", FINE)
        assert answer.status_code == 303
        assert await state(house, hold) == (State.RELEASING, "")
        assert await told(house, "reader agrees") == [("ana", "")]
        assert (await post(ana, f"/dossiers/{hold}/avis", FINE)).status_code == 404
        assert len(await told(house, "approved")) == 1

    run(walk())


def test_he_sees_no_other_mail_nor_anything_that_tells_of_it(house, run):
    async def walk():
        waiting = await house.hold(wait=a_wait())
        others = [
            await house.hold("7K2F-9QX1"),
            await house.hold("7K2F-9QX2", wait=a_wait("pharmacie")),
            await house.hold("7K2F-9QX3", wait=a_wait(), sender="ana@chu.example"),
            await house.hold("7K2F-9QX4", wait=a_wait(), hidden="personal"),
        ]
        ana = await reader(house, "ana")
        listed = (await ana.get("/")).text
        assert waiting in listed
        for hold in others:
            assert hold not in listed
            assert (await ana.get(f"/dossiers/{hold}")).status_code == 404
            assert (await ana.get(f"/dossiers/{hold}/lecture")).status_code == 404
            assert hold not in (await ana.get("/?faits=1")).text
        assert "7K2F-9QX" not in (await ana.get(f"/dossiers/{waiting}")).text.replace(waiting, "")
        for page in ("/apercu", "/etat", "/regles/a-qualifier"):
            assert (await ana.get(page)).status_code == 403, page
        assert (await ana.get("/regles")).status_code == 200

    run(walk())


def test_what_officers_hand_to_a_second_reader_he_sees_and_reads_as_they_do(one_house, run):
    async def walk():
        hold = await one_house.hold()
        claire = await one_house.signed_in("claire", "officer")
        ana = await reader(one_house, "ana")
        assert (await ana.get(f"/dossiers/{hold}")).status_code == 404
        await post(claire, f"/dossiers/{hold}/second", {"mots": "un doute"})
        assert hold in (await ana.get("/")).text
        assert (await ana.get(f"/dossiers/{hold}")).status_code == 200
        assert (await post(ana, f"/dossiers/{hold}/avis", FINE)).status_code == 303
        assert await state(one_house, hold) == (State.HELD, ""), "nobody asked for his word"

    run(walk())


def test_programs_read_nothing_in_his_place(one_house, run):
    async def walk():
        await one_house.hold(wait=a_wait())
        one = await program(
            one_house, "ana", "reviewer", acts=("see", "read", "advise"), address="ana@chu.example"
        )
        for method, path in (("GET", "/holds"), ("POST", "/search"), ("GET", "/figures")):
            body = {"address": "a@chu.example"} if method == "POST" else None
            assert (await one(method, path, body)).status_code == 403, path

    run(walk())


def test_without_groups_reviewers_advise_on_what_they_did(console, run):
    async def walk():
        hold = await console.hold()
        ana = await reader(console, "ana")
        assert hold in (await ana.get("/")).text
        assert (await ana.get(f"/dossiers/{hold}")).status_code == 200
        assert (await ana.get("/apercu")).status_code == 200

    run(walk())


@pytest.mark.parametrize(
    ("form", "complaint"),
    [
        ({"mots": "bien"}, "Choisissez"),
        ({"avis": "oui", "mots": "bien"}, "Choisissez"),
        ({"avis": "accord"}, "Dites pourquoi"),
        ({"avis": "desaccord", "mots": " "}, "Dites pourquoi"),
    ],
)
def test_a_word_has_a_reason(one_house, run, form, complaint):
    async def walk():
        hold = await one_house.hold(wait=a_wait())
        ana = await reader(one_house, "ana")
        answer = await post(ana, f"/dossiers/{hold}/avis", form)
        assert (answer.status_code, complaint in answer.text) == (422, True)
        assert await state(one_house, hold) == (State.HELD, "review")

    run(walk())


def test_to_look_says_nothing(one_house, run):
    """A scanner that follows the link of a letter, or a preview, changes nothing."""

    async def walk():
        hold = await one_house.hold(wait=a_wait())
        ana = await reader(one_house, "ana")
        for path in (f"/dossiers/{hold}", f"/dossiers/{hold}/avis", f"/dossiers/{hold}/lecture"):
            await ana.get(path)
            await ana.head(path)
            await one_house.browser().get(path)
        assert await state(one_house, hold) == (State.HELD, "review")
        assert await told(one_house, "reader agrees") == []

    run(walk())


@pytest.mark.parametrize(
    "field",
    [
        b"From: Ana <ana@chu.example>",
        b"Sender: ANA@chu.example",
        b'From: "Ana <ana@chu.example>',
        b"From: Ana (dir, x <ana@chu.example>",
        b'From: "ana" @ chu.example',
        b"Sender: " + b"(" * 1_500 + b"ana@chu.example",
    ],
)
def test_whoever_the_mail_names_as_its_author_does_not_let_it_go(one_house, run, field):
    async def walk():
        mail = content().replace(b"From: a@chu.example", b"From: a@chu.example\r\n" + field)
        hold = await one_house.hold(wait=a_wait(), content=mail)
        ana, bo = await reader(one_house, "ana"), await reader(one_house, "bo")
        await post(ana, f"/dossiers/{hold}/avis", FINE)
        assert await state(one_house, hold) == (State.HELD, "review")
        await post(bo, f"/dossiers/{hold}/avis", FINE)
        assert await state(one_house, hold) == (State.RELEASING, "")

    run(walk())


def test_the_officer_sees_who_is_asked_and_has_it_once_one_refuses(one_house, run):
    async def walk():
        hold = await one_house.hold(wait=a_wait(quorum=2))
        claire = await one_house.signed_in("claire", "officer")
        ana, bo = await reader(one_house, "ana"), await reader(one_house, "bo")
        await post(ana, f"/dossiers/{hold}/avis", FINE)
        page = (await claire.get(f"/dossiers/{hold}")).text
        panel = page.split("Seconde lecture")[1].split("</section>")[0]
        assert "direction" in panel
        assert '<span>ana</span> <span class="note">d&#39;accord' in panel
        assert '<span>bo</span> <span class="note">avis attendu' in panel
        assert "Donner mon avis" not in panel, "no reader, no word"
        assert (await post(claire, f"/dossiers/{hold}/avis", FINE)).status_code == 403
        await post(bo, f"/dossiers/{hold}/avis", {"avis": "desaccord", "mots": "mauvaise adresse"})
        assert await state(one_house, hold) == (State.HELD, "")
        assert "mauvaise adresse" in (await claire.get(f"/dossiers/{hold}")).text
        assert (await bo.get(f"/dossiers/{hold}")).status_code == 404, "it is the officers' now"

    run(walk())


def test_an_officer_who_reads_too_does_not_let_his_own_go_by_either_way(one_house, run):
    async def walk():
        hold = await one_house.hold(wait=a_wait(), sender="ana@chu.example")
        ana = await reader(one_house, "ana", "reviewer", "officer")
        bo = await reader(one_house, "bo", "reviewer", "officer")
        await post(ana, f"/dossiers/{hold}/avis", FINE)
        ruling = {"quoi": "release", "motif_release": "legitimate"}
        assert (await post(ana, f"/dossiers/{hold}/decision", ruling)).status_code == 403
        assert await state(one_house, hold) == (State.HELD, "review")
        listed = f'href="/dossiers/{hold}"'
        assert listed in (await bo.get("/?a=relire")).text
        assert listed not in (await ana.get("/?a=relire")).text

    run(walk())


def day(after=0):
    return f"{datetime.fromtimestamp(NOW + after * 86400, UTC):%Y-%m-%d}"


def test_who_is_away_is_not_waited_for_and_another_reads_in_his_place(one_house, run):
    async def walk():
        for name in MEMBERS:
            await one_house.account(name, "reviewer", address=f"{name}@chu.example")
        ana = await reader(one_house, "ana")
        page = (await ana.get("/compte")).text
        offered = page.split('id="suppleant"')[1].split("</select>")[0]
        assert [name for name in (*MEMBERS, "dee") if f">{name}<" in offered] == ["bo", "cy"]
        hold = await one_house.hold(wait=a_wait())
        gone = {"jusqu": day(2), "suppleant": "bo"}
        assert (await post(ana, "/compte/absence", gone)).status_code == 303
        assert (await ana.get(f"/dossiers/{hold}")).status_code == 404
        bo = await reader(one_house, "bo")
        assert "remplacé par bo" in (await bo.get(f"/dossiers/{hold}")).text
        one_house.store.now += 3 * 86400
        assert await one_house.desk.reviewing.votes.absence("ana") is None, "he is back by himself"

    run(walk())


@pytest.mark.parametrize(
    "given",
    [
        {"jusqu": day(-1)},
        {"jusqu": day(400)},
        {"jusqu": "demain"},
        {"jusqu": ""},
        {"jusqu": day(2), "suppleant": "ana"},
        {"jusqu": day(2), "suppleant": "dee"},
        {"jusqu": day(2), "suppleant": "nobody"},
    ],
    ids=str,
)
def test_an_absence_without_an_end_or_with_a_stranger_in_his_place_is_none(one_house, run, given):
    async def walk():
        await one_house.account("dee", "reviewer", address="dee@chu.example")
        ana = await reader(one_house, "ana")
        assert (await post(ana, "/compte/absence", given)).status_code == 422
        assert await one_house.desk.reviewing.votes.absence("ana") is None

    run(walk())


def test_he_comes_back_by_a_click(one_house, run):
    async def walk():
        ana = await reader(one_house, "ana")
        await post(ana, "/compte/absence", {"jusqu": day(2)})
        assert "Je suis de retour" in (await ana.get("/compte")).text
        await post(ana, "/compte/absence/retour")
        assert await one_house.desk.reviewing.votes.absence("ana") is None
        claire = await one_house.signed_in("claire", "officer")
        assert "Absence" not in (await claire.get("/compte")).text
        assert (await post(claire, "/compte/absence", {"jusqu": day(2)})).status_code == 403

    run(walk())
