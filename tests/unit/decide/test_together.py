"""All or nothing within a message, and what a sender may ask for but never ease."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.rules import parse_rules
from gateway.decide.together import REASON, together
from gateway.model import Disposition, Verdict
from tests.makers import judged
from tests.unit.decide.test_engine import decide, rule

A, B, OURS = "a@mail.example", "b@mail.example", "c@chu.example"
BINDING = "together: true\notherwise: quarantine"


def orders(verdicts):
    return [(verdict.recipient, verdict.disposition.value) for verdict in verdicts]


def fits_a(mail, recipient):
    return recipient == A


def test_without_together_each_recipient_has_what_fits_him():
    found = decide(rule("a", "encrypt"), mail=judged.mail(A, B, OURS), fits=fits_a)
    assert orders(found) == [(A, "encrypt"), (B, "quarantine"), (OURS, "pass")]


def test_with_together_nobody_gets_it_where_one_cannot():
    found = decide(rule("a", "encrypt", more=BINDING), mail=judged.mail(A, B, OURS), fits=fits_a)
    assert orders(found) == [(A, "quarantine"), (B, "quarantine"), (OURS, "quarantine")]
    assert {verdict.rule for verdict in found} == {"a"}
    assert REASON in found[0].reasons
    assert REASON not in found[1].reasons


def test_with_together_all_get_it_where_all_can():
    found = decide(rule("a", "encrypt", more=BINDING), mail=judged.mail(A, B))
    assert orders(found) == [(A, "encrypt"), (B, "encrypt")]


def test_a_stricter_order_stays():
    strict = rule("b", "reject", when="{recipient: domain:mail.example}")
    binding = rule("a", "encrypt", more=BINDING)
    mail = judged.mail(A, "d@other.example", OURS)
    found = decide(binding, strict, mail=mail, fits=lambda mail, recipient: False)
    assert orders(found) == [(A, "reject"), ("d@other.example", "quarantine"), (OURS, "quarantine")]


def test_together_counts_whichever_of_two_rules_alike_is_named():
    found = decide(
        rule("a", "encrypt"),
        rule("b", "encrypt", more=BINDING),
        mail=judged.mail(A, B),
        fits=fits_a,
    )
    assert orders(found) == [(A, "quarantine"), (B, "quarantine")]


@pytest.mark.parametrize("then", ["quarantine", "reject", "pass"])
def test_together_is_about_encryption(then):
    _, complaints = parse_rules({"a.yaml": rule("a", then, more="together: true")}, kinds=())
    assert "together" in str(complaints[0])


VERDICTS = st.lists(
    st.builds(
        Verdict,
        st.sampled_from([A, B, OURS]),
        st.sampled_from(
            [Disposition(word) for word in ("pass", "encrypt", "quarantine", "reject")]
        ),
        together=st.booleans(),
    ),
    max_size=5,
)


@given(VERDICTS, VERDICTS)
def test_nobody_is_ever_better_off_and_nobody_is_forgotten(verdicts, lost):
    found = together(verdicts, lost)
    assert [one.recipient for one in found] == [one.recipient for one in verdicts]
    for before, after in zip(verdicts, found, strict=True):
        assert after.disposition.strictness >= before.disposition.strictness


ASKED = """id: asked/encrypt
title: Demandé
when: {any: [{header: Subject, contains: "[chiffrer]"}, {header: X-Ask, contains: "yes"}]}
then: encrypt
"""


@pytest.mark.parametrize("then", ["quarantine", "reject"])
def test_a_sender_who_asks_for_encryption_eases_nothing(then):
    content = b"From: a@chu.example\r\nSubject: [chiffrer]\r\nX-Ask: yes\r\n\r\nA\r\n"
    mail = judged.mail(A, content=content)
    assert orders(decide(ASKED, mail=mail)) == [(A, "encrypt")]
    assert orders(decide(ASKED, rule("z", then), mail=mail)) == [(A, then)]
