"""A rule edited for a try: the same loader and complaints, both verdicts, its tests; no file is
touched."""

import html
import re
from pathlib import Path

import pytest

from gateway.console import edited
from gateway.decide.samples import sample
from tests.unit.console.conftest import SHIPPED, breakable

RULE = "health/nir-external"
FILE = SHIPPED / "health" / "nir-external.yaml"
TEXT = FILE.read_text()
NIR = f"Numéro de sécurité sociale : {sample('nir', 0)}"
MAIL = {"de": "agent@chu.example", "a": "a@mail.example", "texte": NIR}


@pytest.fixture
def console(on_sqlite):
    return on_sqlite


async def attempt(browser, text=TEXT, what="essai", rule=RULE, **data):
    page = (await browser.get("/compte")).text
    token = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    fields = {"csrf": token, "regle": rule, "yaml": text, "quoi": what} | data
    answer = await browser.post("/regles/modifier", data=fields, files={"fichier": ("", b"")})
    answer.said = breakable(html.unescape(answer.text))
    return answer


def without(text: str, *lines: str) -> str:
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(lines))


def disk() -> dict[Path, tuple[bytes, int]]:
    files = (path for path in SHIPPED.rglob("*") if path.is_file())
    return {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in files}


def test_the_form_shows_the_file_as_it_is(console, run):
    async def walk():
        browser = await console.signed_in("claire", "reviewer")
        page = await browser.get(f"/regles/modifier?regle={RULE}")
        area = re.search(r"<textarea[^>]*name=\"yaml\"[^>]*>(.*?)</textarea>", page.text, re.DOTALL)
        assert html.unescape(area[1]) == TEXT
        for unknown in ("health/none", "../../etc/passwd", ""):
            assert (await browser.get(f"/regles/modifier?regle={unknown}")).status_code == 404

    run(walk())


def test_live_and_edited_verdicts_stand_side_by_side(console, run):
    async def walk():
        before = disk()
        browser = await console.signed_in("claire", "officer")
        milder = TEXT + "mode: monitor\n"
        answer = await attempt(browser, milder, **MAIL)
        assert answer.status_code == 200
        live, other = answer.said.split("Avec la règle modifiée")[0:2]
        assert "le message est retenu" in live
        assert f"<code>{RULE}</code>" in live
        assert f"Observé, sans effet : {RULE}" in other
        assert "+mode: monitor" in other
        assert disk() == before
        again = await browser.get("/regles")
        assert again.text.count("La modifier, pour un essai") == len(
            console.desk.bench.rules().rules
        )

    run(walk())


BROKEN = {
    "an unknown key": ("zoom: 3\n", "zoom"),
    "no YAML": ("when: [\n", "nir-external.yaml:"),
    "aliases of aliases": ("a: &a [x, x]\nb: &b [*a, *a]\n", "nir-external.yaml:"),
    "the id of another rule": ("", "health/said-of-a-person"),
    "nothing": (None, "nir-external.yaml"),
    "too long": ("# x\n" * 20_000, "too long"),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_does_not_load_is_told_as_rules_check_tells_it(console, run, what):
    more, told = BROKEN[what]
    text = "" if more is None else TEXT + more
    if what == "the id of another rule":
        text = TEXT.replace(f"id: {RULE}", "id: health/said-of-a-person")

    async def walk():
        before = disk()
        browser = await console.signed_in("claire", "officer")
        answer = await attempt(browser, text, **MAIL)
        assert answer.status_code == 422
        complaint = re.search(r'<pre class="error"[^>]*>(.*?)</pre>', answer.said, re.DOTALL)[1]
        assert told in complaint
        assert str(SHIPPED.parent) not in complaint, "the server's folders are nobody's business"
        if what == "an unknown key":
            line = TEXT.count("\n") + 1
            assert f"nir-external.yaml:{line}:1" in complaint
        assert disk() == before

    run(walk())


def test_the_rule_s_own_tests_are_run_against_both(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        inward = TEXT.replace("recipient: external", "recipient: internal")
        answer = await attempt(browser, inward, "tests")
        section = answer.said.split("Les tests de cette règle")[1].split("</section>")[0]
        live, other = section.split("Avec la règle modifiée")
        assert "échoue" not in live
        assert "échoue" in other
        assert re.search(r"[1-9][0-9]* tests réussis", live)

    run(walk())


def test_the_difference_is_a_patch_to_download(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        answer = await attempt(browser, TEXT + "mode: monitor\n", "diff")
        assert answer.headers["content-disposition"] == 'attachment; filename="rule.patch"'
        assert answer.headers["content-type"].startswith("text/x-diff")
        first, second, *_, last = answer.text.splitlines()
        assert first == "--- a/rules/health/nir-external.yaml"
        assert second == "+++ b/rules/health/nir-external.yaml"
        assert last == "+mode: monitor"
        same = await attempt(browser, TEXT.replace("\n", "\r\n"), "diff")
        assert same.text == "", "browsers write CRLF"

    run(walk())


def test_what_was_typed_comes_back_as_text(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        evil = "</textarea><script>alert(1)</script>"
        answer = await attempt(browser, evil, **MAIL | {"texte": evil})
        assert "<script>alert" not in answer.text
        assert answer.text.count("&lt;script&gt;alert") >= 2

    run(walk())


def test_without_a_mail_there_is_nothing_to_judge(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        assert (await attempt(browser)).status_code == 422
        assert (await attempt(browser, rule="health/none")).status_code == 404
        assert console.tried == []

    run(walk())


def test_a_file_that_is_gone_is_not_edited(console):
    paths = dict(console.desk.bench.rules().paths) | {RULE: "/nowhere/x.yaml"}

    class Rules:
        pass

    rules = Rules()
    rules.paths = paths
    console.desk.bench.rules = lambda: rules
    assert edited.source(console.desk.bench, RULE) is None
