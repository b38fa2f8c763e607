"""Of whom a text says something of health; tests/corpus/test_clinical.py has the shares."""

from __future__ import annotations

import pytest

from gateway.detect import health_person
from gateway.detect.fold import fold
from gateway.model import Likelihood


def found(text: str) -> dict[str, Likelihood]:
    return {match.value: match.likelihood for match in health_person.find(fold(text))}


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("M. Henry, prothèse totale de hanche G à 8h", "henry"),
        ("Mme Dupont refuse son traitement depuis hier, propos délirants", "dupont"),
        ("Concernant M. Dupont : pas de diabète, pas d'HTA", "dupont"),  # negation counts
        ("Mme Dupont : sa mère avait un cancer du sein", "dupont"),  # so does the family
        ("Bonjour Mme Dupont, vos analyses montrent une hépatite C", "dupont"),
        (
            "le maire M. Dupont est suivi chez nous pour un myélome, il commence le Velcade",
            "dupont",
        ),
        ("Le dossier de M. Dupont. Il est sous méthadone depuis mars.", "dupont"),
        ("mme dupont vih+ mettre double gants ce matin", "dupont"),
    ],
)
def test_something_is_said_of_the_health_of(text, who):
    assert found(text).get(who, 0) >= Likelihood.LIKELY


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Le Dr Anne Dupont, opérée du genou gauche", "doctors are named for their work"),
        ("Cordialement,\nMme Dupont, service d'oncologie", "a signature"),
        ("atelier sur le diabète animé par Mme Dupont", "who gives it"),
        ("Mme Dupont, psychologue, parlera de la dépression", "a profession"),
        ("Bonjour M. Dupont, merci de livrer les fauteuils roulants", "who is written to"),
        ("M. Dupont, l'opération est programmée lundi", "a word that says nothing alone"),
        ("Recrutement : M. Dupont reçoit les candidats infirmiers en psychiatrie", "a job"),
    ],
)
def test_nothing_is_said_of_the_health_of(text, why):
    assert not [sure for sure in found(text).values() if sure >= Likelihood.LIKELY], why


def test_one_whom_the_text_does_not_name_is_only_possible():
    text = "Patiente fébrile à 38,9 cette nuit, toujours sous Augmentin, souffre beaucoup"
    assert set(found(text).values()) == {Likelihood.POSSIBLE}


def test_what_stands_in_another_field_of_the_mail_is_not_said_of_the_person():
    apart = " " + "¤" * 40 + " "
    assert found("M. Dupont est là" + apart + "chimiothérapie, cancer du sein, sous morphine") == {}


def test_the_mask_tells_initials():
    assert health_person.mask("anne dupont") == "santé de A. D."
