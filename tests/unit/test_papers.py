"""The papers that somebody will hold us to: what they name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gateway.config_retention import Retention

ROOT = Path(__file__).parents[2]
THREATS = (ROOT / "docs/threat-model.md").read_text("utf-8")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("*.py")
    for name in re.findall(r"def (test_\w+)", path.read_text("utf-8"))
}
NAMED = sorted(set(re.findall(r"`(test_\w+)`", THREATS)))


def test_every_measure_names_a_test_that_exists():
    assert len(NAMED) > 50, "or the pattern above is wrong"
    assert set(NAMED) <= TESTS
    for path in re.findall(r"`(tests/[\w/.]+)`", THREATS):
        assert (ROOT / path).exists(), path


@pytest.mark.parametrize("letter", "STRIDE")
def test_every_kind_of_threat_is_looked_for(letter):
    assert re.search(rf"^\| {letter} \|", THREATS, re.MULTILINE)


# What the organisation tells its staff, its council and the authority of periods is what happens.

OPERATOR = ROOT / "docs/operateur"
TABLE = (OPERATOR / "conservation.md").read_text("utf-8")
ROWS = re.findall(
    r"^\| [^|]+ \| [^|]+ \| ([^|]*\d[^|]*) \| (`retention\.[^|]+`) \|$", TABLE, re.MULTILINE
)
DEFAULTS = Retention()


def in_words(days: int) -> str:
    years = round(days / 365.25)
    if abs(days - years * 365.25) > 1 or not years:
        return f"{days} jour"
    return f"{years} an"


@pytest.mark.parametrize(("told", "keys"), ROWS)
def test_the_periods_of_the_table_are_the_defaults(told, keys):
    told = told.replace("\u00a0", " ").replace("ouvrés", "").replace("abandonnées, ", "jours ")
    for key in re.findall(r"retention\.(\w+)", keys):
        days = getattr(DEFAULTS, key)
        assert re.search(rf"\b{in_words(days)}|\b{days}\b", told), key


def test_the_table_was_found():
    assert len(ROWS) >= 7, "or the pattern above is wrong"


@pytest.mark.parametrize("paper", ["aipd", "registre", "cse", "note-au-personnel"])
def test_the_periods_proposed_in_a_paper_are_those_of_the_table(paper):
    text = (OPERATOR / f"{paper}.md").read_text("utf-8").replace("\u00a0", " ")
    proposed = set(re.findall(r"\[(\d+)\] jours", text))
    proposed |= set(re.findall(r"\[(\d+ ans?)\]", text))
    table = TABLE.replace("\u00a0", " ")
    assert proposed
    assert {one for one in proposed if not re.search(rf"\b{one}\b", table)} == set()
