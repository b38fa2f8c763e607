"""Who may be written to in the MSSanté space, and what its mail never becomes."""

import pytest

from gateway.decide.engine import Judge
from gateway.decide.places import Domains, Places
from gateway.decide.rules import RuleSet, parse_rules
from gateway.decide.space import NO_ROUTE, NO_SENDER, UNLISTED, Space
from gateway.model import Disposition, Verdict
from tests.makers import judged

DOCTOR, PATIENT = "dr.test@medecin.mssante.fr", "279035121518989@patient.mssante.fr"
OUTSIDE = "copie@gmail.example"
OWN = {"agent@chu.example": "agent@chu.mssante.fr"}
LISTED = ("medecin.mssante.fr", "patient.mssante.fr")
PASS, REJECT, ENCRYPT, QUARANTINE = (
    Disposition.PASS,
    Disposition.REJECT,
    Disposition.ENCRYPT,
    Disposition.QUARANTINE,
)


def space(**other):
    settings = {
        "domains": Domains(["*.mssante.fr"]),
        "routed": Domains(["*.mssante.fr"]),
        "sender": lambda address: OWN.get(address, ""),
        "listed": lambda domain: domain in LISTED,
    }
    return Space(**settings | other)


def settled(mail, verdict=PASS, **other):
    [address] = mail.envelope.addresses
    return space(**other).settle(mail, Verdict(address, verdict, "a/rule"))


@pytest.mark.parametrize("to", [DOCTOR, PATIENT, DOCTOR.upper(), f"{DOCTOR}."])
def test_who_has_an_address_of_his_own_may_write_there(to):
    assert settled(judged.mail(to)).disposition is PASS


@pytest.mark.parametrize(
    ("mail", "other", "rule"),
    [
        (judged.mail(DOCTOR), {"routed": Domains([])}, NO_ROUTE),
        (judged.mail(DOCTOR, sender="autre@chu.example"), {}, NO_SENDER),
        (judged.mail(DOCTOR, sender=""), {}, NO_SENDER),
        (judged.mail("dr@inconnu.mssante.fr"), {}, UNLISTED),
        (judged.mail(f"{DOCTOR}.".replace("medecin", "inconnu")), {}, UNLISTED),
    ],
)
def test_else_he_is_refused_with_what_to_do(mail, other, rule):
    verdict = settled(mail, **other)
    assert (verdict.disposition, verdict.rule) == (REJECT, rule)
    assert verdict.reasons
    assert "Que faire" in space().advice(verdict)


def test_whoever_writes_from_the_space_needs_no_mapping():
    mail = judged.mail(DOCTOR, sender="service.cardio@ch-x.mssante.fr")
    assert settled(mail, sender=lambda address: "").disposition is PASS


def test_without_a_list_in_force_nothing_is_decided_and_the_mail_waits():
    known = space(listed=lambda domain: None)
    mail = judged.mail(DOCTOR)
    assert known.settle(mail, Verdict(DOCTOR, PASS)).disposition is PASS
    assert known.waits(DOCTOR)
    assert not space().waits(DOCTOR)


def test_what_rules_would_hold_is_refused_and_not_kept():
    verdict = settled(judged.mail(DOCTOR), QUARANTINE)
    assert (verdict.disposition, verdict.rule) == (REJECT, "a/rule")
    assert "retirez" in space().advice(verdict)
    assert settled(judged.mail(DOCTOR), QUARANTINE, keep_held=True).disposition is QUARANTINE


def test_what_loses_its_channel_later_is_not_kept_either():
    assert settled(judged.mail(DOCTOR), ENCRYPT).otherwise is REJECT
    assert settled(judged.mail(OUTSIDE), ENCRYPT).otherwise is QUARANTINE


@pytest.mark.parametrize("disposition", [PASS, ENCRYPT, QUARANTINE, REJECT])
def test_nobody_outside_is_concerned(disposition):
    verdict = settled(judged.mail(OUTSIDE, sender="autre@chu.example"), disposition)
    assert verdict == Verdict(OUTSIDE, disposition, "a/rule")
    assert space().advice(verdict) == ""


RULE = "id: a/rule\ntitle: Une règle\nwhen: {finding: fr.nir}\nthen: encrypt\n"


def rule_set(text):
    rules, complaints = parse_rules({"a.yaml": text}, kinds=("fr.nir",))
    assert not complaints, complaints
    return rules


def decided(rules, *to, fits=None, **other):
    mail = judged.mail(*to)
    judge = Judge(rules, Places(("chu.example",)), fits, space(**other))
    verdicts = judge.decide(mail, judged.seen(judged.finding()))
    return {one.recipient: one.disposition for one in verdicts}


def test_inside_and_outside_of_one_message_are_judged_apart():
    assert decided(rule_set(RULE), DOCTOR, OUTSIDE) == {DOCTOR: REJECT, OUTSIDE: QUARANTINE}
    assert decided(rule_set(RULE), DOCTOR, OUTSIDE, fits=lambda mail, to: to == DOCTOR) == {
        DOCTOR: ENCRYPT,
        OUTSIDE: QUARANTINE,
    }


def test_mail_that_no_rule_looks_at_is_judged_too():
    none = RuleSet(())
    assert decided(none, DOCTOR, OUTSIDE) == {DOCTOR: PASS, OUTSIDE: PASS}
    refused = decided(none, DOCTOR, OUTSIDE, routed=Domains([]))
    assert refused == {DOCTOR: REJECT, OUTSIDE: PASS}


def test_what_is_held_with_the_others_is_not_kept_for_who_is_of_the_space():
    together = rule_set(RULE + "together: true\n")
    found = decided(together, DOCTOR, OUTSIDE, fits=lambda mail, to: to == DOCTOR)
    assert found == {DOCTOR: REJECT, OUTSIDE: QUARANTINE}
