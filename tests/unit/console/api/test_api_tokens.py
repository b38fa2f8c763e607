"""A token's life: shown once, kept as a hash, narrower than its account, ended in many ways."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import update

from gateway.console.api.door import CONFIRMED_SECONDS
from gateway.guard import MOST_WRONG, Guard
from gateway.store.accounts import Accounts, hash_of
from gateway.store.schema import accounts
from gateway.store.tokens import MOST, Tokens, TooMany
from tests.stores import KINDS, Store, fresh
from tests.unit.console.api.conftest import ask, guard, program
from tests.unit.console.conftest import PASSWORD, post

DAY = 86400


async def works(one):
    return (await one("GET", "/me")).status_code == 200


async def closed(console, one):
    await console.desk.accounts.disable("claire", True, "root")


async def closed_and_opened(console, one):
    await console.desk.accounts.disable("claire", True, "root")
    await console.desk.accounts.disable("claire", False, "root")


async def revoked(console, one):
    await console.desk.tokens.revoke(one.id, "claire")


async def too_late(console, one):
    console.store.now += 30 * DAY


ENDS = [closed, closed_and_opened, revoked, too_late]


@pytest.mark.parametrize("end", ENDS, ids=lambda end: end.__name__)
def test_a_token_works_until(console, run, end):
    async def walk():
        one = await program(console, "claire", "officer")
        assert await works(one)
        await end(console, one)
        assert not await works(one)

    run(walk())


def test_a_role_taken_away_is_taken_from_the_token(console, run):
    async def walk():
        one = await program(console, "claire", "officer", "auditor")
        assert (await one("GET", "/rulings/codes")).status_code == 200
        await console.desk.accounts.set_roles("claire", ("admin",), (), "root")
        assert (await one("GET", "/rulings/codes")).status_code == 403
        assert (await one("GET", "/me")).json()["may"] == ["administer", "study", "operate"]

    run(walk())


def test_a_directory_s_account_must_be_seen_at_its_door_now_and_then(console, run):
    async def walk():
        one = await program(console, "claire", "officer", days=90)
        values = {"origin": "oidc", "entered": console.store.now}
        told = update(accounts).where(accounts.c.name == "claire").values(values)
        await console.store.database.write(lambda c: c.execute(told))
        assert await works(one)
        console.store.now += CONFIRMED_SECONDS + 1
        assert not await works(one)

    run(walk())


def test_the_page_makes_a_token_once_shown_and_the_store_keeps_its_hash(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        form = {"name": "supervision", "acte": ["see", "read"], "fin": "2023-12-01"}
        page = await post(browser, "/compte/jetons", form | {"password": PASSWORD})
        (secret,) = re.findall(r"<code>(vgm_[\w-]+)</code>", page.text)
        answer = await ask(console, "GET", "/me", headers={"authorization": f"Bearer {secret}"})
        assert answer.json()["may"] == ["see", "read"]
        assert answer.json()["token"]["expires"] == "2023-12-01T22:59:59.999999Z"
        again = (await browser.get("/compte/jetons")).text
        assert secret not in again
        assert "supervision" in again
        kept = str(await console.store.rows("tokens"))
        assert hash_of(secret) in kept
        assert secret not in kept
        assert secret not in str(await console.store.rows("events"))

    run(walk())


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"name": "Mon Jeton"}, "Un nom de jeton"),
        ({"acte": []}, "au moins un acte"),
        ({"acte": ["administer"]}, "au moins un acte"),  # no role of hers
        ({"fin": "2023-11-14"}, "date de fin"),
        ({"fin": "2025-11-14"}, "date de fin"),
        ({"fin": "demain"}, "date de fin"),
        ({"password": "faux"}, "mot de passe actuel"),
    ],
)
def test_no_token_is_made_for_a_form_that_is_not_right(quiet, run, changes, said):
    async def walk():
        browser = await quiet.signed_in("claire", "officer")
        form = {"name": "x", "acte": ["see"], "fin": "2023-12-01", "password": PASSWORD} | changes
        page = await post(browser, "/compte/jetons", form)
        assert page.status_code == 422
        assert said in page.text
        assert await quiet.desk.tokens.of("claire") == ()

    run(walk())


def test_a_person_revokes_her_own_tokens_and_no_other_s(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        mine, other = await program(console, "claire"), await program(console, "paul", "officer")
        for one in (mine, other):
            await post(browser, "/compte/jetons/revoquer", {"jeton": one.id})
        assert not await works(mine)
        assert await works(other)
        answer = await other("DELETE", f"/me/tokens/{mine.id}")
        assert answer.status_code == 404
        assert (await other("DELETE", f"/me/tokens/{other.id}")).status_code == 204
        assert not await works(other)

    run(walk())


def test_the_record_tells_which_token_acted(console, run):
    async def walk():
        hold = await console.hold()
        one = await program(console, "claire", "officer")
        await one("POST", f"/holds/{hold}/comments", {"words": "vu"})
        browser = await console.signed_in("claire")
        await post(browser, f"/dossiers/{hold}/note", {"mots": "vu aussi"})
        told = (await one("GET", f"/holds/{hold}/record")).json()["events"]
        by = [(event["who"], event["detail"]) for event in told if event["kind"] == "comment"]
        assert by == [("claire", f"token={one.id}"), ("claire", "")]

    run(walk())


def test_wrong_tokens_are_told_to_wait_and_lock_nobody_out(console, run):
    async def walk():
        guard(console, Guard())
        one = await program(console, "claire", "officer")
        wrong = {"authorization": "Bearer vgm_wrong"}
        answers = [await ask(console, "GET", "/me", headers=wrong) for _ in range(MOST_WRONG + 1)]
        assert [answer.status_code for answer in answers] == [401] * MOST_WRONG + [429]
        assert answers[-1].headers["retry-after"] == "600"
        assert await works(one)

    run(walk())


@pytest.mark.parametrize("kind", KINDS)
def test_the_store_keeps_tokens_on_both_databases(kind, run, tmp_path):
    store = Store(fresh(kind, tmp_path), tmp_path)
    tokens = Tokens(store.database, clock=store.clock)

    async def walk():
        people = Accounts(store.database, store.public, store.hmac, clock=store.clock)
        await people.add("claire", ("officer",))
        secret, made = await tokens.make("claire", "essai", ("see",), store.now + DAY)
        found = await tokens.find(secret)
        assert found is not None
        assert (found.account, found.acts, found.used) == ("claire", ("see",), None)
        assert (await tokens.find(secret)).used == store.now
        for number in range(MOST - 1):
            await tokens.make("claire", f"n{number}", ("see",), store.now + 2 * DAY)
        with pytest.raises(TooMany):
            await tokens.make("claire", "un-de-trop", ("see",), store.now + DAY)
        store.now += DAY
        await tokens.make("claire", "le-premier-est-fini", ("see",), store.now + DAY)
        assert made.id not in {one.id for one in await tokens.of("claire")}

    run(walk())
    store.database.close()
