"""Rules load whole or not at all, and each fault is told with its place and the way out.

tests/unit/broken/rules holds broken rules and, beside each, what the operator must read.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.rules import RuleSet, parse_rules
from gateway.model import Disposition

BROKEN = Path(__file__).parents[1] / "broken" / "rules"
KINDS = ("fr.nir", "iban", "health.terms", "person")
SOUND = "id: health/essai-2\ntitle: Essai\nwhen: {recipient: external}\nthen: quarantine\n"


def parse(files):
    return parse_rules(files, kinds=KINDS, partners=("paie",), reviewers=("direction", "dim"))


@pytest.mark.parametrize("path", sorted(BROKEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_a_broken_rule_is_refused_for_the_stated_reason(path):
    files = {"rules/a.yaml": SOUND, "rules/essai.yaml": path.read_text("utf-8")}
    rules, complaints = parse(files)
    assert rules is None, "all rules or none"
    told = "\n".join(map(str, complaints)) + "\n"
    assert told == path.with_suffix(".expected").read_text("utf-8")


def test_there_are_enough_broken_rules():
    assert len(list(BROKEN.glob("*.yaml"))) >= 40


def test_no_rule_at_all_is_an_error():
    rules, [complaint] = parse({})
    assert rules is None
    assert "no rule at all" in str(complaint)


def test_a_rule_says_all_that_design_promises():
    text = """
id: health/nir-external
title: Numéro de sécurité sociale vers l'extérieur
description: Un seul suffit.
status: experimental
source: décret n° 2019-341
false-positives: références de 15 chiffres
when:
  all:
    - recipient: external
    - finding: fr.nir
      likelihood: likely
      count: ">= 1"
then: encrypt
otherwise: reject
notify: [sender, officer]
mode: monitor
grave: yes
"""
    rules, complaints = parse({"a.yaml": text})
    assert complaints == []
    [rule] = rules.rules
    assert (rule.then, rule.otherwise) == (Disposition.ENCRYPT, Disposition.REJECT)
    assert rule.notify == ("sender", "officer")
    assert rules.grave("health/nir-external")
    assert not rule.enforced


def test_quarantine_is_what_happens_where_nothing_else_is_said():
    rules, _ = parse({"a.yaml": SOUND.replace("quarantine", "encrypt")})
    assert rules.rules[0].otherwise is Disposition.QUARANTINE


def test_a_rule_of_the_site_replaces_the_shipped_one():
    files = {
        "etc/rules/site/a.yaml": SOUND.replace("quarantine", "reject"),
        "etc/rules/health/a.yaml": SOUND,
    }
    rules, complaints = parse(files)
    assert complaints == []
    assert [rule.then for rule in rules.rules] == [Disposition.REJECT]
    assert rules.paths == {"health/essai-2": "etc/rules/site/a.yaml"}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("rules/a.yaml", "rules/b.yaml"),
        ("rules/site/a.yaml", "rules/site/b.yaml"),
        ("rules/site.yaml", "rules/b.yaml"),
    ],
)
def test_the_same_id_twice_elsewhere_is_an_error(one, other):
    rules, complaints = parse({one: SOUND, other: SOUND})
    assert rules is None
    assert [c.line for c in complaints] == [1]


def test_rules_stand_in_the_order_of_their_ids_whatever_their_files():
    files = {f"{n}.yaml": SOUND.replace("essai-2", name) for n, name in enumerate("cab")}
    rules, _ = parse(files)
    assert [rule.id for rule in rules.rules] == ["health/a", "health/b", "health/c"]


PIECES = (
    *("id: ", "a/b", "\n", "title: x\n", "when: ", "{", "}", "[", "]", "all", "not: ", "- ", "  "),
    *("recipient: ", "external", ", ", "finding: ", "fr.nir", "count: ", '">= 1"', "allow: true\n"),
    *("then: ", "reject\n", "&a ", "*a", "!!int ", "? ", "\t", "é", "'", "time: ", "days: "),
)


@given(st.lists(st.sampled_from(PIECES), max_size=30).map("".join))
def test_whatever_an_operator_writes_is_loaded_or_complained_of(text):
    rules, complaints = parse({"a.yaml": text})
    assert isinstance(rules, RuleSet) is (not complaints)
    for complaint in complaints:
        assert complaint.wrong
        assert complaint.remedy
        assert str(complaint).startswith("a.yaml")
