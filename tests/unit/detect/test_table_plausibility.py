from datetime import date, timedelta
from random import Random

import pytest

from gateway.detect import search, table_plausibility
from gateway.detect.search import search as search_in
from gateway.model import Likelihood, Place, Table
from tests.makers import identifiers, persons

HEADER = ("nom", "prénom", "civilité", "né le", "nir", "cp", "tél")


def number(rng, one, *, real):
    """Of the commune 001 of a department that has one, and nobody's: the order is past the last."""
    root = one.nir[:5] + (f"{rng.randint(1, 90):02d}001" if real else "75999")
    root += f"{rng.randint(1, 999):03d}"
    return root + identifiers.nir_key(root)


def table(count=200, *, real=True, wrong_key=False, sexless=False, one_name=False, steps=False):
    rng, rows = Random(7), []
    for n in range(count):
        one = persons.person(rng)
        nir = number(rng, one, real=real)
        if wrong_key:
            nir = nir[:13] + f"{int(nir[13:]) % 97 + 1:02d}"
        if sexless:
            nir = ("1" if n % 2 else "2") + nir[1:13]
            nir += identifiers.nir_key(nir)
        last = "TEST" if one_name else f"TEST{n}"
        first = "Anne" if one_name else one.first
        phone = f"06{n + 10_000_000}" if steps else f"06{rng.randint(10**7, 6 * 10**7)}"
        rows.append((last, first, one.civility, f"{one.born:%d/%m/%Y}", nir, "33000", phone))
    return rows


def said(rows, header=HEADER):
    found, problems = search_in([Table(Place("1"), header, tuple(rows))])
    assert not problems
    told = [hit for hit in found if hit.kind == "table.plausibility"]
    assert all(hit.likelihood is Likelihood.POSSIBLE for hit in told), "it moves no rule"
    return [search.masked(hit.kind, hit.value) for hit in told]


@pytest.mark.parametrize(
    ("how", "verdict", "why"),
    [
        ({}, "données réelles", "NIR d'accord avec la date de naissance : 100 %"),
        ({"real": False}, "données vraisemblables", "lieux de naissance possibles : 0 %"),
        ({"wrong_key": True, "real": False}, "données inventées", "clés de NIR justes : 0 %"),
        ({"one_name": True, "steps": True}, "données inventées", "noms différents : 0 %"),
        ({"steps": True, "wrong_key": True}, "données inventées", "numéros qui se suivent : 100 %"),
    ],
)
def test_says_what_it_thinks_and_why(how, verdict, why):
    [sentence] = said(table(**how))
    assert sentence.startswith(verdict)
    assert why in sentence
    assert "200 lignes" in sentence


def test_numbers_that_disagree_with_the_sex_are_told():
    [sentence] = said(table(sexless=True))
    share = int(sentence.split("d'accord avec le sexe : ")[1].split(" %")[0])
    assert 30 < share < 70


def test_beneficiaries_without_a_number_are_judged_by_what_there_is():
    rows = [(r[0], r[1], r[3], r[5]) for r in table()]
    [sentence] = said(rows, ("nom", "prénom", "né le", "cp"))
    assert sentence.startswith("données vraisemblables")


ADDRESSED = ("nom", "prénom", "sexe", "né le", "nir", "adresse", "cp", "tél", "mail")


def addressed(kind, rng, n, *, numbers=True):
    """A row as a register has it, as a library of fictitious data makes it up, or as a person does
    who fills a table; the communes and the order numbers are nobody's."""
    born = date(1930, 1, 1) + timedelta(days=rng.randrange(28_000))
    sex, department = rng.choice("12"), rng.choice(("33", "75", "13", "69"))
    if kind == "by hand":
        return (f"NOM{n}", f"Prenom{n}", "F", "01/01/1980", f"2800175001{n:03d}00" * numbers,
                f"{n} rue Test", "99999", f"06{n:08d}", f"test{n}@test.fr")  # fmt: skip
    root, code = f"{sex}{born:%y%m}{department}990", department + rng.choice(("000", "600", "700"))
    code = {"75000": "75012", "75600": "75011", "75700": "75020"}.get(code, code)
    email = "gmail.com"
    if kind == "by a library":
        root = f"{rng.choice('12')}{rng.randint(0, 99):02d}{rng.randint(1, 12):02d}{department}990"
        code, email = f"{rng.randint(1000, 95999):05d}", "example.org"
    root += f"{rng.randint(1, 999):03d}"
    number = (root + identifiers.nir_key(root)) * numbers
    one = persons.person(rng)
    return (f"TEST-{rng.choice('ABCDEFGHIJKLMNO')}{rng.choice('AEIOU')}{n}", one.first,
            "M" if sex == "1" else "F", f"{born:%d/%m/%Y}", number, "3 rue Fictive", code,
            f"06{rng.randint(10**7, 6 * 10**7)}", f"p{n}@{email}")  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "numbers", "verdict", "why"),
    [
        ("in a register", True, "données réelles", "NIR d'accord avec le sexe : 100 %"),
        ("in a register", False, "données vraisemblables", "codes postaux possibles : 100 %"),
        ("by a library", True, "données inventées", "NIR d'accord avec la date de naissance : "),
        ("by a library", False, "données inventées", "coordonnées réservées à la fiction : 100 %"),
        ("by hand", True, "données inventées", "clés de NIR justes : 0 %"),
        ("by hand", False, "données inventées", "numéros qui se suivent : 100 %"),
    ],
)
def test_tells_a_register_from_what_programs_and_people_make_up(kind, numbers, verdict, why):
    rng = Random(kind)
    rows = [addressed(kind, rng, n, numbers=numbers) for n in range(100, 300)]
    [sentence] = said(rows, ADDRESSED)
    assert sentence.startswith(verdict)
    assert why in sentence


def test_few_rows_say_nothing():
    assert said(table(table_plausibility.FEWEST - 1)) == []


def test_a_table_of_nobody_is_not_examined():
    assert said([(f"{n}", "Vis", "3,50") for n in range(50)], ("réf", "article", "prix")) == []


def test_no_cell_is_ever_quoted():
    [sentence] = said(table())
    cells = {cell for row in table() for cell in row if len(cell) > 3}
    assert not any(cell in sentence for cell in cells)


@pytest.mark.parametrize(
    "value",
    [
        "TESTEUR Anne",
        "real rows=10 secret=TESTEUR",
        "real",
        "",
        "real rows=10\n keys=3",
        "x real rows=1",
    ],
)
def test_a_worker_cannot_have_anything_else_shown(value):
    assert search.masked("table.plausibility", value) == "***"
