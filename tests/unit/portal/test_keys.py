"""Passkeys in place of codes, with an authenticator in software; a browser does it in
tests/browser."""

from __future__ import annotations

import base64
import json
from dataclasses import replace

import pytest

from gateway.guard import Guard
from gateway.parcel import new_code
from gateway.portal import app
from gateway.store.boxes import id_of
from gateway.store.parcels import MOST_WRONG
from gateway.store.portal_keys import ANSWER_SECONDS, MOST, MOST_ASKED
from tests.makers.authenticator import Authenticator
from tests.unit.portal.conftest import LETTER, PATIENT
from tests.unit.portal.test_reading import subject

_TOLD = base64.urlsafe_b64encode(rb'{"challenge": "\ud800"}').decode().rstrip("=")
HALF = json.dumps({"response": {"clientDataJSON": _TOLD}})  # of a pair of surrogates
SITE = {"origin": "https://portail.example", "site": "portail.example"}


def authenticator(**about):
    return Authenticator(**(SITE | about))


def add(browser, page, phone, options=None):
    options = options or browser.act(page, "cles/demande").json()
    return browser.act(page, "cles", {"answer": phone.register(options)})


def owner(portal, phone, to=PATIENT):
    """A browser in a session, after its passkey was registered; the page of the message."""
    [parcel] = portal.keep(LETTER, to)
    browser = portal.browser()
    page = browser.enter(parcel)
    assert "Vos clés" in add(browser, page, phone).text
    return browser, page


def enter(portal, parcel, phone, options=None, browser=None):
    browser = browser or portal.browser()
    options = options or browser.post(f"/l/{parcel.link}/cle/demande").json()
    return browser.post(f"/l/{parcel.link}/cle", {"answer": phone.enter(options)})


def test_a_passkey_opens_later_links_in_place_of_the_code(portal):
    phone = authenticator()
    owner(portal, phone)
    portal.told()
    [later] = portal.keep()
    assert "Lire avec ma clé" in portal.browser().get(f"/l/{later.link}").text
    assert "voici vos résultats." in enter(portal, later, phone).text
    [letter] = portal.told()
    assert subject(letter).startswith("Votre message a été lu")


def test_who_has_none_is_asked_for_the_code_and_sees_nothing_of_keys(quick):
    owner(quick, authenticator())
    [other] = quick.keep(LETTER, "autre@domicile.example")
    assert "ma clé" not in quick.browser().get(f"/l/{other.link}").text


@pytest.mark.parametrize(
    "how", ["another person's key", "nobody recognised", "another site", "an unknown key"]
)
def test_what_is_not_his_key_opens_nothing_and_all_are_answered_alike(quick, how):
    phone = authenticator()
    owner(quick, phone)
    if how == "another person's key":
        phone = authenticator()
        owner(quick, phone, "autre@domicile.example")
    elif how == "nobody recognised":
        phone.verified = False
    elif how == "another site":
        phone.origin = "https://evil.example"
    else:
        phone = authenticator()
    [parcel] = quick.keep()
    answer = enter(quick, parcel, phone)
    assert answer.status_code == 403
    assert "ouvre pas ce message" in answer.text
    assert "voici vos résultats." not in answer.text


def test_a_copy_of_an_authenticator_is_refused_by_its_counter(quick):
    phone = authenticator()
    owner(quick, phone)
    copy = replace(phone)
    first, second = quick.keep()[0], quick.keep()[0]
    assert enter(quick, first, phone).status_code == 200
    assert enter(quick, second, copy).status_code == 403


def test_a_challenge_serves_once_lately_and_for_the_link_it_was_asked_at(quick):
    phone = authenticator(step=0)
    owner(quick, phone)
    [parcel], [other] = quick.keep(), quick.keep()
    browser = quick.browser()
    options = browser.post(f"/l/{parcel.link}/cle/demande").json()
    assert enter(quick, other, phone, options).status_code == 403
    assert enter(quick, parcel, phone, options).status_code == 200
    assert enter(quick, parcel, phone, options).status_code == 403
    options = browser.post(f"/l/{parcel.link}/cle/demande").json()
    quick.later(ANSWER_SECONDS + 1)
    assert enter(quick, parcel, phone, options).status_code == 403


def test_a_challenge_for_adding_is_its_sessions_and_opens_no_link(quick):
    phone, second = authenticator(step=0), authenticator()
    browser, page = owner(quick, phone)
    [parcel] = quick.keep()
    stranger = quick.browser()
    there = stranger.enter(parcel)
    options = browser.act(page, "cles/demande").json()
    assert add(stranger, there, second, options).status_code == 422
    assert enter(quick, parcel, phone, options).status_code == 403


@pytest.mark.parametrize(
    "answer",
    ["", "x", "[]", "{}", '{"response": 1}', '{"response": {"clientDataJSON": "e30"}}', HALF],
)
def test_what_is_no_answer_is_refused(quick, answer):
    browser, page = owner(quick, authenticator())
    [parcel] = quick.keep()
    assert browser.act(page, "cles", {"answer": answer}).status_code == 422
    said = quick.browser().post(f"/l/{parcel.link}/cle", {"answer": answer})
    assert said.status_code == 403


