"""The rules page: words that say what the judge asks, tests, figures; and what is tried is kept
nowhere."""

import asyncio
import logging
import re

import pytest
import yaml

from gateway.console import bench as benches
from gateway.console import prose
from gateway.decide.rules import RuleSet, parse_rules
from gateway.decide.samples import sample
from gateway.language import Words
from gateway.model import Disposition
from tests.unit.console.conftest import breakable, post, shipped

FRENCH = Words("fr")
CANARY = "kanari-9b1e"


def a_rule(when, **more):
    fields = {"id": "x/y", "title": "T", "then": "quarantine", "when": when} | more
    rules, complaints = parse_rules({"x.yaml": yaml.safe_dump(fields)}, kinds=("fr.nir", "person"))
    assert not complaints, [str(one) for one in complaints]
    return rules.rules[0]


def flat(said):
    inner = "; ".join(flat(one) for one in said.inner)
    text = breakable(said.text)
    return f"{text} [{inner}]" if inner else text


@pytest.mark.parametrize(
    ("when", "words"),
    [
        ({"recipient": "external"}, "le destinataire est extérieur"),
        (
            {"recipient": ["webmail", "domain:*.example"]},
            "le destinataire est sur une messagerie grand public ou "
            "le destinataire est du domaine *.example",
        ),
        ({"sender": "<>"}, "le message est automatique, sans expéditeur"),
        (
            {"finding": "fr.nir", "count": ">= 10", "near": "person"},
            "on y trouve numéro de sécurité sociale (probable ou plus sûr), valeurs différentes : "
            "au moins 10, tout près de : noms de personnes",
        ),
        (
            {"problem": "encrypted"},
            "quelque chose n'a pas pu être lu : chiffré ou protégé par un mot de passe",
        ),
        ({"coverage": "unread"}, "une partie au moins n'a pas été lue du tout"),
        (
            {"header": "Subject", "contains": ["secret", "privé"]},
            "l'en-tête Subject contient « secret » ou « privé »",
        ),
        ({"size": "> 10 MB"}, "le message pèse plus de 10 Mo"),
        ({"direction": "outbound"}, "le message sort"),
        (
            {"time": {"days": ["sat", "sun"], "hours": "20:00-06:00"}},
            "il est reçu samedi ou dimanche, de 20:00 à 06:00",
        ),
        ({"not": {"recipient": "mssante"}}, "sauf si le destinataire a une adresse MSSanté"),
        (
            {"all": [{"recipient": "external"}, {"not": {"any": [{"size": "< 1 KB"}]}}]},
            "tout cela à la fois : [le destinataire est extérieur; sauf dans ce cas : "
            "l'un au moins de ces cas : [le message pèse moins de 1 Ko]]",
        ),
    ],
)
def test_a_condition_in_words(when, words):
    assert flat(prose.when(a_rule(when).when, FRENCH)) == words


def test_what_becomes_of_a_mail_in_words():
    when = {"recipient": "external"}
    encrypt = a_rule(when, then="encrypt", otherwise="reject")
    assert breakable(prose.then(encrypt, FRENCH)) == (
        "Le message part par une voie chiffrée ; si aucune ne convient, le message est refusé."
    )
    assert prose.then(a_rule(when), FRENCH) == "Le message est retenu."


def test_every_shipped_rule_can_be_said_and_no_condition_is_left_out():
    for rule in shipped().rules:
        said = flat(prose.when(rule.when, FRENCH))
        assert said
        assert "[]" not in said
        assert not re.search(r"(^|; |: )(;|$|\])", said), (rule.id, said)
        assert "{" not in said


# The page


async def attempt(browser, data, file=None):
    page = (await browser.get("/compte")).text
    token = re.search(r'name="csrf" value="([^"]+)"', page).group(1)
    files = {"fichier": ("x.eml", file, "message/rfc822")} if file else {"fichier": ("", b"")}
    return await browser.post("/regles/essai", data={"csrf": token} | data, files=files)


