import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text

POSSIBLE, LIKELY, VERY_LIKELY = Likelihood
NAMES = (
    ("DUPONT", "Jean"),
    ("MARTIN", "Anne"),
    ("DURAND", "Luc"),
    ("PETIT", "Zoé"),
    ("TEST", "Paul"),
)


def listed(shape, names=NAMES, before="Bonjour,\n\nvoici :\n"):
    lines = [shape.format(last=last, first=first, n=i) for i, (last, first) in enumerate(names)]
    return before + "\n".join(lines) + "\n\nCordialement\n"


def persons(text):
    found, problems = search([Text(Place("1"), text, Medium.BODY)])
    assert not problems
    return [hit.likelihood for hit in found if hit.kind == "table.persons"]


@pytest.mark.parametrize(
    ("shape", "sure"),
    [
        ("{last};{first};12/03/196{n};Bordeaux", VERY_LIKELY),
        ("{last}\t{first}\t12/03/196{n}\t33000", VERY_LIKELY),
        ("| {last} | {first} | 12/03/196{n} |", VERY_LIKELY),
        ("│ {last} │ {first} │ 12/03/196{n} │", VERY_LIKELY),
        ("{last} - {first} - 12/03/196{n}", VERY_LIKELY),
        ("– {last} – {first} – 12/03/196{n}", VERY_LIKELY),
        ("{last}#{first}#12/03/196{n}", VERY_LIKELY),
        ("{last}, {first}, 12/03/196{n}", VERY_LIKELY),
        ("{last} / {first} / 12.03.196{n}", VERY_LIKELY),
        ("{first} {last}, 12 février 196{n}", VERY_LIKELY),
        ("{last} {first} 12/03/6{n}", VERY_LIKELY),
        ("{last} {first} 1203196{n} Bordeaux", VERY_LIKELY),
        ("M. {first} {last}, né le 12/03/196{n}, Bordeaux", VERY_LIKELY),
        ("{last}^{first}^12/03/196{n}", VERY_LIKELY),
        ("{last} {first} 12/03/196{n} Bordeaux", VERY_LIKELY),
        ("- M. {first} {last}, né le 12/03/201{n}\n", VERY_LIKELY),
        ("{n}. {last} {first}, 06 39 98 00 1{n}", LIKELY),
        ("{first} {last} <{n}@mail.example>", LIKELY),
        ("{last} {first}, {n} rue Fictive, 33000 Testville", LIKELY),
    ],
)
def test_five_lines_of_one_shape_are_a_table(shape, sure):
    assert persons(listed(shape)) == [sure] * 5


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (listed("{last};{first};12/03/196{n}", NAMES[:4]), "four lines"),
        (listed("- {last} {first}, bureau {n}"), "names alone"),
        (listed("- {last} {first}, le 1{n}/11/26"), "a day to come"),
        (
            listed(
                "M. {last}, né le 12/03/1960, est venu et a dit oui.\nPuis on a parlé du temps."
            ),
            "prose between",
        ),
        (listed("- {first} {last}, né le 2{n} février 1802"), "long dead"),
        ("a;b;c\n" * 10, "cells of something else"),
        ("x\ty\n" * 10, "cells of something else"),
        ("Réf {n};12/03/1998;12,50 €\n" * 10, "an order"),
    ],
)
def test_leaves_alone(text, why):
    assert persons(text) == [], why


@pytest.mark.parametrize("separator", [";", "\t", " – ", " - "])
def test_what_they_do_in_the_house_is_no_illness_of_those_listed(separator):
    roles = ("IDE, psychiatrie", "manipulatrice radio", "aide-soignante", "cadre", "interne, VIH")
    lines = (
        f"{last} {first}{separator}{role}" for (last, first), role in zip(NAMES, roles, strict=True)
    )
    text = "Inscrits :\n\n" + "\n".join(lines)
    found, _ = search([Text(Place("1"), text, Medium.BODY)])
    assert {hit.kind for hit in found} & {"table.persons", "health.person"} == set()


def test_items_that_end_with_a_semicolon_are_no_persons():
    asked = ("nom et prénoms", "date et lieu de naissance", "domicile", "téléphone", "départ")
    found, _ = search([Text(Place("1"), " ;\n".join((*asked, "")), Medium.BODY)])
    assert not [hit for hit in found if hit.kind == "person"]


def test_the_health_of_those_listed_is_near_them():
    text = listed("{last};{first};12/03/196{n};séropositif", before="")
    found, _ = search([Text(Place("1"), text, Medium.BODY)])
    near = [hit.near for hit in found if hit.kind == "table.persons"]
    assert ["health.terms" in kinds for kinds in near] == [True] * 5


def test_many_texts_are_each_read_in_their_own_place():
    """Short texts are searched as one; a list in the second is not one of the first."""
    one, two = Place("1"), Place("2")
    text = listed("{last} {first} 12/03/196{n} Bordeaux")
    found, _ = search([Text(one, "Bonjour", Medium.BODY), Text(two, text, Medium.BODY)])
    assert {hit.place for hit in found if hit.kind == "table.persons"} == {two}