def test_wrong_codes_keep_passkeys_out_too(quick):
    phone = authenticator()
    owner(quick, phone)
    [parcel] = quick.keep()
    for _ in range(MOST_WRONG):
        quick.browser().post(f"/l/{parcel.link}", {"code": new_code()})
        quick.later(1000.0)
    assert enter(quick, parcel, phone).status_code == 403


def test_whoever_tries_many_keys_is_answered_nothing_for_a_while(quick):
    owner(quick, authenticator())
    [parcel] = quick.keep()
    guesser = authenticator()
    quick.desk = replace(quick.desk, guard=Guard(most=3))
    quick.app = app.build(quick.desk)
    assert [enter(quick, parcel, guesser).status_code for _ in range(3)] == [403, 403, 429]
    assert quick.browser().get(f"/l/{parcel.link}").status_code == 429


def test_challenges_that_nobody_answers_do_not_pile_up(quick):
    owner(quick, authenticator())
    [parcel] = quick.keep()
    asked = [quick.browser().post(f"/l/{parcel.link}/cle/demande") for _ in range(MOST_ASKED + 1)]
    assert [one.status_code for one in asked] == [200] * MOST_ASKED + [429]
    assert "complaint" in asked[-1].json()
    quick.later(ANSWER_SECONDS + 1)
    assert quick.browser().post(f"/l/{parcel.link}/cle/demande").status_code == 200


def test_a_key_is_removed_by_its_own_session_alone(portal):
    phone, other = authenticator(), authenticator()
    browser, page = owner(portal, phone)
    stranger, there = owner(portal, other, "autre@domicile.example")
    [key] = portal.run(portal.desk.accounts.keys.of(id_of(portal.office.box(PATIENT).token)))
    stranger.act(there, "cles/retrait", {"cle": key.id})
    [parcel] = portal.keep()
    assert enter(portal, parcel, phone).status_code == 200
    assert "Vos clés" not in browser.act(page, "cles/retrait", {"cle": key.id}).text
    [parcel] = portal.keep()
    assert enter(portal, parcel, phone).status_code == 403


def test_ten_at_most_and_each_once(quick):
    phone = authenticator()
    browser, page = owner(quick, phone)
    assert add(browser, page, phone).status_code == 422
    box, keys = id_of(quick.office.box(PATIENT).token), quick.desk.accounts.keys
    for number in range(MOST - 1):
        assert quick.run(keys.add(box, bytes([number]), b"key", 0))
    assert "Dix clés" in add(browser, page, authenticator()).text


def test_not_for_me_takes_the_keys_along(portal):
    phone = authenticator()
    browser, page = owner(portal, phone)
    browser.act(page, "erreur")
    [parcel] = portal.keep()
    assert enter(portal, parcel, phone).status_code == 403


def test_what_the_browser_is_asked_names_nobody(quick):
    [parcel] = quick.keep()
    browser = quick.browser()
    page = browser.enter(parcel)
    told = browser.act(page, "cles/demande").json()
    assert told["rp"] == {"name": "Le CH d'Exemple", "id": "portail.example"}
    assert told["authenticatorSelection"]["userVerification"] == "required"
    asked = quick.browser().post(f"/l/{parcel.link}/cle/demande").json()
    assert asked["allowCredentials"] == []
    for token in (PATIENT, quick.office.box(PATIENT).token, parcel.link):
        assert token not in json.dumps([told, asked])


def test_the_script_stands_on_pages_that_ask_for_a_key_and_never_beside_a_message(quick):
    browser, page = owner(quick, authenticator())
    [parcel] = quick.keep()
    for path in (f"/l/{parcel.link}", f"{page.url.path}/cles"):
        answer = browser.get(path)
        assert "script-src 'self'" in answer.headers["content-security-policy"]
        assert "/static/passkey.js" in answer.text
    for path in (page.url.path, f"{page.url.path}/message.eml", f"/erreur/{parcel.link}", "/"):
        assert "script-src" not in browser.get(path).headers["content-security-policy"]
    assert browser.get("/static/passkey.js").status_code == 200
    assert browser.get("/static/portal.css").status_code == 200


def test_where_there_are_no_accounts_nobody_finds_a_way_to_them(quick):
    browser, page = owner(quick, authenticator())
    quick.desk = replace(quick.desk, accounts=None)
    quick.app = app.build(quick.desk)
    [parcel] = quick.keep()
    assert "ma clé" not in quick.browser().get(f"/l/{parcel.link}").text
    assert "cles" not in browser.get(page.url.path).text
    assert browser.get(f"{page.url.path}/cles").status_code == 404
    assert quick.browser().post(f"/l/{parcel.link}/cle/demande").status_code == 404