FROM_TO = {"de": "agent@chu.example", "a": "a@mail.example, collegue@chu.example"}


def test_the_page_tells_rules_files_and_figures(console, run):
    async def walk():
        await console.hold()
        await console.store.holds.release("7K2F-9QXD", "claire", "", None, code="false_alarm")
        observed = next(rule.id for rule in shipped().rules if not rule.enforced)
        await console.desk.figures.add({("monitored", "rule", observed): 17})
        browser = await console.signed_in("claire", "auditor")
        return (await browser.get("/regles")).text

    page = run(walk())
    for rule in shipped().rules:
        assert rule.id in page
    assert "nir-external.yaml" in page
    assert "1 sur 1 décisions" in page
    assert "17 messages auraient été arrêtés" in page
    assert "vaguemestre rules check" in page


def test_a_text_is_judged_for_each_recipient_and_shown_masked(console, run):
    nir = sample("nir", 1)

    async def walk():
        browser = await console.signed_in("claire", "officer")
        text = f"Votre numéro de sécurité sociale est {nir}. {CANARY}"
        return await attempt(browser, FROM_TO | {"texte": text, "objet": "Votre numéro"})

    answer = run(walk())
    assert answer.status_code == 200
    result = answer.text.split('id="resultat"')[1].split("</section>")[0]
    assert "a@mail.example" in result
    assert "health/nir-external" in result
    assert re.search(r"collegue@chu\.example</strong> : le message part", result)
    assert nir not in result
    assert '<code class="masked">' in result
    assert CANARY not in result
    assert "Macro" not in answer.text


def test_a_mail_goes_behind_the_wall_and_is_judged(console, run):
    mail = (
        b"From: x@chu.example\nTo: y@mail.example\nMIME-Version: 1.0\n"
        b"Content-Type: application/octet-stream; name=x.bin\nContent-Transfer-Encoding: base64\n\n"
        b"AAECAwQFBgcICQ==\n"
    )

    async def walk():
        browser = await console.signed_in("claire", "officer")
        return await attempt(browser, FROM_TO, mail)

    answer = run(walk())
    assert answer.status_code == 200
    assert [one.partition(b"\n")[0] for one in console.tried] == [b"values"]
    assert "unread/" in answer.text.split('id="resultat"')[1]


@pytest.mark.parametrize(
    "data",
    [
        {"de": "", "a": "x@y.example", "texte": "x"},
        {"de": "x@y.example", "a": "", "texte": "x"},
        {"de": "x", "a": "x@y.example", "texte": "x"},
        {"de": "x@y.example", "a": " ".join(["x@y.example"] * 21), "texte": "x"},
        {"de": "x@y.example", "a": "x@y.example", "texte": " \n"},
    ],
)
def test_what_cannot_be_tried_is_said(console, run, data):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        return await attempt(browser, data)

    assert run(walk()).status_code == 422


def test_nothing_tried_reaches_store_or_log(console, run, caplog, capfd):
    caplog.set_level(logging.DEBUG)
    text = f"{CANARY} Mme TESTEUR Anne, dossier médical : diabète"

    async def walk():
        browser = await console.signed_in("claire", "officer")
        before = {t: len(await console.store.rows(t)) for t in ("holds", "events", "outbox")}
        await attempt(browser, FROM_TO | {"texte": text, "objet": CANARY})
        await attempt(browser, FROM_TO, f"Subject: {CANARY}\r\n\r\n{text}".encode())
        await attempt(browser, {"de": CANARY, "a": CANARY, "texte": text})
        after = {t: len(await console.store.rows(t)) for t in before}
        tables = ("holds", "events", "outbox", "daily", "memory", "sessions", "accounts")
        return before == after, [repr(await console.store.rows(t)) for t in tables]

    same, rows = run(walk())
    assert same
    assert not any(CANARY in one for one in rows)
    assert not any(
        CANARY.encode() in path.read_bytes()
        for path in console.store.directory.rglob("*")
        if path.is_file()
    )
    out = capfd.readouterr()
    assert CANARY not in caplog.text + out.out + out.err


