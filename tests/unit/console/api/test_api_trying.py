"""A rule edited for a try, and what monitor mode let out, over the API: as their pages do it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from gateway.console import app
from tests.makers import held as made
from tests.unit.console.api.conftest import program
from tests.unit.console.conftest import SHIPPED
from tests.unit.console.test_monitored import RULE as OBSERVED
from tests.unit.console.test_monitored import let_out
from tests.unit.console.test_rule_edit import FILE, NIR, RULE, TEXT, disk

TRIAL = {"sender": "agent@chu.example", "recipients": ["a@mail.example"], "text": NIR}


@pytest.fixture
def trying(console):
    console.desk = replace(console.desk, bench=replace(console.desk.bench, directories=(SHIPPED,)))
    console.app = app.build(console.desk)
    return console


async def edit(one, text, **more):
    return await one("POST", "/rules/edits", {"rule": RULE, "yaml": text} | more)


def test_a_rule_is_had_edited_and_tried_and_no_file_is_touched(trying, run):
    async def walk():
        before = disk()
        one = await program(trying, "remi", "reviewer")
        source = (await one("GET", f"/rules/source?rule={RULE}")).json()
        assert source == {"path": f"rules/{RULE}.yaml", "yaml": TEXT}
        milder = source["yaml"] + "mode: monitor\n"
        told = (await edit(one, milder, trial=TRIAL)).json()
        assert told["complaint"] == ""
        assert "+mode: monitor" in told["diff"]
        assert told["trial"]["live"]["disposition"] == "quarantine"
        assert told["trial"]["live"]["verdicts"][0]["rule"] == RULE
        (other,) = told["trial"]["edited"]
        assert RULE in other["monitored"]
        assert other["rule"] != RULE
        assert disk() == before

    run(walk())


def test_tests_of_the_rule_run_before_and_after(trying, run):
    async def walk():
        one = await program(trying, "claire", "officer")
        inward = TEXT.replace("recipient: external", "recipient: internal")
        told = (await edit(one, inward, tests=True)).json()["tests"]
        assert told["live"]["passed"] > 3
        assert told["live"]["failed"] == []
        assert told["edited"]["failed"]

    run(walk())


def test_what_does_not_load_says_where(trying, run):
    async def walk():
        one = await program(trying, "claire", "officer")
        told = (await edit(one, TEXT + "zoom: 3\n")).json()
        assert f"{FILE.name}:" in told["complaint"]
        assert told["trial"] is None
        for unknown in ("health/none", "../../etc/passwd"):
            answer = await one("GET", f"/rules/source?rule={unknown}")
            assert answer.status_code == 404
        nothing = await edit(one, TEXT, trial=TRIAL | {"text": "   "})
        assert nothing.status_code == 422

    run(walk())


def test_cases_let_out_are_told_masked_and_judged_once(console, run):
    async def walk():
        await let_out(console, "AAAA-0001", "AAAA-0002")
        one = await program(console, "claire", "officer")
        told = (await one("GET", f"/monitored?rule={OBSERVED}")).json()
        assert [case["mail"] for case in told["cases"]] == ["AAAA-0002", "AAAA-0001"]
        assert told["cases"][0]["sender"] == made.SENDER
        assert told["cases"][0]["findings"][0]["masked"].startswith("2 79 **")
        assert told["rules"] == [{"rule": OBSERVED, "waiting": 2, "right": 0, "wrong": 0}]
        assert told["before"] is None
        numbers = [case["number"] for case in told["cases"]]
        for ruled in (2, 0):
            answer = await one("POST", "/monitored/rulings", {"numbers": numbers, "right": False})
            assert answer.json() == {"ruled": ruled}
        assert (await one("GET", "/monitored")).json()["rules"][0]["wrong"] == 2

    run(walk())


def test_cases_of_another_compartment_are_neither_told_nor_judged(console, run):
    async def walk():
        await let_out(console, "AAAA-0001")
        one = await program(console, "claire", "officer", compartments=("medical",))
        assert (await one("GET", "/monitored")).json()["cases"] == []
        (case,) = await console.desk.monitored.page()
        answer = await one("POST", "/monitored/rulings", {"numbers": [case.id], "right": True})
        assert answer.json() == {"ruled": 0}

    run(walk())


def test_the_next_cases_are_asked_for_by_the_last_one_had(console, run):
    async def walk():
        for first in range(0, 60, 20):
            await let_out(console, *(f"AAAA-{n:04}" for n in range(first, first + 20)))
        one = await program(console, "claire", "officer")
        told = (await one("GET", "/monitored")).json()
        assert len(told["cases"]) == 50
        rest = (await one("GET", f"/monitored?before={told['before']}")).json()
        assert len(rest["cases"]) == 10
        assert rest["before"] is None

    run(walk())
