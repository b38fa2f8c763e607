"""Papers known by their titles and fields, each family of lexicons/documents.txt."""

from __future__ import annotations

import pytest

from gateway.detect import health_document
from gateway.detect.fold import fold
from gateway.detect.lexicon import documents
from gateway.model import Likelihood

TITLES = {c.name.partition(":")[2]: t.decode("latin-1") for t, c in documents() if c.weight}
FIELDS: dict[str, dict[str, str]] = {}
for _term, _concept in documents():
    if not _concept.weight:
        FIELDS.setdefault(_concept.name.split(":")[1], {})[_concept.name] = _term.decode("latin-1")


def found(text: str) -> dict[str, Likelihood]:
    best: dict[str, Likelihood] = {}
    for match in health_document.find(fold(text)):
        best[match.value] = max(match.likelihood, best.get(match.value, match.likelihood))
    return best


@pytest.mark.parametrize("family", FIELDS)
def test_a_title_and_three_fields_are_the_paper_for_sure(family):
    fields = list(FIELDS[family].values())[:4]
    text = "\n".join((TITLES[family], *fields))
    assert found(text)[family] is Likelihood.VERY_LIKELY


@pytest.mark.parametrize("family", FIELDS)
def test_a_title_alone_is_only_possible(family):
    assert found(f"voir {TITLES[family]}").get(family) is Likelihood.POSSIBLE


@pytest.mark.parametrize("family", FIELDS)
def test_one_field_alone_is_nothing(family):
    for field in FIELDS[family].values():
        assert found(f"voir {field} ici").get(family, Likelihood.POSSIBLE) is Likelihood.POSSIBLE


def test_a_letter_that_names_a_paper_and_its_sender_is_not_the_paper():
    card = """Votre nouvelle carte Vitale

    Madame, votre demande de carte Vitale est enregistrée. Joignez la copie recto verso de votre
    pièce d'identité. Votre caisse d'assurance maladie"""
    assert found(card) == {"carte vitale": Likelihood.POSSIBLE}
    benefit = """Votre prime d'activité est calculée sur votre déclaration trimestrielle de
    ressources, la complétez-vous ? Votre CAF"""
    assert found(benefit) == {"allocations": Likelihood.POSSIBLE}


def test_a_card_is_known_by_what_stands_on_it():
    text = "VITALE\ncarte d'assurance maladie\nAnne DUPONT\némise le 01/02/2020"
    assert found(text)["carte vitale"] is Likelihood.LIKELY


def test_a_misspelt_title_is_read():
    text = "Télétransmition du 06/06 : lot FSE, ARL, tiers payant, part AMO"
    assert found(text)["télétransmission"] is Likelihood.VERY_LIKELY


def test_four_results_are_a_laboratory_s_report_and_three_are_not():
    lines = ["CRP 86 mg/L", "TSH 6,8 mUI/L", "Ferritine 9 ng/mL", "Urée 12,1 mmol/L"]
    assert found("\n".join(lines)) == {"biologie": Likelihood.VERY_LIKELY}
    assert found("\n".join(lines[:3])).get("biologie", Likelihood.POSSIBLE) < Likelihood.LIKELY


def test_a_course_on_the_paper_is_not_the_paper():
    text = "éléments d'ordre médical, sorties autorisées, prolongation"
    assert found(text)["arrêt de travail"] is Likelihood.LIKELY
    assert found(f"formation, session du 12 : {text}").get("arrêt de travail") is None


def test_fields_of_two_fields_of_the_mail_are_not_added_up():
    text = "sorties autorisées, prolongation " + "¤" * 40 + " éléments d'ordre médical"
    assert found(text) == {}


def test_the_mask_names_the_family_alone():
    assert health_document.mask("ordonnance") == "papier : ordonnance"