def test_titles_paths_and_pasted_text_are_text(console, run):
    bad = "<script>alert(1)</script>\"'&\u202e"
    rule = a_rule({"recipient": "external"}, title=bad, description=bad, source=bad)
    rules = RuleSet((rule,), {rule.id: f"/etc/{bad}.yaml"})
    console.desk.bench.rules = lambda: rules
    console.stale = bad

    async def walk():
        browser = await console.signed_in("claire", "officer")
        data = {"de": f"{bad.replace(' ', '')}@chu.example", "a": "a@mail.example", "texte": bad}
        return [(await browser.get("/regles")).text, (await attempt(browser, data)).text]

    for page in run(walk()):
        assert "<script>alert" not in page
        assert "&lt;script&gt;" in page
    assert "\u202e" not in run(walk())[0]


def test_the_tests_run_when_asked_and_their_state_is_shown(console, run):
    rules = shipped()
    some = tuple(r for r in rules.rules if r.id.startswith("unread/encrypted"))
    console.desk.bench.rules = lambda: RuleSet(some, {r.id: rules.paths[r.id] for r in some})

    async def walk():
        browser = await console.signed_in("claire", "officer")
        first = (await browser.get("/regles")).text
        await asyncio.gather(*(post(browser, "/regles/tests") for _ in range(3)))
        return first, (await browser.get("/regles")).text

    first, after = run(walk())
    assert "Pas encore passés" in first
    assert "tests réussis" in after
    assert "échoue" not in after
    assert set(console.desk.bench.tested) == {rule.id for rule in some}


def test_tests_that_take_too_long_are_left_and_said(console, run, monkeypatch):
    monkeypatch.setattr(benches, "TESTING_SECONDS", -1.0)
    rules = shipped()

    async def walk():
        await console.desk.bench.test()
        browser = await console.signed_in("claire", "officer")
        return (await browser.get("/regles")).text

    page = run(walk())
    assert console.desk.bench.tested == {}
    assert console.desk.bench.left >= len(rules.rules)
    assert "eu le temps" in page


def test_a_rule_that_is_observed_shows_what_it_would_do(console, run):
    rule = a_rule({"recipient": "external"}, mode="monitor")
    console.desk.bench.rules = lambda: RuleSet((rule,), {rule.id: "x.yaml"})

    async def walk():
        return await console.desk.bench.judge(
            b"Subject: x\r\n\r\nx\r\n", "a@chu.example", ("b@x.example",)
        )

    tried = run(walk())
    assert tried.verdicts[0].disposition is Disposition.PASS
    assert tried.verdicts[0].monitored == (rule.id,)
    assert tried.strict[0].disposition is Disposition.QUARANTINE


@pytest.mark.parametrize(
    ("path", "headers", "status"),
    [
        pytest.param("/regles/essai", {"content-length": "2000000"}, 413, id="too long"),
        pytest.param("/regles/essai", {"transfer-encoding": "chunked"}, 411, id="no length"),
    ],
)
def test_forms_that_may_not_end_are_not_read(console, run, path, headers, status):
    async def walk():
        browser = await console.signed_in("claire", "officer")

        async def body():
            yield b"x"

        return await browser.post(path, content=body(), headers=headers)

    assert run(walk()).status_code == status


def test_no_other_page_takes_a_file(console, run):
    async def walk():
        browser = await console.signed_in("claire", "officer")
        files = {"x": ("x.eml", b"x")}
        return [
            (await browser.post(path, data={"csrf": "x"}, files=files)).status_code
            for path in ("/decider", "/compte/session", "/regles/tests")
        ]

    assert set(run(walk())) == {400}


def test_without_a_sandbox_nothing_is_read_here(console, run):
    console.desk.bench.inspector = None

    async def walk():
        browser = await console.signed_in("claire", "officer")
        return (await attempt(browser, FROM_TO | {"texte": "x"})).status_code

    assert run(walk()) == 503
