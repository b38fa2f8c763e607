"""The shipped rules load, say who they are, and do on real bytes what the tests beside them say."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from gateway import inspection, rulebook
from gateway.config import SHIPPED_RULES
from gateway.decide.engine import Judge
from gateway.decide.marked import load
from gateway.decide.places import Places
from gateway.decide.rule_tests import OURS, Cases, mail_of, run_cases, warnings
from gateway.detect import search
from gateway.model import DEFAULT_LIMITS, Inspection
from gateway.rulebook import read_rules

KEY = b"k" * 32
RULES = read_rules([SHIPPED_RULES], search.kinds())
CASES = rulebook.tests_of([SHIPPED_RULES])


def inspect(content: bytes) -> Inspection:
    return inspection.conclude(inspection.read(content, DEFAULT_LIMITS), KEY)


@pytest.mark.parametrize("path", sorted(CASES), ids=lambda path: Path(path).name)
def test_the_cases_beside_a_rule_hold(path):
    results = list(run_cases(RULES, {path: CASES[path]}, inspect))
    assert results
    assert [str(result) for result in results if not result.passed] == []


def test_every_rule_has_a_case_that_triggers_and_one_that_does_not():
    assert warnings(RULES, CASES, datetime(2026, 1, 1)) == []


@pytest.mark.parametrize("rule", RULES.rules, ids=lambda rule: rule.id)
def test_a_rule_stands_where_its_id_says_and_is_told_in_french(rule):
    assert RULES.paths[rule.id] == str(SHIPPED_RULES / f"{rule.id}.yaml")
    assert rule.title[0].isupper()
    assert not rule.title.endswith(".")
    assert rule.description
    assert not rule.allow, "an exception is the customer's business"


# DESIGN §1 and the realistic mails of the domain study: what the whole set decides, no channel.
MAILS = """
- case: S1, la fiche d'une personne à une mauvaise adresse
  to: [j.durand@webmail.example]
  subject: fiche demandée
  attachments:
    - name: fiche.txt
      text: "FICHE ASSURÉ\\n{person}, NIR {nir}\\nMédecin traitant Dr X, ALD OUI"
  expect: {j.durand@webmail.example: quarantine}
- case: S2, un relevé d'identité bancaire de patients
  to: [facturation@webmail.example]
  text: "{person:1}, IBAN {iban:1}\\n{person:2}, IBAN {iban:2}"
  expect: {facturation@webmail.example: quarantine}
- case: 6, facture avec le compte de l'organisme
  to: [achats@fournisseur.example]
  text: |
    Facture F2024-0312, SIRET 99999999800019, TVA FR11999999998, total 1 234,56 €.
    Règlement par virement : IBAN {iban}
  expect: {achats@fournisseur.example: pass}
- case: 7, numéros de commande
  to: [ventes@fournisseur.example]
  text: "Commande n° 185057599999723, colis 1751234567890, CIP 3400930000120, EAN 3010512345678"
  expect: {ventes@fournisseur.example: pass}
- case: 8, lettre d'information
  to: [abonnes@liste.example]
  text: |
    Mars bleu : dépistage du cancer colorectal, parlez-en à votre médecin.
    VIH, IVG, addictions : où consulter ? Numéro gratuit.
  expect: {abonnes@liste.example: pass}
- case: 9, rendez-vous qui dit la spécialité
  to: [patiente@webmail.example]
  text: |
    Bonjour Mme TEST Anne,
    votre rendez-vous de psychiatrie au CMP est confirmé le 12/03 à 14 h.
  expect: {patiente@webmail.example: quarantine}
- case: 12, droit
  to: [avocat@cabinet.example]
  text: "Maître, ordonnance du juge, prescription quinquennale, mise en examen, greffe du tribunal."
  expect: {avocat@cabinet.example: pass}
- case: 12, informatique
  to: [support@editeur.example]
  text: "Bonjour Paul, virus en quarantaine, traitement des données, injection SQL, clé RSA, DLP."
  expect: {support@editeur.example: pass}
- case: 12, travaux
  to: [chantier@btp.example]
  text: "Monsieur Martin, le diagnostic immobilier et la dose de béton sont prévus lundi."
  expect: {chantier@btp.example: pass}
- case: 12, don du sang
  to: [presse@journal.example]
  text: "Donneurs O- recherchés ce samedi à la mairie."
  expect: {presse@journal.example: pass}
- case: courrier ordinaire signé
  to: [partenaire@mail.example]
  text: |
    Bonjour Madame Martin,
    la réunion de lundi est confirmée à 14 h, salle B.
    Jean Dupont, direction des achats, tél. 02 99 99 99 99, FINESS 999999999
  expect: {partenaire@mail.example: pass}
"""


def _mails():
    found, complaints = load("mails.yaml", MAILS, Cases)
    assert not complaints, "\n".join(map(str, complaints))
    return found.root


@pytest.mark.parametrize("case", _mails(), ids=lambda case: case.case)
def test_the_whole_set_decides_realistic_mails(case):
    mail = mail_of(case)
    judge = Judge(RULES, Places(domains=(OURS,)), None)
    verdicts = judge.decide(mail, inspect(mail.content))
    assert {v.recipient: v.disposition for v in verdicts} == case.expect, verdicts
