"""A reasoned exception: a file among the site's rules, checked, bounded, on record."""

from datetime import datetime, timedelta

import pytest
import yaml

from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.decide.question import PARIS
from gateway.detect import search
from gateway.model import Disposition, Envelope, Recipient
from gateway.rulebook import read_rules
from tests.makers import held as made
from tests.unit.console.conftest import post


@pytest.fixture
def console(on_sqlite):
    return on_sqlite


HOLD = "7K2F-9QXD"
PAGE = f"/dossiers/{HOLD}"
PATH = f"{PAGE}/exception"
RULE = """id: health/nir-external
title: NIR
when:
  all:
    - recipient: external
    - finding: fr.nir
then: quarantine
"""


def form(console, **changes):
    day = datetime.fromtimestamp(console.store.now, PARIS).date() + timedelta(days=90)
    return {
        "pour": "both",
        "domaine": "mail.example",
        "fin": day.isoformat(),
        "responsable": "service des admissions",
        "mots": "convention avec Zoé Inventée",
    } | changes


@pytest.fixture
def rules(console):
    """Of the desk's directory; `site` takes files."""
    folder = console.store.directory / "rules"
    (folder / "site").mkdir(parents=True)
    (folder / "nir.yaml").write_text(RULE)
    return folder


def added(rules):
    return sorted((rules / "site").rglob("*.yaml"))


def verdicts(console, rules, sender, *to):
    judge = Judge(read_rules([rules], search.kinds()), Places(domains=("chu.example",)), None)
    envelope = Envelope(sender, tuple(Recipient(address) for address in to))
    mail = made.a_mail(envelope=envelope, received=console.store.now)
    return [verdict.disposition for verdict in judge.decide(mail, made.SEEN)]


def test_it_holds_for_this_sender_and_this_domain_until_its_day(console, run, rules):
    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, form(console), PATH)
        assert answer.headers["location"] == PAGE
        (path,) = added(rules)
        written = yaml.safe_load(path.read_text())
        assert written["overrides"] == ["health/nir-external"]
        assert written["owner"] == "service des admissions"
        assert console.reloads == [True]
        passed, held = Disposition.PASS, Disposition.QUARANTINE
        to = ("a@mail.example", "a@autre.example", "a@sub.mail.example")
        assert verdicts(console, rules, made.SENDER, *to) == [passed, held, held]
        assert verdicts(console, rules, "b@chu.example", to[0]) == [held]
        console.store.now += 91 * 86400
        assert verdicts(console, rules, made.SENDER, to[0]) == [held]

    run(walk())


@pytest.mark.parametrize(
    ("scope", "sender", "to", "becomes"),
    [
        ("domain", "b@chu.example", "x@mail.example", Disposition.PASS),
        ("domain", "b@chu.example", "x@autre.example", Disposition.QUARANTINE),
        ("sender", made.SENDER, "x@autre.example", Disposition.PASS),
        ("sender", "b@chu.example", "x@mail.example", Disposition.QUARANTINE),
    ],
)
def test_the_other_scopes(console, run, rules, scope, sender, to, becomes):
    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        await post(browser, PATH, form(console, pour=scope), PATH)
        assert verdicts(console, rules, sender, to) == [becomes]

    run(walk())


def test_it_is_on_record_and_its_reason_stands_in_no_file(console, run, rules):
    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        await post(browser, PATH, form(console), PATH)
        kinds = ("exception drafted", "exception added")
        drafted, done = [e for e in await console.store.holds.history(HOLD) if e.kind in kinds]
        assert drafted.who == done.who == "claire"
        assert "rule=health/nir-external" in drafted.detail
        assert "until=" in drafted.detail
        assert drafted.reason(console.store.private) == "convention avec Zoé Inventée"
        assert "Inventée" not in added(rules)[0].read_text()
        assert "exception ajoutée" in (await browser.get(PAGE)).text

    run(walk())


