"""The tests of rules are themselves able to fail."""

from __future__ import annotations

from datetime import datetime

import pytest

from gateway.decide.marked import load
from gateway.decide.rule_tests import Cases, run_cases, warnings
from gateway.decide.rules import parse_rules
from gateway.decide.samples import NAMES, sample
from gateway.model import Inspection
from tests.makers import judged

RULE = """
id: a
title: Essai
when: {all: [{recipient: external}, {finding: fr.nir}]}
then: encrypt
"""
CASES = """
- case: un numéro part
  to: [x@mail.example]
  text: "n° {nir}"
  expect: {x@mail.example: encrypt}
- case: rien ne part
  to: [x@mail.example, y@chu.example]
  text: rien
  expect: {x@mail.example: pass, y@chu.example: pass}
"""


def inspect(content: bytes) -> Inspection:
    """Finds the first sample alone."""
    return judged.seen(judged.finding()) if sample("nir", 1).encode() in content else judged.seen()


def run(cases=CASES, **files):
    files = {f"{name}.yaml": text for name, text in files.items()} or {"a.yaml": RULE}
    rules, complaints = parse_rules(files, kinds=("fr.nir",))
    assert not complaints, "\n".join(map(str, complaints))
    found, complaints = load("a.test.yaml", cases, Cases)
    assert not complaints, "\n".join(map(str, complaints))
    return list(run_cases(rules, {"a.test.yaml": found.root}, inspect))


def test_cases_that_hold_pass():
    results = run()
    assert len(results) == 3
    assert all(result.passed for result in results)


def test_a_case_that_does_not_hold_fails():
    results = run(CASES.replace("{nir}", "{not-nir}"))
    assert [result.passed for result in results] == [False, True, True]


def test_only_the_rule_beside_the_case_judges_it():
    other = "id: b\ntitle: B\nwhen: {recipient: external}\nthen: reject\n"
    assert all(result.passed for result in run(a=RULE, b=other))


def test_a_rule_in_monitor_mode_is_tested_as_if_enforced():
    assert all(result.passed for result in run(a=RULE + "mode: monitor\n"))


def test_an_exception_is_tested_with_what_it_overrides():
    exception = (
        "id: a\ntitle: A\nwhen: {recipient: 'domain:mail.example'}\nallow: true\noverrides: [b]\n"
        "owner: DPO\nuntil: 2026-12-31\n"
    )
    cases = """
- case: accordée
  to: [x@mail.example, x@other.example]
  text: "{nir}"
  expect: {x@mail.example: pass, x@other.example: encrypt}
- case: finie
  to: [x@mail.example]
  text: "{nir}"
  at: 2027-01-01 08:00
  expect: {x@mail.example: encrypt}
"""
    results = run(cases, a=exception, b=RULE.replace("id: a", "id: b"))
    assert len(results) == 3
    assert all(result.passed for result in results)


def test_a_case_may_say_that_no_channel_fits():
    [result, *_] = run(
        CASES.replace(
            "expect: {x@mail.example: encrypt}",
            """channel: false
  expect: {x@mail.example: quarantine}""",
        )
    )
    assert result.passed


def test_tests_of_a_replaced_rule_are_not_run():
    rules, _ = parse_rules({"a.yaml": RULE, "site/a.yaml": RULE}, kinds=("fr.nir",))
    found, _ = load("a.test.yaml", CASES, Cases)
    assert list(run_cases(rules, {"a.test.yaml": found.root}, inspect)) == []


@pytest.mark.parametrize(
    ("old", "new", "wrong"),
    [
        ("{nir}", "{nri}", 'unknown placeholder "nri"'),
        ("encrypt}", "encypt}", 'unknown value "encypt"'),
        ("expect: {x@", "expect: {z@", "nothing is expected for x@mail.example"),
        ("to: [x@mail.example]", "to: []", "nothing is named here"),
        ("text: rien", "txt: rien", 'unknown key "txt"'),
    ],
)
def test_a_broken_case_is_refused(old, new, wrong):
    found, [complaint, *_] = load("a.test.yaml", CASES.replace(old, new, 1), Cases)
    assert found is None
    assert complaint.wrong == wrong


@pytest.mark.parametrize(
    ("cases", "more", "told"),
    [
        ("", "", "a.yaml: no test; write a.test.yaml"),
        (CASES.split("- case: rien")[0], "", "a.yaml: no case that passes"),
        ("- case" + CASES.split("- case")[2], "", "a.yaml: no case that triggers"),
        (CASES, "mode: monitor\n", "no rule is enforced: nothing is ever stopped"),
    ],
)
def test_rules_check_warns(cases, more, told):
    rules, _ = parse_rules({"a.yaml": RULE + more}, kinds=("fr.nir",))
    tests = {"a.test.yaml": load("a.test.yaml", cases, Cases)[0].root} if cases else {}
    assert warnings(rules, tests, datetime(2026, 1, 1)) == [told]


def test_rules_check_warns_of_nothing_when_all_is_well():
    rules, _ = parse_rules({"a.yaml": RULE}, kinds=("fr.nir",))
    tests = {"a.test.yaml": load("a.test.yaml", CASES, Cases)[0].root}
    assert warnings(rules, tests, datetime(2026, 1, 1)) == []


@pytest.mark.parametrize("name", NAMES)
def test_samples_differ_by_number_and_never_by_chance(name):
    several = [sample(name, number) for number in range(1, 50)]
    assert len(set(several)) == 49
    assert several == [sample(name, number) for number in range(1, 50)]


@pytest.mark.parametrize("number", range(1, 30))
def test_samples_have_the_check_digits_they_say(number):
    def nir_is_right(written):
        digits = written.replace(" ", "")
        return 97 - int(digits[:13]) % 97 == int(digits[13:])

    def iban_is_right(written):
        digits = written.replace(" ", "")
        turned = digits[4:] + digits[:4]
        return int("".join(str(int(c, 36)) for c in turned)) % 97 == 1

    assert nir_is_right(sample("nir", number))
    assert not nir_is_right(sample("not-nir", number))
    assert iban_is_right(sample("iban", number))
    assert not iban_is_right(sample("not-iban", number))


ALIKE = """
id: a
title: Essai
when: {all: [{recipient: lookalike}, {finding: fr.nir}]}
then: quarantine
"""


def test_a_case_states_who_writes_to_whom():
    cases = """
- case: une adresse qui ressemble à une autre
  to: [x@mail.example, y@mail.example]
  text: "n° {nir}"
  known: {x@mail.example: {met: false, alike: [{address: x@mail.fr, how: ending}]}}
  expect: {x@mail.example: quarantine, y@mail.example: pass}
- case: rien n'en est su
  to: [x@mail.example]
  text: "n° {nir}"
  expect: {x@mail.example: pass}
"""
    results = run(cases, a=ALIKE)
    assert [result.passed for result in results] == [True, True, True]


@pytest.mark.parametrize(
    ("known", "complaint"),
    [
        ("{z@mail.example: {met: false}}", "z@mail.example is no recipient"),
        ("{x@mail.example: {mett: false}}", "mett"),
        ("{x@mail.example: {alike: [{how: lettre}]}}", 'unknown likeness "lettre"'),
    ],
)
def test_what_a_case_states_wrongly_is_refused(known, complaint):
    cases = (
        f"- case: c\n  to: [x@mail.example]\n  known: {known}\n  expect: {{x@mail.example: pass}}\n"
    )
    _, complaints = load("a.test.yaml", cases, Cases)
    assert complaint in "\n".join(map(str, complaints))
