"""Into a held mail by a program: masked unless a reason is given, and every look on record."""

from __future__ import annotations

import base64

import pytest

from gateway.console.prints import is_plain
from tests.unit.console import seeing
from tests.unit.console.api.conftest import program
from tests.unit.console.test_pictures import LETTER


async def events(one, hold, kind):
    told = (await one("GET", f"/holds/{hold}/record")).json()["events"]
    return [
        (event["who"], event["detail"], event["reason"]) for event in told if event["kind"] == kind
    ]


def test_a_preview_shows_no_value_and_is_noted_once(console, run):
    async def walk():
        hold = await seeing.held(console)
        one = await program(console, "claire", "officer")
        for _ in range(2):
            shown = await one("GET", f"/holds/{hold}/preview")
            assert shown.status_code == 200
            assert "suivie pour" in shown.text
            for secret in seeing.SECRETS:
                assert secret not in shown.text
        assert await events(one, hold, "previewed") == [("claire", f"token={one.id}", "")]

    run(walk())


def test_a_value_is_shown_for_a_reason_that_is_kept(console, run):
    async def walk():
        hold = await seeing.held(console)
        one = await program(console, "claire", "officer")
        found = (await one("GET", f"/holds/{hold}")).json()["findings"]
        nir = next(finding for finding in found if finding["kind"] == "fr.nir")
        assert nir["masked"].startswith("2 79 **")
        body = {"what": "finding", "finding": nir["number"]}
        assert (await one("POST", f"/holds/{hold}/reveals", body)).status_code == 422
        blank = await one("POST", f"/holds/{hold}/reveals", body | {"reason": "  "})
        assert blank.status_code == 422
        assert await events(one, hold, "revealed") == []
        shown = await one("POST", f"/holds/{hold}/reveals", body | {"reason": "appel du service"})
        assert shown.json()["values"] == ["279039999900112"]
        kept = ("claire", f"what=part kind=fr.nir token={one.id}", "appel du service")
        assert await events(one, hold, "revealed") == [kept]

    run(walk())


def test_the_mail_itself_is_handed_out_as_a_file_no_browser_opens(console, run):
    async def walk():
        letter = seeing.a_letter("<script>alert(1)</script>")
        hold = await seeing.held(console, letter)
        one = await program(console, "claire", "officer")
        answer = await one("POST", f"/holds/{hold}/message", {"reason": "copie au RSSI"})
        assert answer.content == letter
        assert answer.headers["content-type"] == "application/octet-stream"
        assert answer.headers["content-disposition"].startswith("attachment")
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert "sandbox" in answer.headers["content-security-policy"]
        assert len(await events(one, hold, "revealed")) == 1

    run(walk())


def test_where_four_eyes_are_asked_for_one_pair_sees_nothing_whole(console, run):
    async def walk():
        seeing.look(console, four_eyes=("health",))
        hold = await seeing.held(console)
        one, two = [await program(console, name, "officer") for name in ("claire", "paul")]
        wanted = [("reveals", {"what": "whole", "reason": "x"}), ("message", {"reason": "x"})]
        for path, body in wanted:
            answer = await one("POST", f"/holds/{hold}/{path}", body)
            assert answer.json()["type"].endswith(":two-needed")
        assert await events(one, hold, "revealed") == []
        assert (await one("POST", f"/holds/{hold}/permits", {"reason": "plainte"})).is_success
        own = await one("POST", f"/holds/{hold}/permits/grants", {"account": "claire"})
        assert own.status_code == 409
        granted = await two("POST", f"/holds/{hold}/permits/grants", {"account": "claire"})
        assert granted.status_code == 204
        told = (await one("GET", f"/holds/{hold}/permits")).json()
        assert (told["needed"], told["permits"][0]["granted_by"]) == (True, "paul")
        for path, body in wanted:
            assert (await one("POST", f"/holds/{hold}/{path}", body)).status_code == 200
        console.store.now += 31 * 60
        for path, body in wanted:
            assert (await one("POST", f"/holds/{hold}/{path}", body)).status_code == 403

    run(walk())


def test_without_a_sandbox_nothing_is_looked_into(console, run):
    async def walk():
        hold = await seeing.held(console)
        seeing.look(console)
        object.__setattr__(console.desk.sight, "wall", None)
        one = await program(console, "claire", "officer")
        assert (await one("GET", f"/holds/{hold}/preview")).status_code == 503
        body = {"what": "whole", "reason": "x"}
        assert (await one("POST", f"/holds/{hold}/reveals", body)).status_code == 503
        assert await events(one, hold, "revealed") == []

    run(walk())


@pytest.mark.parametrize("hostile", ["<img src=x onerror=alert(1)>", "</script>", "\u202ecod.exe"])
def test_what_a_stranger_wrote_is_text_in_json_and_nothing_a_browser_runs(console, run, hostile):
    async def walk():
        hold = await seeing.held(console, seeing.a_letter(hostile, name=f"{hostile}.csv"))
        one = await program(console, "claire", "officer")
        for path in ("", "/preview"):
            answer = await one("GET", f"/holds/{hold}{path}")
            assert answer.headers["content-type"] == "application/json"
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert "default-src 'none'" in answer.headers["content-security-policy"]
            assert answer.headers["cache-control"] == "no-store"
            answer.json()

    run(walk())


def test_a_document_is_shown_as_pictures_for_a_reason(console, run):
    async def walk():
        hold = await seeing.held(console, LETTER)
        one = await program(console, "claire", "officer")
        parts = (await one("GET", f"/holds/{hold}")).json()["parts"]
        pdf = next(number for number, part in enumerate(parts) if "pdf" in part["kind"])
        path, why = f"/holds/{hold}/pictures", {"reason": "vérifier le nom"}
        assert (await one("POST", path, {"part": pdf})).status_code == 422
        assert (await one("POST", path, {"part": 0} | why)).status_code == 422, "no picture of text"
        assert await events(one, hold, "revealed") == []
        first = (await one("POST", path, {"part": pdf} | why)).json()
        assert (len(first["pages"]), first["total"], first["following"]) == (4, 6, 5)
        assert all(is_plain(base64.b64decode(page)) for page in first["pages"])
        rest = (await one("POST", path, {"part": pdf, "page": 5} | why)).json()
        assert (len(rest["pages"]), rest["following"]) == (2, None)
        kept = ("claire", f"what=picture token={one.id}", "vérifier le nom")
        assert await events(one, hold, "revealed") == [kept, kept]

    run(walk())
