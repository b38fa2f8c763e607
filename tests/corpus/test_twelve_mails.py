"""Realistic mails through the shipped rules: what must be stopped, and what looks like it.

As far as content decides: who the recipient is, is said by the rules of the site. Nothing has a
channel here, so what would leave encrypted is held.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pytest

from gateway import inspection
from gateway.config import SHIPPED_RULES
from gateway.decide.conditions import distinct
from gateway.decide.engine import Judge
from gateway.decide.places import Domains, Partner, Places
from gateway.decide.rules import RuleSet
from gateway.decide.space import Space
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Coverage, Disposition, Inspection, Trouble
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
    "1, its number read from a scan": (lambda: twelve.record(misread=True), "health/nir-external"),
    "1, quoted in an answer": (lambda: twelve.record(quoted=True), "health/nir-external"),
    "2, télétransmission": (twelve.transmission, "health/nir-bulk"),
    "2, a lot as programs write it": (twelve.lot, "formats/transmission"),
    "2, its numbers, glued to others": (twelve.lot, "health/nir-bulk"),
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
    "10, an exchange between professionals": (twelve.exchange, "formats/xdm"),
    "4, without names": (twelve.anonymised, "bulk/table-pseudonymous"),
    "11, without what is medical": (
        lambda: twelve.sick_leaves(medical=False),
        "health/nir-external",
    ),
    "11, with what is medical": (
        lambda: twelve.sick_leaves(medical=True),
        "health/nir-external",
    ),
}


PASSED = {
    "3, nine of them": lambda: twelve.training(9),
    "6, an invoice": twelve.invoice,
    "6, with its bank's code": lambda: twelve.invoice(bank=True),
    "4, numbers of cases": twelve.statistics,
    "7, numbers of orders": twelve.order,
    "7, one whose key is right": twelve.order_with_a_right_key,
    "12, a vendor's sample": twelve.vendors_sample,
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


def test_a_sealed_lot_passes_to_the_declared_gateway_and_waits_for_anybody_else():
    content = twelve.lot(sealed=True)
    mail = judged.mail("flux@caisse.example", "tiers@mail.example", content=content)
    judge = Judge(RULES, replace(PLACES, partners={"caisse": Partner(("caisse.example",))}), None)
    verdicts = {one.recipient: one.disposition for one in judge.decide(mail, seen(content))}
    assert verdicts == {
        "flux@caisse.example": Disposition.PASS,
        "tiers@mail.example": Disposition.QUARANTINE,
    }


def test_a_lot_in_clear_waits_even_for_the_declared_gateway():
    judge = Judge(RULES, replace(PLACES, partners={"caisse": Partner(("caisse.example",))}), None)
    assert disposition(twelve.lot(), judge, to="flux@caisse.example") is Disposition.QUARANTINE


IMAGES = {
    "5, images": (twelve.images, "formats/dicom"),
    "5, anonymised": (lambda: twelve.images(anonymised=True), "formats/dicom-anonymised"),
}


@pytest.mark.parametrize("name", IMAGES)
def test_images_wait_for_somebody_to_look_at_them(name):
    """Their headers are read, the images are not: nobody says that they were read whole."""
    made, rule = IMAGES[name]
    content = made()
    assert disposition(content) is Disposition.QUARANTINE
    assert disposition(content, ALONE[rule]) is Disposition.QUARANTINE
    assert {problem.kind for problem in seen(content).problems} == {Trouble.NO_TEXT}


def test_a_disc_of_images_is_one_patient():
    found = [f for f in seen(twelve.images()).findings if f.kind == "health.dicom"]
    assert len(found) == 121
    assert distinct(found) == 1


def test_an_exchange_passes_by_the_secure_mail_and_its_copy_elsewhere_does_not():
    content = twelve.exchange()
    mail = judged.mail("dr.test@medecin.mssante.fr", "copie@gmail.example", content=content)
    routed = Domains(["*.mssante.fr"])
    places = replace(PLACES, mssante=("*.mssante.fr",))
    for own, becomes in (("service@ch-x.mssante.fr", Disposition.PASS), ("", Disposition.REJECT)):
        space = Space(routed, routed, lambda sender, own=own: own)
        judge = Judge(RULES, places, None, space)
        verdicts = {one.recipient: one.disposition for one in judge.decide(mail, seen(content))}
        assert verdicts == {
            "dr.test@medecin.mssante.fr": becomes,
            "copie@gmail.example": Disposition.QUARANTINE,
        }
