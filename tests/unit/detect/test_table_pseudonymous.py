from random import Random

import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Place, Table

ILLNESSES = ("diabète", "asthme", "dépression", "HTA")


def rows(count=20, seed=1):
    rng = Random(seed)
    return [
        (str(n), str(rng.randint(0, 104)), rng.choice("MF"), f"33{rng.randint(100, 999)}",
         rng.choice(ILLNESSES))
        for n in range(count)
    ]  # fmt: skip


def found(header, rows):
    hits, problems = search([Table(Place("1"), tuple(header), tuple(rows))])
    assert not problems
    return [hit for hit in hits if hit.kind == "table.pseudonymous"]


def only(*columns):
    return [tuple(row[i] for i in columns) for row in rows()]


@pytest.mark.parametrize(
    ("header", "table"),
    [
        (("id", "age", "sexe", "codepostal", "diagnostic"), rows()),
        (("N°", "Âge du patient (ans)", "Sexe", "Code postal", "Pathologie"), rows()),
        (("age", "cp", "diagnostic"), only(1, 3, 4)),
        (("âge", "commune", "ALD"), only(1, 3, 4)),
        (("année de naissance", "sexe", "cp", "diag", "diagnostic principal"),
         [(str(1920 + n), *row[2:], row[4]) for n, row in enumerate(rows())]),
    ],
)  # fmt: skip
def test_a_row_a_person_without_a_name_is_told_with_her_health(header, table):
    hits = found(header, table)
    assert len(hits) == len(table)
    assert all(hit.likelihood is Likelihood.LIKELY for hit in hits)
    assert all("table.health" in hit.near for hit in hits)


@pytest.mark.parametrize(
    ("header", "table", "why"),
    [
        (("cp", "age", "diagnostic", "nombre"), only(3, 1, 4, 0), "a table of numbers of cases"),
        (("cp", "âge moyen", "diagnostic"), only(3, 1, 4), "means"),
        (("cp", "age", "diagnostic", "taux d'incidence"), only(3, 1, 4, 0), "rates"),
        (("cp", "tranche d'âge", "diagnostic"),
         [("33000", "40-49", "asthme")] * 20, "classes, not persons"),
        (("age", "sexe", "diagnostic"), only(1, 2, 4), "no place: any of thousands"),
        (("cp", "sexe", "diagnostic"), only(3, 2, 4), "no age: any of thousands"),
        (("ref", "age", "ville", "prix"),
         [(str(n), "12 ans d'âge", "Cognac", "49,90") for n in range(20)], "bottles"),
        ((), only(1, 3, 4), "columns without labels may be anything"),
    ],
)  # fmt: skip
def test_leaves_alone(header, table, why):
    assert found(header, table) == [], why


def test_with_a_name_they_are_persons():
    table = [("TEST", f"Anne{n}", *row[1:]) for n, row in enumerate(rows())]
    assert found(("nom", "prénom", "age", "sexe", "cp", "diagnostic"), table) == []


def test_without_a_word_of_health_nothing_is_near():
    hits = found(("id", "age", "cp", "satisfaction"), [(*row[:2], row[3], "4") for row in rows()])
    assert [hit.near for hit in hits] == [()] * 20
