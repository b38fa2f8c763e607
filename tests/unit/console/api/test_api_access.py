"""Act x role x whose mail, over the API: what a token opens is what its account's pages open, or
less; what is none of its business does not exist."""

from __future__ import annotations

import asyncio

import pytest

from gateway.console.access import ACTS, Act, Role
from gateway.store.accounts import hash_of
from tests.makers import held as made
from tests.unit.console.api.conftest import EVERY_ACT, Open, ask, guard, program
from tests.unit.console.test_access import API

OWN, OTHER, MINE = "7K2F-9QXD", "8K2F-9QXD", "9K2F-9QXD"  # compartment, another, his own mail
SOMEBODY = "Bruno.Fictif@chu.example"
BODIES = {
    "/v1/search": {"address": made.TO[0]},
    "/v1/holds/{id}/reveals": {"what": "whole", "reason": "vérifier"},
    "/v1/holds/{id}/pictures": {"part": 0, "reason": "vérifier"},
    "/v1/holds/{id}/message": {"reason": "vérifier"},
    "/v1/holds/{id}/permits": {"reason": "vérifier"},
    "/v1/holds/{id}/permits/grants": {"account": "paul"},
    "/v1/holds/{id}/comments": {"words": "vu"},
    "/v1/holds/{id}/assignment": {"to": "me"},
    "/v1/holds/{id}/second-reader": {},
    "/v1/holds/{id}/review": {},
    "/v1/holds/{id}/rulings": {"decision": "reject", "code": "insecure"},
    "/v1/rulings": {"decision": "reject", "code": "insecure", "holds": ["0000-0000"]},
    "/v1/holds/{id}/exceptions": {
        "scope": "sender",
        "owner": "DSI",
        "until": "2023-12-01",
        "reason": "convention",
    },
    "/v1/rules/trials": {
        "sender": "a@chu.example",
        "recipients": ["b@x.example"],
        "text": "bonjour",
    },
    "/v1/rules/edits": {"rule": "health/nir-external", "yaml": "id: x"},
    "/v1/monitored/rulings": {"numbers": [1], "right": True},
    "/v1/accounts": {"name": "nouveau", "roles": ["auditor"]},
    "/v1/accounts/{name}": {"state": "closed"},
}
OF_MAILS = [key for key in API if "{id}" in key[1]]
RULING = {key for key in OF_MAILS if API[key] is Act.RULE}


async def three_mails(console):
    """One for each question; the sender of the last is whoever asks."""
    await console.hold(OWN, compartment="medical", sender=SOMEBODY)
    await console.hold(OTHER, compartment="default", sender=SOMEBODY)
    await console.hold(MINE, compartment="medical", sender=made.SENDER)


async def asked(one, key, hold=OWN):
    method, path = key
    named = {"{id}": hold, "{name}": "paul", "{token}": "00000000", "{session}": "0" * 64}
    where = path.removeprefix("/v1")
    for name, value in named.items():
        where = where.replace(name, value)
    return await one(method, where, BODIES.get(path))


def a_program(console, role, **about):
    about = {"compartments": ("medical",), "address": made.SENDER} | about
    return program(console, "claire", role, **about)


@pytest.mark.parametrize("role", Role, ids=str)
def test_a_token_opens_what_its_account_s_roles_open_and_nothing_else(console, run, role):
    async def walk():
        await three_mails(console)
        await console.account("paul", "officer")
        one = await a_program(console, role)
        for key, act in API.items():
            if act in (Act.SIGN_IN,):
                continue
            answer = await asked(one, key)
            refused = answer.status_code == 403 and answer.json()["type"].endswith(":forbidden")
            assert refused == (act not in ACTS[role]), (key, answer.text)
            assert answer.status_code != 401, key

    run(walk())


@pytest.fixture(scope="module")
def house(quiet):
    """With the three mails in it, and an account to ask about."""

    async def prepare():
        guard(quiet, Open())
        await three_mails(quiet)
        await quiet.account("paul", "officer")

    asyncio.run(prepare())
    return quiet


