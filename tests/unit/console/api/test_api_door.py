"""The way of a request: asked for badly, too long, broken, in another language."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
import structlog

from gateway.console import app
from gateway.console.api.route import MOST_BYTES
from gateway.errors import Temporary
from tests.makers import held as made
from tests.unit.console.api.conftest import ask, program

HOLD = "7K2F-9QXD"
SEARCH = {"address": made.TO[0]}


def is_problem(answer, status, slug):
    told = answer.json()
    assert answer.status_code == told["status"] == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert told["type"] == f"urn:vaguemestre:problem:{slug}"
    assert answer.headers["x-content-type-options"] == "nosniff"
    return True


@pytest.mark.parametrize(
    ("about", "status", "slug"),
    [
        ({"content": b"{"}, 400, "malformed"),
        ({"content": b'"\xff"'}, 400, "malformed"),
        ({"content": b""}, 400, "malformed"),
        ({"content": b"[]"}, 422, "invalid"),
        ({"content": b'{"address": "a@b.example", "limit": "5"}'}, 422, "invalid"),
        ({"content": b'{"address": "a@b.example", "limit": 1e2}'}, 422, "invalid"),
        ({"content": b"{" + b" " * MOST_BYTES}, 413, "too-large"),
        ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "media-type"),
        ({"data": {"address": "a@b.example"}}, 415, "media-type"),
    ],
)
def test_a_body_that_is_not_one_is_refused_for_its_reason(claire, run, about, status, slug):
    async def walk():
        own = {} if "data" in about else {"content-type": "application/json"}
        headers = own | about.pop("headers", {})
        assert is_problem(await claire("POST", "/search", headers=headers, **about), status, slug)

    run(walk())


def test_a_body_that_does_not_say_how_long_it_is_is_not_read(claire, run):
    async def walk():
        async def pieces():
            yield b"{}"

        headers = {"content-type": "application/json"}
        answer = await claire("POST", "/search", content=pieces(), headers=headers)
        assert is_problem(answer, 411, "length-required")

    run(walk())


@pytest.mark.parametrize(
    "query",
    ["limit=0", "limit=201", "limit=abc", "limit=5.0", "limit=", "limit=1&limit=2", "x=1",
     "decided=oui", "decided=1", "order=RISK", "assigned=paul", "after=%00", "rule=%27%00"],
)  # fmt: skip
def test_a_query_that_the_contract_does_not_have_is_refused(claire, run, query):
    async def walk():
        assert is_problem(await claire("GET", f"/holds?{query}"), 422, "invalid")

    run(walk())


@pytest.mark.parametrize(
    "path",
    [
        "/holds/%00",
        "/holds/%0A/permits",
        "/holds/..",
        "/holds/7k2f",
        "/holds/A" + "0" * 300,
        "/holds/",
        "/x",
        "",
    ],
)
def test_an_address_that_nothing_can_have_is_not_there(claire, run, path):
    async def walk():
        assert is_problem(await claire("GET", path), 404, "not-found")

    run(walk())


def test_another_method_is_told_which_there_are(claire, run):
    async def walk():
        answer = await claire("DELETE", f"/holds/{HOLD}/permits")
        assert is_problem(answer, 405, "method")
        assert set(answer.headers["allow"].split(", ")) == {"GET", "HEAD", "POST"}

    run(walk())


def test_errors_speak_the_caller_s_language(quiet, run):
    async def walk():
        french = await ask(quiet, "GET", "/me")
        english = await ask(quiet, "GET", "/me", headers={"accept-language": "en"})
        assert french.json()["title"] == "Il faut un jeton valable."
        assert english.json()["title"] == "A valid token is needed."
        assert english.headers["content-language"] == "en"

    run(walk())


def test_an_error_says_where_and_quotes_nothing_that_was_sent(claire, run):
    async def walk():
        body = {"address": 279039999900112, "Zoé Inventée": "hépatite", "limit": "hépatite"}
        answer = await claire("POST", "/search", body)
        assert is_problem(answer, 422, "invalid")
        found = {error["at"] for error in answer.json()["errors"]}
        assert found == {"body/address", "body/limit", "body/?"}
        for secret in ("27903", "Invent", "hépatite"):
            assert secret not in json.dumps(answer.json(), ensure_ascii=False)

    run(walk())


@pytest.mark.parametrize(
    ("failure", "status", "slug"),
    [(Temporary("store unavailable"), 503, "busy"), (ValueError("Zoé Inventée"), 500, "failed")],
)
def test_what_fails_here_is_told_in_fixed_words_and_logged_without_any(
    console, run, failure, status, slug
):
    class Broken:
        async def page(self, *_):
            raise failure

    async def walk():
        with structlog.testing.capture_logs() as logged:
            console.desk = replace(console.desk, queue=Broken(), log=structlog.get_logger())
            console.app = app.build(console.desk)
            one = await program(console, "claire", "officer")
            assert is_problem(await one("GET", "/holds"), status, slug)
        assert "Invent" not in str(logged)
        assert [line["event"] for line in logged] == ["api failed"] * (status == 500)

    run(walk())


def test_pages_of_the_queue_follow_each_other_to_the_last(console, run):
    async def walk():
        for number in range(5):
            await console.hold(f"AAAA-000{number}")
            console.store.now += 1
        one = await program(console, "claire", "officer")
        seen, after = [], ""
        while after is not None:
            path = f"/holds?order=age&limit=2{after and f'&after={after}'}"
            told = (await one("GET", path)).json()
            seen += [hold["id"] for hold in told["holds"]]
            after = told["next"]
        assert seen == [f"AAAA-000{number}" for number in range(5)]
        pages, before = [], ""
        while before is not None:
            told = (await one("GET", f"/record?limit=4{before and f'&before={before}'}")).json()
            pages += [event["number"] for event in told["events"]]
            before = told["next"]
        assert pages == sorted(pages, reverse=True)
        assert pages[-1] == 1

    run(walk())


def test_one_is_found_by_an_address_that_stands_in_no_url(console, run):
    async def walk():
        await console.hold("AAAA-0001")
        await console.hold("BBBB-0001", to=("autre@mail.example",))
        one = await program(console, "claire", "officer")
        found = (await one("POST", "/search", SEARCH)).json()["holds"]
        assert [hold["id"] for hold in found] == ["AAAA-0001"]
        wrong = await one("GET", f"/holds?address={made.TO[0]}")
        assert wrong.status_code == 422

    run(walk())


def test_looking_by_a_program_marks_nothing_as_seen(console, run):
    async def walk():
        hold = await console.hold()
        one = await program(console, "claire", "officer")
        await one("GET", f"/holds/{hold}")
        assert (await one("GET", f"/holds/{hold}")).json()["marks"]["seen"] is None

    run(walk())


def test_an_exception_is_added_as_its_page_adds_one(console, run):
    async def walk():
        await console.hold(HOLD)
        site = console.store.directory / "rules" / "site"
        site.mkdir(parents=True)
        (site.parent / "nir.yaml").write_text(
            "id: health/nir-external\ntitle: x\nwhen:\n  all:\n    - recipient: external\n"
            "then: quarantine\n"
        )
        one = await program(console, "claire", "officer")
        body = {
            "scope": "both",
            "domain": "mail.example",
            "owner": "DSI",
            "until": "2023-12-01",
            "reason": "convention",
        }
        for wrong in ({"domain": "autre.example"}, {"until": "2025-01-01"}, {"domain": ""}):
            answer = await one("POST", f"/holds/{HOLD}/exceptions", body | wrong)
            assert is_problem(answer, 422, "invalid")
        answer = await one("POST", f"/holds/{HOLD}/exceptions", body)
        assert answer.status_code == 201, answer.text
        assert answer.json()["written"] is True
        (file,) = (site / "exceptions").glob("*.yaml")
        assert file.read_text() == answer.json()["text"]
        assert console.reloads == [True]
        told = (await one("GET", f"/holds/{HOLD}/record")).json()["events"]
        assert [event["kind"] for event in told][-2:] == ["exception drafted", "exception added"]

    run(walk())


def test_an_administrator_s_program_keeps_accounts(console, run):
    async def walk():
        one = await program(console, "claire", "admin")
        body = {"name": "paul", "roles": ["officer"], "compartments": ["medical"]}
        made = await one("POST", "/accounts", body)
        assert made.status_code == 201
        assert "/bienvenue/" in made.json()["link"]
        assert is_problem(await one("POST", "/accounts", body), 409, "conflict")
        assert (await one("POST", "/accounts/paul/invitations")).status_code == 201
        assert (await one("PATCH", "/accounts/paul", {"state": "closed"})).status_code == 204
        told = {one["name"]: one for one in (await one("GET", "/accounts")).json()["accounts"]}
        assert told["paul"] == {
            "name": "paul",
            "roles": ["officer"],
            "compartments": ["medical"],
            "second_factor": False,
            "state": "closed",
        }
        own = await one("PATCH", "/accounts/claire", {"state": "closed"})
        assert is_problem(own, 409, "conflict")
        assert is_problem(await one("POST", "/accounts/nobody/invitations"), 404, "not-found")

    run(walk())
