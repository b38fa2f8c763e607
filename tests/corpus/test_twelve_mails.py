"""Realistic mails through the shipped rules: what must be stopped, and what looks like it.

As far as content decides: who the recipient is, is said by the rules of the site. Nothing has a
channel here, so what would leave encrypted is held.
"""

from __future__ import annotations

from functools import cache

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.conditions import distinct
from gateway.decide.engine import Judge
from gateway.decide.places import Places
from gateway.decide.rules import RuleSet
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Coverage, Disposition, Inspection
from gateway.rulebook import read_rules
from tests.makers import judged, twelve

RULES = read_rules([SHIPPED_RULES], search.kinds())
PLACES = Places(domains=("chu.example",))
JUDGE = Judge(RULES, PLACES, None)
ALONE = {rule.id: Judge(RuleSet((rule,)), PLACES, None) for rule in RULES.rules}
OUTSIDE = "support@editeur.example"


@cache
def seen(content: bytes) -> Inspection:
    return inspection.conclude(inspection.read(content, DEFAULT_LIMITS), b"k" * 32)


def disposition(content: bytes, judge: Judge = JUDGE, to: str = OUTSIDE) -> Disposition:
    [one] = judge.decide(judged.mail(to, content=content), seen(content))
    return one.disposition


STOPPED = {
    "1, one record": (twelve.record, "health/nir-external"),
    "2, télétransmission": (twelve.transmission, "health/nir-bulk"),
    "2, without the account": (lambda: twelve.transmission(account=False), "health/nir-bulk"),
    "3, beneficiaries": (twelve.training, "bulk/table-identified"),
    "3, twelve of them": (lambda: twelve.training(12), "bulk/table-sensitive"),
    "3, tabs": (lambda: twelve.training(120, form="tsv"), "bulk/table-identified"),
    "3, a workbook": (lambda: twelve.training(120, form="xlsx"), "bulk/table-identified"),
    "3, in an archive": (lambda: twelve.training(120, form="zip"), "bulk/table-identified"),
    "3, no labels": (lambda: twelve.training(120, labels=False), "bulk/table-identified"),
    "3, pasted": (twelve.typed, "bulk/table-identified"),
    "4, a hidden sheet": (twelve.laboratory, "bulk/table-identified"),
    "4, without numbers": (lambda: twelve.laboratory(40, numbers=False), "bulk/table-sensitive"),
    "11, with what is medical": (
        lambda: twelve.sick_leaves(medical=True),
        "health/nir-external",
    ),
}


PASSED = {
    "3, nine of them": lambda: twelve.training(9),
    "6, an invoice": twelve.invoice,
    "7, numbers of orders": twelve.order,
    "7, one whose key is right": twelve.order_with_a_right_key,
    **{name: lambda made=made: made for name, made in twelve.innocent_tables().items()},
}


@pytest.mark.parametrize("name", STOPPED)
def test_is_stopped_by_the_rule_made_for_it(name):
    made, rule = STOPPED[name]
    content = made()
    assert disposition(content) is Disposition.QUARANTINE
    assert disposition(content, ALONE[rule]) is Disposition.QUARANTINE
    assert seen(content).coverage is Coverage.WHOLE


@pytest.mark.parametrize("name", STOPPED)
def test_a_colleague_gets_it(name):
    assert disposition(STOPPED[name][0](), to="collegue@chu.example") is Disposition.PASS


@pytest.mark.parametrize("name", PASSED)
def test_what_looks_like_it_passes(name):
    content = PASSED[name]()
    assert disposition(content) is Disposition.PASS, seen(content).findings


def count(content: bytes) -> int:
    return distinct([f for f in seen(content).findings if f.kind == "table.persons"])


def test_the_number_of_persons_is_told():
    content = twelve.training(120)
    assert count(content) == 120
    assert count(twelve.training(120, form="xlsx")) == 120


def test_the_officer_reads_whether_the_persons_are_made_up():
    """And the mail waits all the same."""
    told = [f.masked for f in seen(twelve.training(120)).findings if f.kind == "table.plausibility"]
    assert [sentence.partition(",")[0] for sentence in told] != []
    assert disposition(twelve.training(120)) is Disposition.QUARANTINE
