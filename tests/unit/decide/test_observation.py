"""A time of observation: what stands in the floor stops mail, the rest looks on, until a day."""

from datetime import date, datetime

import pytest

from gateway.decide.observation import Observation
from gateway.decide.question import PARIS
from gateway.decide.rules import parse_rules

LAST = date(2026, 12, 22)
RULE = "id: {}\ntitle: t\nwhen: {{recipient: external}}\nthen: quarantine\n"
EXCEPTION = (
    "id: site/out\ntitle: t\nwhen: {recipient: external}\nallow: true\n"
    "overrides: [bulk/contacts]\nowner: dpo\nuntil: 2027-01-01\n"
)


def rules():
    texts = {f"rules/{name}.yaml": RULE.format(name) for name in ("bulk/contacts", "bulky/other")}
    found, complaints = parse_rules({**texts, "rules/site/out.yaml": EXCEPTION}, kinds=())
    assert not complaints
    return found


def modes(*enforce):
    return {one.id: one.mode for one in Observation(LAST, enforce).of(rules()).rules}


def at(day, hour=12):
    return datetime(day.year, day.month, day.day, hour, tzinfo=PARIS).timestamp()


@pytest.mark.parametrize(
    ("enforce", "stopping"),
    [
        ((), set()),
        (("bulk/contacts",), {"bulk/contacts"}),
        (("bulk",), {"bulk/contacts"}),  # not "bulky": a family is what stands before the slash
        (("bulk", "bulky/other"), {"bulk/contacts", "bulky/other"}),
    ],
)
def test_the_floor_is_named_by_rule_or_by_family(enforce, stopping):
    found = modes(*enforce)
    assert {name for name, mode in found.items() if mode == "enforce"} - {"site/out"} == stopping


def test_an_exception_stays_as_it_is_written():
    """Or what it lets out of the floor would be held for the time of the observation."""
    assert modes("bulk")["site/out"] == "enforce"


@pytest.mark.parametrize(
    ("moment", "on", "soon"),
    [
        (at(date(2026, 11, 22)), True, False),
        (at(date(2026, 12, 15)), True, False),
        (at(date(2026, 12, 16)), True, True),
        (at(LAST, 23), True, True),
        (at(date(2026, 12, 23), 0), False, False),
    ],
)
def test_it_ends_with_its_last_day_in_paris_and_says_so_a_week_before(moment, on, soon):
    time = Observation(LAST)
    assert (time.on(moment), time.ends_soon(moment)) == (on, soon)


def test_without_a_day_there_is_none():
    assert not Observation().on(0.0)
    assert not Observation().ends_soon(0.0)


def test_a_slip_in_the_floor_is_told():
    time = Observation(LAST, ("bulk", "bulk/contact", "formats"))
    assert list(time.unknown(rules())) == ["bulk/contact", "formats"]
