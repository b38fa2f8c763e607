"""Rulings over the API: the pages' own code, once only, whoever asks twice or at the same time."""

from __future__ import annotations

import asyncio
import json

import pytest

from gateway.console.rulings import CODES
from tests.makers import held as made
from tests.stores import KINDS
from tests.unit.console.api.conftest import a_console, program
from tests.unit.console.conftest import breakable, post

HOLD = "7K2F-9QXD"
RELEASE = {"decision": "release", "code": "legitimate"}
REJECT = {"decision": "reject", "code": "insecure"}
KEY = {"Idempotency-Key": "a-key-of-a-program"}


@pytest.fixture(params=KINDS)
def both(request, tmp_path):
    one = a_console(request.param, tmp_path)
    yield one
    one.store.database.close()


@pytest.fixture(scope="module", autouse=True)
def _there(quiet):
    asyncio.run(quiet.hold(HOLD))


async def states(console, hold=HOLD):
    return [copy.state.value for copy in (await console.store.holds.get(hold)).copies]


async def releases(console):
    return [row for row in await console.store.rows("outbox") if "release" in row]


def slug(answer):
    return answer.json()["type"].removeprefix("urn:vaguemestre:problem:")


def test_a_ruling_moves_what_is_held_and_says_so(console, run):
    async def walk():
        await console.hold(HOLD)
        one = await program(console, "claire", "officer")
        words = {"words": "appelé le service"}
        answer = await one("POST", f"/holds/{HOLD}/rulings", RELEASE | words)
        assert answer.status_code == 200
        assert answer.json() == {
            "hold": HOLD,
            "decision": "release",
            "code": "legitimate",
            "recipients": 2,
            "at": "2023-11-14T22:13:20Z",
            "again": False,
        }
        assert await states(console) == ["releasing", "releasing"]
        (event,) = [
            event
            for event in (await one("GET", f"/holds/{HOLD}/record")).json()["events"]
            if event["kind"] == "release"
        ]
        assert event["reason"] == "appelé le service"
        assert event["detail"] == f"recipients=2 code=legitimate token={one.id}"

    run(walk())


def test_a_refusal_for_one_recipient_leaves_the_others_and_tells_the_sender(console, run):
    async def walk():
        await console.hold(HOLD)
        one = await program(console, "claire", "officer")
        answer = await one("POST", f"/holds/{HOLD}/rulings", REJECT | {"recipients": [1]})
        assert answer.json()["recipients"] == 1
        assert await states(console) == ["held", "rejected"]
        letters = (await one("GET", f"/holds/{HOLD}")).json()["letters"]
        assert [letter["kind"] for letter in letters] == ["notice"]

    run(walk())


@pytest.mark.parametrize(
    ("body", "at"),
    [
        (RELEASE | {"code": "insecure"}, "body/code"),  # of the other decision
        (RELEASE | {"code": "urgent"}, "body/code"),  # and no words
        (RELEASE | {"code": "urgent", "words": "  "}, "body/code"),
        (RELEASE | {"recipients": [7]}, "body/recipients"),
        (RELEASE | {"recipients": []}, "body/recipients"),
        (RELEASE | {"recipients": ["0"]}, "body/recipients/0"),
        (RELEASE | {"decision": "burn"}, "body/decision"),
        (RELEASE | {"release": True}, "body/release"),
        ({"decision": "release"}, "body/code"),
    ],
)
def test_a_ruling_that_is_not_whole_moves_nothing_and_says_where(quiet, claire, run, body, at):
    async def walk():
        answer = await claire("POST", f"/holds/{HOLD}/rulings", body)
        assert answer.status_code == 422
        assert answer.json()["errors"][0]["at"] == at
        assert await states(quiet) == ["held", "held"]

    run(walk())


def test_the_second_of_two_officers_is_told_that_it_was_decided(console, run):
    async def walk():
        await console.hold(HOLD)
        one, two = [await program(console, name, "officer") for name in ("claire", "paul")]
        await one("POST", f"/holds/{HOLD}/rulings", REJECT)
        answer = await two("POST", f"/holds/{HOLD}/rulings", RELEASE)
        assert (answer.status_code, slug(answer)) == (409, "already-decided")
        assert await states(console) == ["rejected", "rejected"]
        assert await releases(console) == []

    run(walk())


def test_a_page_and_a_program_decide_by_the_same_code(console, run):
    async def walk():
        await console.hold(HOLD)
        one = await program(console, "claire", "officer")
        browser = await console.signed_in("paul", "officer")
        form = {"quoi": "release", "motif_release": "legitimate"}
        await post(browser, f"/dossiers/{HOLD}/decision", form)
        answer = await one("POST", f"/holds/{HOLD}/rulings", RELEASE)
        assert answer.status_code == 409
        assert len(await releases(console)) == 1

    run(walk())


def test_a_request_made_again_with_its_key_is_told_what_the_first_did(both, run):
    async def walk():
        await both.hold(HOLD)
        one = await program(both, "claire", "officer")
        path = f"/holds/{HOLD}/rulings"
        first = await one("POST", path, RELEASE, headers=KEY)
        both.store.now += 60
        again = await one("POST", path, RELEASE, headers=KEY)
        assert again.json() == first.json() | {"again": True}
        assert len(await releases(both)) == 1
        other = await one("POST", path, REJECT, headers=KEY)
        assert (other.status_code, slug(other)) == (422, "key-reused")
        assert (await one("POST", path, RELEASE)).status_code == 409

    run(walk())