@pytest.mark.parametrize(
    "wrong",
    [
        {"fin": ""},
        {"fin": "demain"},
        {"fin": "2020-01-01"},
        {"fin": "2023-11-14"},  # today
        {"fin": "2025-11-14"},  # more than a year
        {"responsable": ""},
        {"mots": " "},
        {"pour": ""},
        {"pour": "everybody"},
        {"pour": "domain", "domaine": "gmail.com"},  # no recipient of this mail
        {"pour": "domain", "domaine": "*"},
    ],
    ids=str,
)
def test_what_is_no_exception_writes_nothing(console, run, rules, wrong):
    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, form(console, **wrong), PATH)
        assert answer.status_code == 422
        assert added(rules) == []
        assert console.reloads == []

    run(walk())


@pytest.mark.parametrize(
    ("sender", "to", "data"),
    [
        ("*@chu.example", "x@mail.example", {"pour": "sender"}),
        ("[a-z]*@chu.example", "x@mail.example", {"pour": "sender"}),
        ("a@*", "x@mail.example", {"pour": "both"}),
        ("a\n@chu.example", "x@mail.example", {"pour": "sender"}),
        ("279039999900112@chu.example", "x@mail.example", {"pour": "sender"}),
        ("", "x@mail.example", {"pour": "sender"}),
        ("a@chu.example", "x@*.example", {"pour": "domain", "domaine": "*.example"}),
        ("a@chu.example", "x@[10.0.0.1]", {"pour": "domain", "domaine": "[10.0.0.1]"}),
        ("a@chu.example", "x@gmail.example", {"pour": "domain", "domaine": "gmail.example"}),
    ],
    ids=str,
)
def test_names_that_would_widen_it_or_tell_of_a_person_are_refused(
    console, run, rules, sender, to, data
):
    async def walk():
        await console.hold(sender=sender, to=(to,))
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, form(console, **data), PATH)
        assert answer.status_code == 422
        assert added(rules) == []

    run(walk())


def test_an_open_mail_service_is_excepted_for_one_sender_only(console, run, rules):
    async def walk():
        await console.hold(to=("x@gmail.example",))
        browser = await console.signed_in("claire", "officer")
        data = form(console, domaine="gmail.example")
        assert (await post(browser, PATH, data, PATH)).status_code == 303
        assert len(added(rules)) == 1

    run(walk())


def test_where_the_console_may_not_write_the_file_is_shown(console, run, rules):
    (rules / "site").rmdir()

    async def walk():
        await console.hold()
        browser = await console.signed_in("claire", "officer")
        answer = await post(browser, PATH, form(console), PATH)
        assert answer.status_code == 200
        assert "overrides:" in answer.text
        assert "domain:mail.example" in answer.text
        assert console.reloads == []
        kinds = [e.kind for e in await console.store.holds.history(HOLD)]
        assert "exception drafted" in kinds
        assert "exception added" not in kinds

    run(walk())


def test_rules_that_would_not_load_are_not_touched(console, run, rules):
    """A rule that is gone from the disk since it held the mail; a broken neighbour."""

    async def walk():
        await console.hold(rule="health/gone")
        await console.hold("AAAA-0002")
        browser = await console.signed_in("claire", "officer")
        first = await post(browser, PATH, form(console), PATH)
        assert first.status_code == 422
        assert "no rule has the id" in first.text
        (rules / "broken.yaml").write_text("id: [")
        second = await post(browser, "/dossiers/AAAA-0002/exception", form(console), PATH)
        assert second.status_code == 422
        assert added(rules) == []

    run(walk())


def test_nobody_excepts_himself_and_another_compartment_is_not_there(console, run, rules):
    async def walk():
        await console.hold()
        own = await console.signed_in("agathe", "officer", address=made.SENDER)
        other = await console.signed_in("autre", "officer", compartments=("medical",))
        assert (await own.get(PATH)).status_code == 403
        assert (await post(own, PATH, form(console))).status_code == 403
        assert (await other.get(PATH)).status_code == 404
        assert (await post(other, PATH, form(console))).status_code == 404
        assert added(rules) == []

    run(walk())
