from random import Random

import pytest

from gateway.detect import labels, search
from gateway.detect.search import search as search_in
from gateway.model import Likelihood, Medium, Place, Table, Text
from tests.makers import persons

PLACE = Place("1", "sheet Base")
POSSIBLE, LIKELY, VERY_LIKELY = Likelihood

CAF = ("matricule", "nom", "prénom", "date_naiss", "adresse", "cp", "revenus_foyer", "prest_type")
CAF_ROWS = (
    ("1234567", "TESTEUR", "Anne", "14/09/1985", "3 rue Fictive", "33000", "1450,20", "APL"),
    ("1234568", "FICTIF", "Jean", "1/2/1950", "4 rue Fictive", "33100", "450", "RSA"),
    ("1234569", "DUPONT", "Marie", "1/2/1999", "5 rue Fictive", "33200", "0", "AAH"),
)


def hits(header, *rows):
    found, problems = search_in([Table(PLACE, tuple(header), rows)])
    assert not problems
    return found


def rows_of_persons(found):
    return [(hit.likelihood, hit.near) for hit in found if hit.kind == "table.persons"]


def only(*columns):
    return tuple(tuple(row[i] for i in columns) for row in CAF_ROWS)


def test_beneficiaries_without_any_number_are_persons_and_their_income_is_told():
    found = rows_of_persons(hits(CAF, *CAF_ROWS))
    assert [sure for sure, _ in found] == [VERY_LIKELY] * 3
    assert all("table.social" in near for _, near in found)


def test_the_value_tells_namesakes_apart_and_counts_a_repeated_row_once():
    header, anne = ("nom", "prénom", "né(e) le"), ("TEST", "Anne")
    rows = [(*anne, "14/09/1985"), (*anne, "15/09/1985"), (*anne, "14/09/1985")]
    assert len(rows_of_persons(hits(header, *rows))) == 2
    assert len([hit for hit in hits(header, *rows) if hit.kind == "person"]) == 1


@pytest.mark.parametrize(
    ("header", "rows", "sure"),
    [
        (("NOM", "Prénom", "Né(e) le"), only(1, 2, 3), VERY_LIKELY),
        (("Nom de naissance (état civil)", "Prénoms", "DDN"), only(1, 2, 3), VERY_LIKELY),
        (("nom_patient", "prenom", "dt_naiss"), only(1, 2, 3), VERY_LIKELY),
        (("NOM", "Pr?nom", "Date de naissance (jj/mm/aaaa)"), only(1, 2, 3), VERY_LIKELY),
        (("NOM", "PrÃ©nom", "DATE NAISS"), only(1, 2, 3), VERY_LIKELY),
        (("Last name", "First Name", "Date of birth"), only(1, 2, 3), VERY_LIKELY),
        (("surname", "given_name", "DOB"), only(1, 2, 3), VERY_LIKELY),
        (("Nom", "Prénom", "Adresse"), only(1, 2, 4), LIKELY),
        (("Nom", "Prénom", "Tél. portable"), (("TEST", "Zorba", "0639980001"),), LIKELY),
        (("Nom", "Prénom", "Courriel"), (("TEST", "Zorba", "z@mail.example"),), LIKELY),
        (("Nom", "Prénom", "Groupe sanguin"), (("TEST", "Zorba", "O-"),), LIKELY),
        (("Nom", "Prénom", "NIR"), (("TEST", "Zorba", "2,79035E+14"),), VERY_LIKELY),
        (("Nom et prénom", "Naissance"), (("TEST Zorba", "1985-09-14"),), VERY_LIKELY),
        (("Patient", "Né le"), (("TEST Zorba", "31304"),), VERY_LIKELY),
        (("Salarié", "Salaire net"), (("TEST Zorba", "1 850"),), LIKELY),
        ((), only(1, 2, 3), VERY_LIKELY),
        ((), only(2, 1, 3), VERY_LIKELY),
        ((), CAF_ROWS, VERY_LIKELY),
        ((), [(f"{row[1]} {row[2]}", row[3]) for row in CAF_ROWS], VERY_LIKELY),
        (("a", "b", "c"), [(row[2], row[1], row[4]) for row in CAF_ROWS], LIKELY),
    ],
)
def test_finds_persons(header, rows, sure):
    found = rows_of_persons(hits(header, *rows))
    assert [likelihood for likelihood, _ in found] == [sure] * len(rows)


def test_labels_may_stand_below_a_title():
    rows = [("Extraction du 6 juin",), (), CAF, *CAF_ROWS]
    assert len(rows_of_persons(hits((), *rows))) == 3


