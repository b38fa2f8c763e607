"""Passkeys with an authenticator in software: added, used, copied, stolen, removed. A real browser
does it in tests/browser."""

from __future__ import annotations

import json
import re
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import passkey
from gateway.passkey import Refused, Site
from gateway.store.attempts import ATTEMPT_SECONDS
from gateway.store.passkeys import MOST
from tests.makers.authenticator import Authenticator, decoded, encoded
from tests.unit.console.conftest import PASSWORD, post, told


async def options_to_add(browser, password=PASSWORD):
    return await post(browser, "/compte/cle/demande", {"password": password})


async def added(browser, authenticator, label="Mon téléphone"):
    options = (await options_to_add(browser)).json()
    answer = authenticator.register(options)
    return await post(browser, "/compte/cle", {"answer": answer, "nom": label})


async def options_to_enter(browser):
    answer = await browser.post("/entree/cle/demande")
    assert answer.status_code == 200
    return answer.json()


async def entered(browser, authenticator, options=None):
    answer = authenticator.enter(options or await options_to_enter(browser))
    return await browser.post("/entree/cle", data={"answer": answer})


async def owner(console, authenticator, name="claire"):
    browser = await console.signed_in(name, "officer")
    assert (await added(browser, authenticator)).status_code == 303
    return browser


