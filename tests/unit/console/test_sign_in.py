"""Signing in: who may, what it costs to guess, how sessions end."""

import asyncio

import pyotp
import pytest

from gateway.console import credentials
from gateway.store.accounts import FREE_FAILURES, INVITATION_SECONDS
from gateway.store.sessions import IDLE_SECONDS, LONGEST_SECONDS
from tests.unit.console.conftest import PASSWORD, REAL_HASHER, post


async def enter(browser, name, password=PASSWORD, code=""):
    data = {"name": name, "password": password, "code": code}
    return await browser.post("/entree", data=data)


def test_an_invitation_sets_the_password_once_and_looking_at_it_uses_nothing_up(console, run):
    async def walk():
        token = await console.desk.accounts.add("claire", ("officer",))
        browser = console.browser()
        for _ in range(3):  # a mail scanner follows the link
            assert (await browser.get(f"/bienvenue/{token}")).status_code == 200
        chosen = {"password": PASSWORD, "again": PASSWORD}
        assert (await browser.post(f"/bienvenue/{token}", data=chosen)).status_code == 303
        assert (await browser.get("/")).status_code == 200
        assert (
            await browser.post(f"/bienvenue/{token}", data=chosen)
        ).status_code == 403  # no csrf
        assert (await console.browser().post(f"/bienvenue/{token}", data=chosen)).status_code == 410

    run(walk())


def test_an_invitation_dies_of_age(console, run):
    async def walk():
        token = await console.desk.accounts.add("claire", ("officer",))
        console.store.now += INVITATION_SECONDS + 1
        assert (await console.browser().get(f"/bienvenue/{token}")).status_code == 410

    run(walk())


def test_guessing_costs_what_rfc_9106_recommends_at_least():
    cost = REAL_HASHER.time_cost, REAL_HASHER.memory_cost, REAL_HASHER.parallelism
    assert cost >= (3, 64 * 1024, 4)


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("court", "too short"),
        ("claire-claire-claire", "the name is in it"),
        ("aaaaaaaaaaaaaaaa", "few letters"),
        ("x" * 300, "would be hashed for long"),
    ],
)
def test_a_password_that_can_be_guessed_is_refused(password, why):
    assert credentials.complaint(password, "claire"), why