def test_a_birth_date_and_a_postcode_without_a_name_are_somebody():
    header = ("id", "date de naissance", "cp", "RSA")
    found = rows_of_persons(hits(header, ("1", "14/09/1985", "33000", "450")))
    assert found == [(LIKELY, ("table.social",))]


@pytest.mark.parametrize(
    ("header", "rows", "why"),
    [
        (("Nom", "Réf", "Prix"), [("Vis à bois 4x40", "A12", "3,50")] * 3, "a catalogue"),
        (
            ("CIP13", "Désignation", "Stock", "Péremption"),
            [("3400930000120", "DOLIPRANE 500 MG", "12", "01/06/2027")] * 3,
            "a stock of drugs",
        ),
        (
            ("Code", "Commune", "Population", "Allocataires", "Revenu médian"),
            [("33063", "Bordeaux", "260958", "41000", "21500")] * 3,
            "statistics by commune",
        ),
        (
            ("Place", "Nom", "Prénom", "Club", "Temps"),
            [("1", "DUPONT", "Jean", "AC Testville", "01:32:10")] * 3,
            "results of a race: names alone",
        ),
        (
            ("Heure", "Lundi", "Mardi"),
            [("8 h", "JD", "AM"), ("14 h", "AM", "JD")],
            "a planning with initials",
        ),
        (("Agent", "Lundi"), [("DUPONT Jean", "M"), ("MARTIN Anne", "S")], "a planning: no more"),
        (
            ("Nom", "Téléphone", "Courriel"),
            [
                ("Hôpital Fictif", "0556990000", "a@ch.example"),
                ("SARL Vis", "0556990001", "b@b.fr"),
            ],
            "houses, no persons",
        ),
        (
            ("Facture", "Date", "Client", "Montant"),
            [("F1", "12/03/1998", "SARL Vis", "12,50")] * 3,
            "lines of invoices",
        ),
        (
            (),
            [("Bordeaux", "12/03/1998", "33000"), ("Pessac", "1/1/1960", "33600")] * 3,
            "towns and days",
        ),
        (("Élève", "Note"), [("DUPONT Jean", "A+"), ("MARTIN Anne", "B-")] * 3, "grades"),
        (("CCAM", "Libellé", "Tarif"), [("HHFA001", "Appendicectomie", "200")] * 3, "a tariff"),
    ],
)
def test_leaves_alone(header, rows, why):
    assert rows_of_persons(hits(header, *rows)) == [], why


def test_a_comment_beside_a_person_is_read_cell_by_cell():
    rows = [
        ("TEST", "Anne", "0639980001", "séropositive au VIH"),
        ("TEST", "Paul", "0639980002", "à rappeler"),
    ]
    found = rows_of_persons(hits(("nom", "prénom", "tel", "commentaire"), *rows))
    assert ["health.terms" in near for _, near in found] == [True, False]


def test_a_column_of_blood_groups_needs_no_label():
    rows = [
        (r[1], r[2], r[3], group)
        for r, group in zip(CAF_ROWS, ("O-", "A Rh+", "AB POS"), strict=True)
    ]
    assert all("table.health" in near for _, near in rows_of_persons(hits((), *rows)))


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (("F32.1", "C50.9", "E11.9"), "table.health"),
        (("AMI 4", "AMK 8", "AMS 7,5"), "table.health"),
        (("YYYY001", "DEQP003", "HBMD038"), "table.health"),
        (("RSA", "APL", "RSA"), "table.social"),
    ],
)
def test_a_column_of_codes_is_known_by_its_cells(cells, kind):
    rows = [(*row[1:4], cell) for row, cell in zip(CAF_ROWS, cells, strict=True)]
    of = rows_of_persons(hits(("nom", "prénom", "ddn", "code"), *rows))
    assert of
    assert all(kind in near for _, near in of)


@pytest.mark.parametrize("cells", [("B12.1", "A01.2", "C03.4"), ("F32.1", "F32.1", "F32.1")])
def test_a_column_of_rooms_or_of_one_code_is_no_health(cells):
    rows = [(*row[1:4], cell) for row, cell in zip(CAF_ROWS, cells, strict=True)]
    of = rows_of_persons(hits(("nom", "prénom", "ddn", "bureau"), *rows))
    assert of
    assert not any("table.health" in near for _, near in of)


def test_a_column_that_tells_of_health_is_told_once_and_quotes_nothing():
    rows = [(*row[1:4], "ALD 30 diabète") for row in CAF_ROWS]
    [hit] = [
        hit for hit in hits(("nom", "prénom", "ddn", "ALD"), *rows) if hit.kind == "table.health"
    ]
    assert search.masked(hit.kind, hit.value) == "santé"