def test_requests_at_the_same_time_with_one_key_deliver_once_and_are_answered_alike(both, run):
    async def walk():
        await both.hold(HOLD)
        one = await program(both, "claire", "officer")
        path = f"/holds/{HOLD}/rulings"
        asked = (one("POST", path, RELEASE, headers=KEY) for _ in range(5))
        answers = await asyncio.gather(*asked)
        assert [answer.status_code for answer in answers] == [200] * 5
        assert sorted(answer.json()["again"] for answer in answers) == [False] + [True] * 4
        assert len(await releases(both)) == 1

    run(walk())


def test_a_key_is_its_account_s_own(console, run):
    async def walk():
        await console.hold(HOLD)
        one, two = [await program(console, name, "officer") for name in ("claire", "paul")]
        await one("POST", f"/holds/{HOLD}/rulings", RELEASE, headers=KEY)
        answer = await two("POST", f"/holds/{HOLD}/rulings", RELEASE, headers=KEY)
        assert answer.status_code == 409  # he did not decide it

    run(walk())


def test_a_key_is_not_kept_in_clear(console, run):
    async def walk():
        await console.hold(HOLD)
        one = await program(console, "claire", "officer")
        await one("POST", f"/holds/{HOLD}/rulings", RELEASE, headers=KEY)
        assert KEY["Idempotency-Key"] not in str(await console.store.rows("events"))

    run(walk())


def test_a_ruling_on_what_changed_meanwhile_does_nothing(console, run):
    async def walk():
        await console.hold(HOLD)
        one = await program(console, "claire", "officer")
        seen = await one("GET", f"/holds/{HOLD}")
        assert seen.headers["etag"] == f'"{seen.json()["version"]}"'
        tagged = {"If-Match": seen.headers["etag"]}
        path = f"/holds/{HOLD}/rulings"
        await one("POST", f"/holds/{HOLD}/comments", {"words": "une note n'y change rien"})
        first = await one("POST", path, REJECT | {"recipients": [0]}, headers=tagged)
        assert first.status_code == 200
        late = await one("POST", path, RELEASE, headers=tagged)
        assert (late.status_code, slug(late)) == (412, "changed")
        assert await states(console) == ["rejected", "held"]

    run(walk())


def test_several_are_ruled_on_at_once_each_on_its_own(console, run):
    async def walk():
        several = ["AAAA-0001", "AAAA-0002", "AAAA-0003"]
        for hold in several:
            await console.hold(hold)
        one = await program(console, "claire", "officer")
        await one("POST", "/holds/AAAA-0002/rulings", REJECT)
        body = RELEASE | {"holds": [*several, "0000-0000", several[0]]}
        told = (await one("POST", "/rulings", body, headers=KEY)).json()
        assert [done["hold"] for done in told["decided"]] == ["AAAA-0001", "AAAA-0003"]
        assert told["refused"] == [
            {"hold": "AAAA-0002", "reason": "already-decided"},
            {"hold": "0000-0000", "reason": "not-found"},
        ]
        again = (await one("POST", "/rulings", body, headers=KEY)).json()
        assert [done["again"] for done in again["decided"]] == [True, True]
        assert len(await releases(console)) == 2

    run(walk())


def test_a_series_is_ruled_on_as_one(console, run):
    async def walk():
        for number in range(4):
            await console.hold(f"AAAA-000{number}")
        await console.hold("BBBB-0001", sender="Bruno.Fictif@chu.example")
        one = await program(console, "claire", "officer")
        (found,) = (await one("GET", "/holds/series")).json()["series"]
        assert found["count"] == 4
        told = (await one("POST", "/rulings", REJECT | {"series_of": found["first"]})).json()
        assert len(told["decided"]) == 4
        assert await states(console, "BBBB-0001") == ["held", "held"]

    run(walk())


@pytest.mark.parametrize("about", [{}, {"holds": ["AAAA-0001"], "series_of": "AAAA-0001"}])
def test_several_are_named_in_one_way(claire, run, about):
    async def walk():
        assert (await claire("POST", "/rulings", REJECT | about)).status_code == 422

    run(walk())


def test_the_reasons_are_those_of_the_pages_in_the_caller_s_language(claire, run):
    async def walk():
        told = json.loads(breakable((await claire("GET", "/rulings/codes")).text))["codes"]
        assert told == CODES
        english = await claire("GET", "/rulings/codes", headers={"accept-language": "en"})
        assert english.json()["codes"]["reject"]["wrong_recipient"] == "Wrong recipient"

    run(walk())


def test_a_mail_that_is_its_sender_s_alone_stays_so(console, run):
    async def walk():
        await console.hold(HOLD, hidden="compartment")
        one = await program(console, "claire", "officer")
        seen = (await one("GET", f"/holds/{HOLD}")).text
        for secret in (made.SENDER, made.TO[0], "mai.xlsx", "2 79"):
            assert secret not in seen
        for method, path, body in (
            ("GET", "preview", None),
            ("POST", "reveals", {"what": "whole", "reason": "x"}),
            ("POST", "message", {"reason": "x"}),
            ("GET", "permits", None),
        ):
            answer = await one(method, f"/holds/{HOLD}/{path}", body)
            assert (answer.status_code, slug(answer)) == (409, "sealed"), path
        for body in (RELEASE, REJECT):
            answer = await one("POST", f"/holds/{HOLD}/rulings", body)
            assert (answer.status_code, slug(answer)) == (403, "not-yours")

    run(walk())
