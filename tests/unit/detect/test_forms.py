"""Labels and their numbers where a form, a column or an address stands around them."""

from __future__ import annotations

from random import Random

import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Table, Text
from tests.makers import identifiers

PLACE = Place("1")
CARD = "4970 9999 9999 9999"
ZONE, NUMBER = identifiers.passport_zone(Random(3))


def found(text, medium=Medium.DOCUMENT):
    hits, problems = search([Text(PLACE, text, medium)])
    assert not problems
    return hits


def of_rows(*rows):
    hits, problems = search([Table(PLACE, (), rows)])
    assert not problems
    return hits


def values(kind, hits):
    return [hit.value for hit in hits if hit.kind == kind and hit.likelihood >= Likelihood.LIKELY]


NUMBERS = {
    "fr.caf": ("N° allocataire", "1234567"),
    "fr.spi": ("Numéro fiscal", "3099999999103"),
    "fr.cni": ("Carte nationale d'identité", "880699999999"),
    "fr.residence": ("Titre de séjour", "9999999999"),
    "fr.ipp": ("IPP", "8001234567"),
}


@pytest.mark.parametrize("kind", NUMBERS)
@pytest.mark.parametrize(
    "form",
    [
        "{label} : {number}\n12 rue Fictive",
        "{label} : {number}\t33000 TESTVILLE",
        "{label} :\n{number}\n12 rue Fictive",
    ],
)
def test_a_number_ends_where_its_line_or_cell_does(kind, form):
    label, number = NUMBERS[kind]
    assert values(kind, found(form.format(label=label, number=number))) == [number]


@pytest.mark.parametrize("kind", NUMBERS)
def test_the_next_column_may_begin_with_a_digit(kind):
    label, number = NUMBERS[kind]
    assert values(kind, of_rows(("Nom", label, "CP"), ("TEST", number, "33000"))) == [number]


def test_a_number_that_goes_on_in_its_line_is_another():
    assert values("fr.caf", found("N° allocataire : 1234567 8901")) == []


def test_a_card_may_stand_behind_a_date():
    assert values("card", found(f"né le 04/07/1990\t{CARD}\t33000")) == [CARD.replace(" ", "")]


def test_a_card_may_have_dots():
    assert values("card", found(f"Carte : {CARD.replace(' ', '.')}")) == [CARD.replace(" ", "")]


@pytest.mark.parametrize("label", ["CB", "N° de carte", "Carte bancaire"])
def test_a_column_of_cards_announces_them(label):
    one = CARD.replace(" ", "")
    assert values("card", of_rows(("Nom", label), ("TEST", one))) == [one]


FORM = (
    ("Fiche de renseignements",),
    ("Nom", "TEST"),
    ("Prénom", "Anne"),
    ("Né(e) le", "14/09/1985"),
    ("RIB", "99999 00001 00000000001 15"),
)


def test_a_form_in_cells_is_about_one_person():
    hits = of_rows(*FORM)
    assert values("person", hits) == ["anne test"]
    [near] = [hit.near for hit in hits if hit.kind == "fr.rib"]
    assert "person" in near


def test_a_table_of_two_columns_is_no_form():
    """Each row has a person of its own."""
    rows = [("Nom et prénom", "RIB"), ("TEST Anne", "99999 00001 00000000001 15"), ("", "néant")]
    hits = of_rows(*rows)
    assert values("person", hits) == ["anne test"]
    assert values("table.persons", of_rows(("Nom", "NIR"), ("TEST Anne", "285097599999837")))


def test_the_zone_of_a_paper_is_found_in_a_quoted_mail():
    quoted = "> Voici :\n> " + ZONE.replace("\n", "\n> ")
    assert values("mrz", found(ZONE, Medium.BODY)) == [NUMBER]
    assert values("mrz", found(quoted, Medium.BODY)) == [NUMBER]


@pytest.mark.parametrize("country", ["BE", "NO", "FR"])
def test_an_account_may_have_a_box_for_each_character(country):
    account = {"BE": "9" * 12, "NO": "9" * 11, "FR": "99999000010000000000115"}[country]
    number = identifiers.foreign_iban(country, account)
    assert values("iban", found(f"Compte : {' '.join(number)}")) == [number]


def test_boxes_without_a_key_need_a_label():
    boxes = "2 8 5 0 9 7 5 9 9 9 9 9 8"
    assert values("fr.nir13", found(f"N° Sécu : {boxes}")) == ["2850975999998"]
    assert values("fr.nir13", found(f"Mme TEST Anne, notes : {boxes}")) == []


def test_what_a_pasted_table_says_is_near_the_person_of_its_row():
    """The name stands in two columns, and another between."""
    lines = ["sexe\tprénom\tallergie\tnom"]
    lines += [f"F\t{name}\tasthme\tTEST" for name in ("Anne", "Marie", "Claire", "Sophie", "Nadia")]
    hits = found("Bonjour,\n\n" + "\n".join(lines), Medium.BODY)
    assert any("person" in hit.near for hit in hits if hit.kind == "health.terms")
