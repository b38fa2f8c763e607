"""Above every page: what is not declared, and until when rules only look on."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from gateway.console import app
from gateway.decide.observation import Observation
from gateway.decide.question import PARIS
from tests.unit.console.conftest import breakable


def page(console, role, path="/compte", **about):
    async def go():
        browser = await console.signed_in("lea", role, **about)
        return breakable((await browser.get(path)).text)

    return asyncio.run(go())


def undeclared(console, *names):
    console.desk = replace(console.desk, undeclared=lambda day: names)
    console.app = app.build(console.desk)


@pytest.mark.parametrize(
    ("role", "told"), [("officer", True), ("admin", True), ("deputy", True), ("auditor", False)]
)
def test_who_decides_or_administers_sees_what_is_not_declared(on_sqlite, role, told):
    undeclared(on_sqlite, "dpia", "staff")
    text = page(on_sqlite, role)
    banner = "analyse d'impact (AIPD), information du personnel"
    assert (banner in text.replace("&#39;", "'")) is told
    assert ('href="/declarations"' in text) is told


def test_nothing_is_said_once_all_is_declared(on_sqlite):
    assert "alarm" not in page(on_sqlite, "admin")


def test_the_page_says_what_to_do_about_each(on_sqlite):
    undeclared(on_sqlite, "works_council")
    text = page(on_sqlite, "admin", "/declarations")
    assert text.count("Non déclarée.") == 1
    assert text.count(">Déclarée.") == 2
    assert "à la clé works_council" in text


@pytest.mark.parametrize(
    ("days", "style"), [(20, "banner"), (6, "banner warn"), (0, "banner warn")]
)
def test_the_time_of_observation_is_told_and_louder_when_it_ends(on_sqlite, days, style):
    today = datetime.fromtimestamp(on_sqlite.store.clock(), PARIS).date()
    on_sqlite.desk.bench.observation = Observation(today + timedelta(days=days))
    text = page(on_sqlite, "officer")
    assert f'<p class="{style}" role="status">En observation jusqu' in text


def test_after_it_rules_do_what_they_say_and_nothing_is_told(on_sqlite):
    today = datetime.fromtimestamp(on_sqlite.store.clock(), PARIS).date()
    bench = on_sqlite.desk.bench
    bench.observation = Observation(today - timedelta(days=1))
    assert "En observation" not in page(on_sqlite, "officer")
    assert bench.in_force() == bench.rules()
    bench.observation = Observation(today, ("bulk",))
    stopping = {rule.id.partition("/")[0] for rule in bench.in_force().rules if rule.enforced}
    assert stopping == {"bulk"}
