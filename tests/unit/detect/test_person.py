from random import Random

import pytest

from gateway.detect import person
from gateway.detect.fold import fold
from gateway.model import Likelihood
from tests.makers import persons

POSSIBLE, LIKELY, VERY_LIKELY = Likelihood


def found(text):
    return [(match.value, match.likelihood) for match in person.find(fold(text))]


@pytest.mark.parametrize(
    ("text", "value", "sure"),
    [
        ("Bonjour Mme TEST, votre rendez-vous", "test", LIKELY),
        ("IRM de M. TEST-UN, né le 03/02/1961", "test-un", VERY_LIKELY),
        ("Madame Anne Testeur", "anne testeur", VERY_LIKELY),
        ("Mme TESTEUR-MINISTRE Anne, née le 14/09/1985", "anne testeur-ministre", VERY_LIKELY),
        ("MONSIEUR TEST PAUL NE LE 14/09/1985", "paul test", VERY_LIKELY),
        ("bonjour madame martin, merci", "martin", LIKELY),
        ("mon patient M. TEST va mieux", "test", LIKELY),
        ("patiente TEST Anne", "anne test", LIKELY),
        ("l'assuré Jean TEST", "jean test", LIKELY),
        ("Nom : TEST\r\nPrénom : Zorba", "test zorba", VERY_LIKELY),
        ("Zorba Testeux, né le 3/2/1961", "testeux zorba", VERY_LIKELY),
        ("TEST Anne 14/09/1985", "anne test", VERY_LIKELY),
        ("Les résultats de Jean DUPONT", "dupont jean", LIKELY),
        ("Les résultats de Marie Martin", "marie martin", LIKELY),
        ("Les résultats de DURAND Paul", "durand paul", LIKELY),
        ("Les résultats de Paul Testeur", "paul testeur", POSSIBLE),
        ("M. Jean-Pierre O'Connor", "jean-pierre o'connor", VERY_LIKELY),
        ("M.\u00a0TEST", "test", LIKELY),
        ("MME TESTEUR ANNE", "anne testeur", VERY_LIKELY),
        ("CR DUPONT Jean 2024", "dupont jean", LIKELY),
        ("le RIB de Jean Dupont (CPAM 44) : FR76", "dupont jean", LIKELY),
        ("Compte FR76, Jean Dupont (titulaire)", "dupont jean", LIKELY),
        ("Dossier de Jean Dupont (CPAM 44)", "dupont jean", POSSIBLE),
        ("Dossier Dupont Jean", "dupont jean", LIKELY),
        ("M Dupont Jean", "dupont jean", VERY_LIKELY),
        ("Melle DURAND", "durand", LIKELY),
        ("concernant Mme D. Martin", "martin", LIKELY),
        ("J. Dupont, né le 12/03/1960", "dupont", VERY_LIKELY),
        ("monsieur jean dupont", "dupont jean", VERY_LIKELY),
        ("Nom DUPONT Prénom Anne", "anne dupont", VERY_LIKELY),
        ("nom: testeur  prenom: zorba", "testeur zorba", VERY_LIKELY),
        ("Prénom : Zorba\nNom : TESTEUR", "testeur zorba", VERY_LIKELY),
        ("Nom et prénom : TESTEUR Zorba", "testeur zorba", VERY_LIKELY),
        ("Nom/Prénom : TESTEUR Zorba", "testeur zorba", VERY_LIKELY),
        ("Patient(e) : Testeur Zorba", "testeur zorba", LIKELY),
        ("Identité : TESTEUR Zorba", "testeur zorba", LIKELY),
        ("Mme MARTIN née DURAND", "martin", LIKELY),
        ("Mme MARTIN née DURAND Sophie", "martin sophie", LIKELY),
        ("Sophie MARTIN, épouse DURAND,", "martin sophie", LIKELY),
        ("Mme Vve DUPONT", "dupont", LIKELY),
        ("Melle. DURAND", "durand", LIKELY),
        ("M.DUPONT", "dupont", LIKELY),
        ("jean-pierre martin né le 12/04/1956", "jean-pierre martin", VERY_LIKELY),
        ("Dupont-Durand Marie-Claude", "dupont-durand marie-claude", LIKELY),
        ("Paul Testeur, 45 ans", "paul testeur", LIKELY),
    ],
)
def test_finds(text, value, sure):
    assert found(text) == [(value, sure)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Madame la Directrice, Monsieur le Maire, Madame, Monsieur,", "functions"),
        ("le Dr Jean DUPONT, le Pr Marie Martin, Me Paul Durand", "professionals"),
        ("hôpital Robert Debré, rue Pierre Martin, lycée Jean Moulin", "places"),
        ("Merci de livrer 40 boîtes. Pharmacie, Rémi BESSON", "who signs for a service"),
        ("Martin, Petit et Grand, Durand", "surnames alone"),
        ("le patient est venu, patient COVID, patients DMP", "no name follows"),
        ("France Travail, Mai 2024, Paris Martin", "no first names"),
        ("Monsieur, votre dossier", "no name follows"),
        ("taille M. large, 5 M. d'euros", "not a civility"),
        ("M. X et Mme Y", "nobody in particular"),
        ("une planche de 5 m Dupont et fils", "metres"),
        ("Centre Hospitalier Robert Boulin", "a letterhead"),
        ("au nom de la CPAM, un prénom", "no field of a form"),
        ("150 € par bénéficiaire\nCure thermale\n8 % par enfant\nChambre seule", "other lines"),
        ("M. avium intracellulare, M. Kansasii", "a mycobacterium"),
    ],
)
def test_leaves_alone(text, why):
    assert found(text) == [], why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Cordialement,\nAnne Martin\n01 99 00 12 34", "a signature"),
        ("Madame Marie Durand, directrice adjointe", "somebody's function"),
        ("M. Paul Martin, responsable des achats", "somebody's function"),
        ("Texte.\n-- \nAnne Martin\nCPAM de Testville", "a signature"),
        ("Affaire suivie par : Anne MARTIN", "who works on it"),
        ("Votre conseillère : Mme Anne MARTIN", "who works on it"),
        ("De : Anne MARTIN", "who wrote what is forwarded"),
        ("La directrice, Anne MARTIN", "somebody's function"),
        ("Pouvez-vous rappeler ?\nMerci d'avance,\nAnne MARTIN\nTél. 01", "a signature"),
        ("Bon week-end\nAnne MARTIN", "a signature"),
        ("Merci d'en tenir compte.\nAnne MARTIN\nPharmacie de la Halle", "a signature"),
        ("Facture Paul MARTIN SARL", "a firm"),
        ("Paul Martin et fils", "a firm"),
    ],
)
def test_is_only_possible_when(text, why):
    assert [sure for _, sure in found(text)] == [POSSIBLE], why