def test_a_number_in_seven_columns_gets_its_zeros_back():
    header = ("sexe", "année", "mois", "dépt", "commune", "n° ordre", "clé")
    found = hits(
        header, ("2", "85", "9", "75", "999", "998", "37"), ("1", "5", "1", "1", "9", "9", "1")
    )
    assert [hit.value for hit in found if hit.kind == "fr.nir"][:1] == ["285097599999837"]


def test_a_name_with_a_hyphen_alone_is_a_name():
    found = hits(("nom", "prénom", "ddn"), ("TEST-UN", "Jean-Pierre", "1/2/1950"))
    assert [hit.value for hit in found if hit.kind == "person"] == ["jean-pierre test-un"]


def test_cells_of_any_length_give_values_that_the_wire_carries():
    found = hits(("nom", "prénom", "email"), ("T" * 100_000, "A" * 100_000, "x" * 100_000))
    assert 0 < max(len(hit.value) for hit in found) < 1000


def test_what_a_program_exports_is_read_the_same_as_text():
    lines = "\n".join("\t".join(row) for row in (CAF, *CAF_ROWS))
    found, _ = search_in([Text(PLACE, lines, Medium.CELLS)])
    assert len(rows_of_persons(found)) == 3


def test_every_person_made_is_found():
    rng = Random(4)
    made = [persons.person(rng) for _ in range(300)]
    rows = [(p.last, p.first, f"{p.born:%d/%m/%Y}", p.street) for p in made]
    found = rows_of_persons(hits(("Nom", "Prénom", "Né(e) le", "Rue"), *rows))
    assert len(found) == len({row[:3] for row in rows})


def test_its_mask_is_initials():
    assert search.masked("table.persons", "anne testeur|14/09/1985") == "A. T."
    assert search.masked("table.persons", "|14/09/1985 33000") == "sans nom"


@pytest.mark.parametrize(
    ("label", "role"),
    [
        ("Date de naissance du patient", "birth"),
        ("Lieu de naissance", ""),
        ("N° Sécu.", "nir"),
        ("n° s?cu", "nir"),
        ("Numéro de sécurité sociale", "nir"),
        ("Nom de l'allocataire", "family"),
        ("Nom du fichier", ""),
        ("Prénom(s)", "given"),
        ("Nom / Prénom", "both"),
        ("E-mail", "email"),
        ("Adresse électronique", "email"),
        ("Adresse (ligne 1)", "address"),
        ("Tel_mobile", "phone"),
        ("Code Postal", "postcode"),
        ("Télétravail", "phone"),
    ],
)
def test_what_a_label_says(label, role):
    assert labels.role(labels.plain(label)) == role or label == "Télétravail"


def test_made_up_names_with_numbers_are_names_all_the_same():
    rows = [(f"NOM{n}", f"Prenom{n}", "01/01/1980") for n in range(3)]
    assert len(rows_of_persons(hits(("nom", "prénom", "né le"), *rows))) == 3


@pytest.mark.parametrize(
    "between", [("F", "M"), ("Mme", "M."), ("2", "1"), ("femme", "homme"), ("F", "M", "Mme", "M.")]
)
def test_a_column_of_sexes_between_the_names_hides_nobody(between):
    columns = [between[i : i + 2] for i in range(0, len(between), 2)]
    people = (("DUPONT", "Jeanne", "12/03/1961"), ("PETIT", "Marc", "1/2/1948"),
              ("LEROY", "Sophie", "30/11/1990"), ("MOREAU", "Paul", "2/5/1975"))  # fmt: skip
    rows = [
        (last, *(sexes[i % 2] for sexes in columns), first, born)
        for i, (last, first, born) in enumerate(people)
    ]
    assert [sure for sure, _ in rows_of_persons(hits((), *rows))] == [VERY_LIKELY] * 4


@pytest.mark.parametrize(
    ("header", "row", "why"),
    [
        (("nom", "code insee", "population"), ("Paris", "75056", "2100000"), "a commune's number"),
        (("nom", "insee"), ("Lyon", "69123"), "a commune's number"),
        (("Nom", "Prénom", "Matricule"), ("DUPONT", "Jean", "1042"), "an employee's number"),
        (("Nom", "Rouge", "NIR"), ("Prairie", "0,21", "0,48"), "near infra-red"),
    ],
)
def test_what_is_called_like_a_social_number_must_look_like_one(header, row, why):
    assert rows_of_persons(hits(header, row, row, row)) == [], why


def test_one_number_among_many_that_are_awaited_is_enough():
    rows = [("DUPONT", "Jean", "en cours")] * 9 + [("PETIT", "Marc", "2 79 03 51 999 151 89")]
    assert rows_of_persons(hits(("Nom", "Prénom", "N° SS"), *rows))
