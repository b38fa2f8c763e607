import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text

BODY, FROM = Place("1"), Place("", "header From")


def persons(*texts):
    found, _ = search([Text(place, text, medium) for place, text, medium in texts])
    return [(hit.value, hit.place) for hit in found if hit.kind == "person"]


def body(text):
    return BODY, text, Medium.BODY


def test_three_ways_to_name_somebody_are_one_person():
    text = "M. Jean DUPONT est sorti.\nDUPONT Jean va bien.\nMonsieur Dupont reviendra."
    assert persons(body(text)) == [("dupont jean", BODY)]


def test_two_surnames_are_two_persons():
    text = "M. Jean DUPONT est sorti. Madame Durand aussi."
    assert {value for value, _ in persons(body(text))} == {"dupont jean", "durand"}


def test_a_surname_in_the_body_is_whoever_the_subject_names():
    subject = Place("", "header Subject"), "Dossier Jean DUPONT", Medium.HEADER
    found = persons(subject, body("Monsieur Dupont est sorti."))
    assert {value for value, _ in found} == {"dupont jean"}


def test_what_is_near_one_name_of_a_person_is_near_the_person():
    text = "M. Jean DUPONT est venu." + " Il fait beau." * 60 + " Monsieur Dupont a le VIH."
    found, _ = search([Text(BODY, text, Medium.BODY)])
    [hit] = [hit for hit in found if hit.kind == "person"]
    assert hit.near == ("health.person", "health.terms")


def sureness(text, sender="Anne MARTIN <anne.martin@ch.example>"):
    found, _ = search([Text(FROM, sender, Medium.HEADER), Text(BODY, text, Medium.BODY)])
    return [hit.likelihood for hit in found if hit.kind == "person" and hit.place == BODY]


def test_the_name_of_the_sender_is_a_signature():
    assert sureness("Le VIH en 2026\n\nAnne MARTIN\nService d'infectiologie") == [
        Likelihood.POSSIBLE
    ]
    assert sureness("Le VIH en 2026\n\nClaire DURAND\nInfectiologie") == [Likelihood.LIKELY]


@pytest.mark.parametrize(
    ("sender", "sure"),
    [
        ("anne.martin@ch.example", Likelihood.POSSIBLE),
        ("anne_martin@ch.example", Likelihood.POSSIBLE),
        ('"Service" <martin.anne@ch.example>', Likelihood.POSSIBLE),
        ("secretariat@ch.example", Likelihood.LIKELY),
        ("joanne.martin@ch.example", Likelihood.LIKELY),
    ],
)
def test_so_it_is_where_only_the_address_names_the_sender(sender, sure):
    assert sureness("Le VIH en 2026\n\nAnne MARTIN\nInfectiologie", sender) == [sure]


def test_the_sender_as_a_patient_is_one():
    text = "Résultats de Mme Anne MARTIN, née le 14/09/1985"
    assert sureness(text) == [Likelihood.VERY_LIKELY]