def test_a_wrong_name_password_or_a_locked_account_read_the_same(console, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        answers = [await enter(browser, "claire", "faux"), await enter(browser, "personne", "faux")]
        for _ in range(FREE_FAILURES):
            await enter(browser, "claire", "faux")
        answers.append(await enter(browser, "claire"))
        assert {answer.status_code for answer in answers} == {401}
        assert len({a.text.replace("claire", "").replace("personne", "") for a in answers}) == 1

    run(walk())


def test_failures_lock_an_account_for_longer_and_longer(console, run):
    async def walk():
        await console.account("claire", "officer")
        waits = []
        for _ in range(FREE_FAILURES + 2):
            await console.desk.accounts.failed("claire")
            account = await console.desk.accounts.get("claire")
            waits.append(account.locked_until - console.store.now)
        assert [wait for wait in waits if wait > 0] == [60.0, 120.0, 240.0]
        console.store.now += 241
        assert (await enter(console.browser(), "claire")).status_code == 303
        assert (await console.desk.accounts.get("claire")).failures == 0

    run(walk())


def test_a_form_does_not_choose_how_it_is_decoded(on_sqlite, run):
    """Python's punycode takes minutes for a megabyte, and nobody has signed in yet."""

    async def walk():
        kind = {"content-type": "multipart/form-data; boundary=x; charset=punycode"}
        body = b'--x\r\nContent-Disposition: form-data; name="nom"\r\n\r\na\r\n--x--\r\n'
        answer = await on_sqlite.browser().post("/entree", content=body, headers=kind)
        assert answer.status_code == 400

    run(walk())


def test_many_guesses_at_once_count_one_by_one(console, run):
    async def walk():
        await console.account("claire", "officer")
        guesses = (enter(console.browser(), "claire", f"faux {n}") for n in range(9))
        assert {answer.status_code for answer in await asyncio.gather(*guesses)} == {401}
        assert (await console.desk.accounts.get("claire")).failures == FREE_FAILURES

    run(walk())


def test_the_second_factor_is_asked_for_and_a_code_serves_once(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        shown = await post(browser, "/compte/second-facteur", {"password": PASSWORD})
        secret = shown.text.split('name="secret" value="')[1].split('"')[0]
        now = pyotp.TOTP(secret).at(int(console.store.now))
        wrong = await post(
            browser, "/compte/second-facteur/en-place", {"secret": secret, "code": "1"}
        )
        assert wrong.status_code == 422
        right = {"secret": secret, "code": now}
        assert (await post(browser, "/compte/second-facteur/en-place", right)).status_code == 303
        other = console.browser()
        assert (await enter(other, "claire")).status_code == 401
        assert (await enter(other, "claire", code=now)).status_code == 303
        assert (await enter(console.browser(), "claire", code=now)).status_code == 401, (
            "seen before"
        )
        console.store.now += 60
        later = pyotp.TOTP(secret).at(int(console.store.now))
        assert (await enter(console.browser(), "claire", code=later)).status_code == 303

    run(walk())


def test_a_session_that_nobody_uses_ends(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        console.store.now += IDLE_SECONDS - 1
        assert (await browser.get("/compte")).status_code == 200
        console.store.now += IDLE_SECONDS + 1
        assert (await browser.get("/compte")).status_code == 303

    run(walk())


def test_a_session_ends_within_a_day_however_much_it_is_used(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        end = console.store.now + LONGEST_SECONDS
        while console.store.now < end:
            assert (await browser.get("/compte")).status_code == 200
            console.store.now += IDLE_SECONDS / 2
        console.store.now += 1
        assert (await browser.get("/compte")).status_code == 303

    run(walk())


def test_leaving_ends_the_session_on_the_server(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        stolen = dict(browser.cookies)
        await post(browser, "/sortie")
        thief = console.browser()
        thief.cookies.update(stolen)
        assert (await thief.get("/compte")).status_code == 303

    run(walk())


def test_a_new_password_ends_every_other_session(console, run):
    async def walk():
        first, second = [await console.signed_in("claire", "officer") for _ in range(2)]
        new = {"password": PASSWORD, "new": "quatre mulets gris", "again": "quatre mulets gris"}
        assert (await post(first, "/compte/mot-de-passe", new)).status_code == 303
        assert (await first.get("/compte")).status_code == 200
        assert (await second.get("/compte")).status_code == 303

    run(walk())


def test_a_token_planted_before_the_sign_in_is_not_the_session(console, run):
    async def walk():
        await console.account("claire", "officer")
        browser = console.browser()
        browser.cookies.set("session", "planted", domain="console.test")
        await enter(browser, "claire")
        planted = console.browser()
        planted.cookies.set("session", "planted", domain="console.test")
        assert (await planted.get("/compte")).status_code == 303

    run(walk())


def test_a_closed_account_is_out_at_once(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        await console.desk.accounts.disable("claire", True, "root")
        assert (await browser.get("/compte")).status_code == 303
        assert (await enter(console.browser(), "claire")).status_code == 401

    run(walk())


def test_neither_password_nor_token_nor_secret_stands_in_the_store(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        token = browser.cookies["session"]
        await console.desk.accounts.set_totp("claire", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
        invitation = await console.desk.accounts.add("paul", ("auditor",))
        rows = [
            row
            for table in ("accounts", "sessions", "invitations", "events")
            for row in await console.store.rows(table)
        ]
        for secret in (PASSWORD, token, "JBSWY3DPEHPK3PXP", invitation):
            assert secret not in repr(rows)

    run(walk())