@pytest.mark.parametrize(
    "text",
    [
        "Merci de convoquer Mme Anne MARTIN",
        "Merci,\nAnne MARTIN a été vue ce jour.",
        "bises à Anne MARTIN",
        "À revoir.\nAnne MARTIN\nchambre 12",
        "À revoir :\nAnne MARTIN\nCabinet du lundi",
    ],
)
def test_thanks_are_no_signature_where_the_name_is_not_alone_below(text):
    assert [sure > POSSIBLE for _, sure in found(text)] == [True]


def test_the_same_person_counts_once_however_the_name_is_turned():
    values = {value for value, _ in found("Jean DUPONT, DUPONT Jean ; M. Jean Dupont.")}
    assert values == {"dupont jean"}


def test_a_name_ends_with_its_line():
    assert [value for value, _ in found("M. TEST\nObjet : visite\nMme DURAND\nRue")] == [
        "test",
        "durand",
    ]


def test_finds_whoever_is_made():
    rng = Random(9)
    for _ in range(200):
        one = persons.person(rng)
        [(_, sure)] = found(f"{one.civility} {one.last} {one.first}, {one.born_on}")
        assert sure is VERY_LIKELY


def test_its_mask_is_initials():
    assert person.mask("anne testeur-ministre") == "A. T."


def test_a_doctor_who_is_written_to_does_not_bear_the_name_that_follows():
    assert found("Docteur, maman (André LECOMTE) a de la fièvre")
    assert not found("cabinet du docteur André LECOMTE")
    assert found("Vous pouvez me demander. André LECOMTE va bien")
    assert not found("Cabinet de Me André LECOMTE")


def test_a_place_asked_for_somebody_is_no_street():
    assert [sure for _, sure in found("une place pour André LECOMTE, place André LECOMTE")] == [
        LIKELY
    ]