@pytest.mark.parametrize("act", EVERY_ACT, ids=str)
def test_a_token_for_one_act_opens_no_other_whatever_its_account_may(house, run, act):
    async def walk():
        one = await program(house, "agathe", *Role, acts=(act,))
        for key, wanted in API.items():
            if wanted in (Act.SIGN_IN, Act.BE_SIGNED_IN, act):
                continue
            answer = await asked(one, key)
            assert answer.status_code == 403, (key, answer.text)
        assert (await one("GET", "/me")).json()["may"] == [act]

    run(walk())


def test_another_compartment_s_mail_is_told_apart_from_none_by_nothing(console, run):
    async def walk():
        await three_mails(console)
        one = await a_program(console, Role.OFFICER)
        for key in OF_MAILS:
            there, nowhere = await asked(one, key, OTHER), await asked(one, key, "0000-0000")
            assert there.status_code == nowhere.status_code == 404, (key, there.text)
            assert there.content == nowhere.content, key
        for name in ("/holds", "/holds?decided=true", "/holds/series", "/record", "/figures"):
            assert OTHER not in (await one("GET", name)).text, name
        found = await one("POST", "/search", {"address": SOMEBODY})
        assert [hold["id"] for hold in found.json()["holds"]] == [OWN]
        assert (await one("GET", f"/holds?after={OTHER}")).status_code == 404
        ruled = {"decision": "reject", "code": "insecure", "holds": [OTHER, "0000-0000"]}
        told = (await one("POST", "/rulings", ruled)).json()
        assert {refused["reason"] for refused in told["refused"]} == {"not-found"}
        assert (await console.store.holds.get(OTHER)).state.value == "held"

    run(walk())


def test_nobody_rules_on_his_own_mail_by_a_program_either(console, run):
    async def walk():
        await three_mails(console)
        one = await a_program(console, Role.OFFICER)
        for key in RULING:
            answer = await asked(one, key, MINE)
            assert answer.status_code == 403, (key, answer.text)
            assert answer.json()["type"].endswith(":not-yours")
        ruled = {"decision": "release", "code": "legitimate", "holds": [MINE]}
        told = (await one("POST", "/rulings", ruled)).json()
        assert told["refused"] == [{"hold": MINE, "reason": "not-yours"}]
        assert (await one("GET", f"/holds/{MINE}")).json()["decisions"] == []
        assert (await console.store.holds.get(MINE)).state.value == "held"

    run(walk())


@pytest.mark.parametrize("how", ["none", "basic", "wrong", "empty", "not ours", "of a session"])
def test_who_shows_no_token_is_told_nothing(house, run, how):
    async def walk():
        browser = await house.signed_in("zoe", "officer", "admin")
        cookie = browser.cookies["session"]
        headers = {
            "none": {"cookie": f"session={cookie}"},
            "basic": {"authorization": "Basic Y2xhaXJlOng="},
            "wrong": {"authorization": "Bearer vgm_" + "x" * 43},
            "empty": {"authorization": "Bearer "},
            "not ours": {"authorization": "Bearer vgm_é".encode()},
            "of a session": {"authorization": f"Bearer {cookie}"},
        }[how]
        for method, path in API:
            if not path.startswith("/v1"):
                continue
            where = path.replace("{id}", OWN).removeprefix("/v1")
            answer = await ask(house, method, where, headers=headers)
            assert answer.status_code == 401, path
            assert answer.headers["www-authenticate"] == "Bearer"
            assert "set-cookie" not in answer.headers

    run(walk())


def test_a_token_is_no_session(console, run):
    async def walk():
        one = await program(console, "claire", "officer")
        browser = console.browser(authorization=f"Bearer {one.secret}")
        browser.cookies.set("session", one.secret)
        assert (await browser.get("/")).headers["location"] == "/entree"
        assert hash_of(one.secret) not in (await one("GET", "/me/tokens")).text

    run(walk())
