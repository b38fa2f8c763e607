from itertools import pairwise
from random import Random

import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Table, Text
from tests.makers import identifiers

PLACE = Place("1", "sheet Base")
POSSIBLE, LIKELY, VERY_LIKELY = Likelihood


def hits(header, *rows):
    found, problems = search([Table(PLACE, tuple(header), rows)])
    assert not problems
    return found


def of(kind, found):
    return [(hit.value, hit.likelihood) for hit in found if hit.kind == kind]


@pytest.mark.parametrize(
    "header",
    [
        ("NOM", "Prénom", "Né(e) le"),
        ("Nom de naissance", "Prénoms", "Date de naissance"),
        ("nom_patient", "prenom", "DDN"),
        ("nom", "prenom 1", "dt_naiss"),
    ],
)
def test_persons_are_rows_with_name_columns(header):
    found = hits(header, ("TEST", "Anne", "14/09/1985"), ("de TEST", "Paul Jean", "1/2/90"))
    assert of("person", found) == [("anne test", VERY_LIKELY), ("paul test", VERY_LIKELY)]


def test_a_column_of_surnames_alone_may_be_of_anything():
    assert of("person", hits(("Nom", "Prix"), ("Vis à bois", "3"))) == [("a bois vis", POSSIBLE)]


def test_labels_may_stand_below_a_title():
    text = "Extraction du 6 juin\n\nnom\tprénom\tn° sécu\nTEST\tAnne\t2850975999998\n"
    found, _ = search([Text(PLACE, text, Medium.CELLS)])
    assert of("person", found) == [("anne test", VERY_LIKELY)]
    assert of("fr.nir13", found) == [("2850975999998", LIKELY)]


@pytest.mark.parametrize("label", ["NIR", "N° Sécu", "n° de sécurité sociale", "NSS", "immat"])
def test_the_label_of_a_column_announces_its_numbers(label):
    found = hits((label, "x"), ("285097599999837", ""), ("2530799999004", "7"))
    assert of("fr.nir", found) == [("285097599999837", VERY_LIKELY)]
    assert of("fr.nir13", found) == [("2530799999004", LIKELY)]


def test_a_column_of_such_numbers_needs_no_label():
    rng = Random(10)
    rows = [(f"{i}", identifiers.nir(rng)[:13]) for i in range(20)]
    assert len(of("fr.nir13", hits((), *rows))) == 20


def test_two_of_them_among_other_numbers_are_none():
    assert of("fr.nir13", hits((), ("2850975999998",), ("9850975999998",), ("1" * 13,))) == []


def test_two_of_them_alone_are_chance():
    assert of("fr.nir13", hits((), ("2850975999998",), ("2530799999004",))) == []


def test_a_number_split_over_seven_columns_is_found():
    found = hits(
        ("S", "AA", "MM", "DD", "CCC", "OOO", "K"), tuple(identifiers.parts("285097599999837"))
    )
    assert of("fr.nir", found) == [("285097599999837", VERY_LIKELY)]


@pytest.mark.parametrize(
    "cuts", [(1, 13), (1, 3, 13), (3, 13), (5, 13), (1, 5, 10, 13), (5, 10), (7,), (13,)]
)
@pytest.mark.parametrize("header", [("Nom", "Sexe", "NIR", "Clé"), ("Nom", "Zone 1"), ()])
def test_so_is_one_cut_anywhere_whose_key_is_right_row_by_row(cuts, header):
    rng = Random(3)
    numbers = [identifiers.nir(rng) for _ in range(4)]
    edges = [0, *cuts, 15]
    rows = [("TEST", *(one[a:b] for a, b in pairwise(edges)), "Paris") for one in numbers]
    found = of("fr.nir", hits(header, *rows))
    assert {value for value, sure in found if sure >= Likelihood.LIKELY} == set(numbers)


def test_columns_of_figures_whose_keys_are_wrong_are_no_number():
    rows = [("TEST", "2", f"8509759999{n}", "11") for n in range(10, 30)]
    assert not [sure for _, sure in of("fr.nir", hits((), *rows)) if sure >= Likelihood.LIKELY]


def test_two_neighbouring_numbers_do_not_make_one():
    assert of("fr.nir", hits((), ("2850975", "99999837"))) == [("285097599999837", POSSIBLE)]


def test_an_account_in_four_columns_gets_its_zeros_back():
    found = hits(
        ("Banque", "Code guichet", "N° de compte", "Clé RIB"), ("30006", "1", "12345678901", "89")
    )
    assert of("fr.rib", found) == [("30006000011234567890189", VERY_LIKELY)]


def test_an_account_printed_in_boxes_is_one():
    cells = [" ".join(part) for part in ("30006", "00001", "12345678901", "89")]
    found = hits(("Code banque", "Code guichet", "N° de compte", "Clé"), cells)
    assert of("fr.rib", found) == [("30006000011234567890189", VERY_LIKELY)]


def test_near_is_the_same_row():
    found = hits(
        ("Nom", "Prénom", "Commentaire"),
        ("TEST", "Anne", "séropositive"),
        ("", "", "sous Lévothyrox"),
    )
    assert {hit.value: hit.near for hit in found if hit.kind == "health.terms"} == {
        "sujet:vih": ("health.person", "person"),
        "diagnostic:hormones": (),
    }


def test_a_value_in_many_rows_is_one_hit_with_all_its_neighbours():
    found = hits(
        ("Nom", "Prénom", "c"), ("TEST", "Anne", "VIH"), ("", "", "VIH"), ("X", "Y", "VIH")
    )
    [hit] = [hit for hit in found if hit.kind == "health.terms"]
    assert hit.near == ("health.person", "person")


def test_rows_keep_apart_whatever_is_in_the_cells():
    """A cell with line ends, or with the sign that marks rows, must not shift the rows after it."""
    found = hits(
        ("Nom", "Prénom", "Commentaire"),
        ("", "", "a\nb\r\n\u2028¤ ¤\n"),
        ("TEST", "Anne\n", "rien"),
        ("", "", "séropositif"),
    )
    assert of("person", found) == [("anne test", VERY_LIKELY)]
    [hit] = [hit for hit in found if hit.kind == "health.terms"]
    assert hit.near == ()


def test_a_table_longer_than_one_batch_is_read_to_its_end():
    rows = [
        (f"Test{chr(97 + i % 26)}{chr(97 + i // 26 % 26)}{chr(97 + i // 676)}", "Anne")
        for i in range(4500)
    ]
    assert len(of("person", hits(("nom", "prénom"), *rows))) == 4500


@pytest.mark.parametrize("rows", [(), ((),), (("",),), (("", ""), ()), (("x",), ("y", "z"))])
def test_any_shape_of_table_is_read(rows):
    hits((), *rows)
    hits(("nom", "prenom", "nir", "banque", "guichet", "compte", "cle"), *rows)