def test_a_passkey_is_added_listed_used_and_removed(console, run):
    async def walk():
        phone = Authenticator()
        browser = await owner(console, phone)
        page = (await browser.get("/compte")).text
        assert "<strong>Mon téléphone</strong>" in page
        await console.desk.accounts.set_totp("claire", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        other = console.browser()
        answer = await entered(other, phone)
        assert (answer.status_code, answer.headers["location"]) == (303, "/"), "two factors in one"
        assert (await other.get("/compte")).status_code == 200
        assert "a servi le" in (await other.get("/compte")).text
        key = re.search(r'name="cle" value="(\w+)"', page).group(1)
        await post(browser, "/compte/cle/retirer", {"cle": key})
        assert (await entered(console.browser(), phone)).status_code == 401
        assert await told(console, "passkey added") == [("claire", "")]
        assert await told(console, "passkey removed") == [("claire", "")]
        assert ("claire", "way=passkey") in await told(console, "signed in")

    run(walk())


def test_what_the_browser_is_asked_for_wants_a_key_of_its_own_and_a_person_recognised(console, run):
    async def walk():
        phone = Authenticator()
        browser = await owner(console, phone)
        options = (await options_to_add(browser)).json()
        assert options["rp"] == {"name": "Vaguemestre", "id": "localhost"}
        chosen = options["authenticatorSelection"]
        assert (chosen["residentKey"], chosen["userVerification"]) == ("required", "required")
        assert len(options["excludeCredentials"]) == 1
        assert "claire" not in str(options["user"]["id"])
        asked = await options_to_enter(console.browser())
        assert asked["userVerification"] == "required"
        assert asked["allowCredentials"] == [], "nobody learns whose keys there are"

    run(walk())


BENT = {
    "another site's page": {"origin": "https://evil.example"},
    "another site's key": {"site": "evil.example"},
    "nobody recognised": {"verified": False},
}


def test_an_answer_that_is_not_right_in_all_adds_nothing_and_signs_nobody_in(console, run):
    async def walk():
        phone = Authenticator()
        browser = await owner(console, phone)
        for why, how in BENT.items():
            bent = Authenticator(**how)
            assert (await added(browser, bent)).status_code == 422, why
            right = {name: getattr(phone, name) for name in how}
            for name, value in how.items():
                setattr(phone, name, value)
            assert (await entered(console.browser(), phone)).status_code == 401, why
            for name, value in right.items():
                setattr(phone, name, value)
        assert (await entered(console.browser(), phone)).status_code == 303, "or nothing was shown"
        refused = await told(console, "sign-in failed")
        assert refused == [("claire", "way=passkey why=answer")] * len(BENT)

    run(walk())


def test_a_challenge_serves_once_in_the_browser_that_asked_for_it_and_for_its_purpose(console, run):
    async def walk():
        phone = Authenticator(step=0)  # or its counter alone would tell
        signed_in = await owner(console, phone)
        first, other = console.browser(), console.browser()
        options = await options_to_enter(first)
        kept = first.cookies["attempt-passkey"]
        replayed = phone.enter(options)
        assert (await first.post("/entree/cle", data={"answer": replayed})).status_code == 303
        first.cookies.set("attempt-passkey", kept, domain="console.test")
        again = await first.post("/entree/cle", data={"answer": replayed})
        assert again.status_code == 401, "replayed"
        foreign = await options_to_enter(console.browser())
        await options_to_enter(other)
        assert (await entered(other, phone, foreign)).status_code == 401, "another's challenge"
        adding = (await options_to_add(signed_in)).json()
        await options_to_enter(signed_in)
        assert (await entered(signed_in, phone, adding)).status_code == 401, "one for adding"
        late = await options_to_enter(other)
        console.store.now += ATTEMPT_SECONDS + 1
        assert (await entered(other, phone, late)).status_code == 401, "too old"

    run(walk())


def test_a_challenge_for_adding_belongs_to_the_session_that_asked(console, run):
    async def walk():
        victim, thief = [await console.signed_in(name, "officer") for name in ("claire", "paul")]
        options = (await options_to_add(thief)).json()
        answer = Authenticator().register(options)
        stolen = thief.cookies["attempt-adding"]
        victim.cookies.set("attempt-adding", stolen, domain="console.test")
        put = await post(victim, "/compte/cle", {"answer": answer, "nom": "x"})
        assert put.status_code == 422
        assert await console.desk.entrance.passkeys.of("claire") == ()

    run(walk())


def test_a_copy_of_an_authenticator_is_found_out(console, run):
    async def walk():
        phone = Authenticator()
        await owner(console, phone)
        copy = Authenticator(credential=phone.credential, key=phone.key, handle=phone.handle)
        assert (await entered(console.browser(), phone)).status_code == 303
        assert (await entered(console.browser(), copy)).status_code == 401
        assert ("claire", "way=passkey why=counter") in await told(console, "sign-in failed")
        silent = Authenticator(step=0)
        await owner(console, silent, "paul")
        for _ in range(2):
            assert (await entered(console.browser(), silent)).status_code == 303, "counts nothing"

    run(walk())


def test_a_key_that_is_nobody_s_or_another_account_s_opens_nothing(console, run):
    async def walk():
        phone, other = Authenticator(), Authenticator()
        await owner(console, phone)
        assert (await entered(console.browser(), other)).status_code == 401
        phone.handle = console.desk.entrance.passkeys.handle("paul")
        assert (await entered(console.browser(), phone)).status_code == 401
        stolen = Authenticator(credential=phone.credential)
        stolen.handle = console.desk.entrance.passkeys.handle("claire")
        assert (await entered(console.browser(), stolen)).status_code == 401, "another key"
        paul = await console.signed_in("paul", "officer")
        same = Authenticator(credential=phone.credential)
        assert (await added(paul, same)).status_code == 422, "somebody has it already"

    run(walk())


def test_a_closed_account_is_closed_to_its_passkeys_a_locked_one_is_not(console, run):
    """A lock is against guessing; there is nothing to guess here, and nobody is locked out by
    others who guess."""

    async def walk():
        phone = Authenticator()
        await owner(console, phone)
        for _ in range(6):
            await console.desk.accounts.failed("claire")
        assert (await entered(console.browser(), phone)).status_code == 303
        await console.desk.accounts.disable("claire", True, "root")
        assert (await entered(console.browser(), phone)).status_code == 401

    run(walk())


def test_the_password_is_asked_for_before_a_key_that_would_outlast_the_session(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        answer = await options_to_add(browser, "faux")
        assert answer.status_code == 422
        assert "mot de passe" in answer.json()["complaint"]
        assert (await console.desk.accounts.get("claire")).failures == 1

    run(walk())


def test_an_account_has_ten_keys_at_most(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        passkeys = console.desk.entrance.passkeys
        for number in range(MOST):
            assert await passkeys.add("claire", bytes([number]), b"k", 0, "x")
        assert (await added(browser, Authenticator())).status_code == 422

    run(walk())


def test_another_s_key_is_not_removed(console, run):
    async def walk():
        phone = Authenticator()
        await owner(console, phone)
        (key,) = await console.desk.entrance.passkeys.of("claire")
        paul = await console.signed_in("paul", "officer")
        await post(paul, "/compte/cle/retirer", {"cle": key.id})
        assert (await entered(console.browser(), phone)).status_code == 303

    run(walk())


def test_the_name_of_a_key_is_sealed_in_the_store(console, run):
    async def walk():
        await owner(console, Authenticator())
        assert "téléphone" not in repr(await console.store.rows("passkeys"))

    run(walk())


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("https://quarantaine.chu.example", "quarantaine.chu.example"),
        ("https://quarantaine.chu.example:8443", "quarantaine.chu.example"),
        ("http://localhost:8025", "localhost"),
        ("http://quarantaine.chu.example", ""),
        ("http://127.0.0.1:8025", ""),
        ("https://[::1]:8025", ""),
        ("https://192.0.2.7", ""),
        ("", ""),
    ],
)
def test_keys_are_bound_to_a_name_that_browsers_take(url, name):
    site = Site.of(url)
    assert site.name == name
    assert site.origin == url or not name


NAMES = "id rawId type response clientDataJSON attestationObject authenticatorData signature"
ANSWERS = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=6),
    max_leaves=12,
)


@given(ANSWERS | st.text(max_size=20))
def test_any_answer_is_refused_in_words(answer):
    text = answer if isinstance(answer, str) else json.dumps(answer)
    site = Site.of("http://localhost")
    for judge in (lambda: passkey.credential_of(text), lambda: site.registered(text, "AAAA")):
        with suppress(Refused):
            judge()


PHONE = Authenticator()
MADE = json.loads(PHONE.register({"challenge": "AAAA", "user": {"id": "AAAA"}}))
FIELDS = sorted(MADE["response"])


@given(st.sampled_from(FIELDS), st.integers(0, 400), st.binary(max_size=4), st.integers(0, 4))
def test_any_attestation_is_taken_or_refused_in_words(name, at, put, gone):
    """A right answer with bytes changed, left out or added, whatever libraries make of it."""
    was = decoded(MADE["response"][name])
    at %= len(was)
    answer = MADE | {
        "response": MADE["response"] | {name: encoded(was[:at] + put + was[at + gone :])}
    }
    with suppress(Refused):
        Site.of("http://localhost").registered(json.dumps(answer), "AAAA")
