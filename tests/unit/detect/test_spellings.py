"""Every number in every spelling that people and programs use, found through the whole search."""

from __future__ import annotations

from random import Random

import pytest

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Table, Text
from tests.makers import identifiers, spellings
from tests.makers.identifiers import grouped

WRITTEN = {
    "fr.nir": (identifiers.nir, spellings.nir_texts),
    "iban": (identifiers.iban, spellings.iban_texts),
    "fr.rib": (identifiers.rib, spellings.rib_texts),
}
SEEDS = range(3)


def found(kind, text):
    piece = Text(Place("1"), f"Bonjour,\n\n{text}\n\nCordialement", Medium.BODY)
    hits, problems = search([piece])
    assert not problems
    return {hit.value for hit in hits if hit.kind == kind and hit.likelihood >= Likelihood.LIKELY}


@pytest.mark.parametrize("kind", WRITTEN)
@pytest.mark.parametrize("seed", SEEDS)
def test_is_found_however_it_is_written_and_wherever_it_stands(kind, seed):
    make, texts = WRITTEN[kind]
    number = make(Random(f"{kind} {seed}"))
    missed = [name for name, text in texts(number) if number not in found(kind, text)]
    assert missed == []


def test_there_are_three_hundred_spellings():
    assert sum(len(list(texts("9" * 27))) for _, texts in WRITTEN.values()) > 300


@pytest.mark.parametrize("seed", SEEDS)
def test_so_is_one_of_corsica(seed):
    number = identifiers.nir(Random(seed), corsica=True)
    missed = [n for n, text in spellings.nir_texts(number) if number not in found("fr.nir", text)]
    assert missed == []


@pytest.mark.parametrize("seed", SEEDS)
def test_so_is_an_account_with_letters(seed):
    rng = Random(seed)
    number = identifiers.iban(rng, letters=True)
    missed = [n for n, text in spellings.iban_texts(number) if number not in found("iban", text)]
    assert missed == []
    number = identifiers.rib(rng, letters=True)
    missed = [n for n, text in spellings.rib_texts(number) if number not in found("fr.rib", text)]
    assert missed == []


def whole(number):
    return ("TEST", number)


def thirteen_and_key(number):
    return ("TEST", number[:13], number[13:])


def without_zeros(number):
    return tuple(part.lstrip("0") for part in identifiers.parts(number))


def rib_without_zeros(number):
    return tuple(part.lstrip("0") for part in identifiers.rib_parts(number))


SPLIT = ("sexe", "année", "mois", "dép", "commune", "ordre", "clé")
TABLES = {
    "one column": ("fr.nir", ("Nom", "NIR"), whole),
    "no labels": ("fr.nir", (), whole),
    "saved as a fraction": ("fr.nir", ("Nom", "NIR"), lambda n: ("TEST", f"{n}.0")),
    "kept as text": ("fr.nir", ("Nom", "NIR"), lambda n: ("TEST", f"'{n}")),
    "key apart": ("fr.nir", ("Nom", "NIR", "Clé"), thirteen_and_key),
    "seven columns": ("fr.nir", SPLIT, lambda n: tuple(identifiers.parts(n))),
    "seven without labels": ("fr.nir", (), lambda n: tuple(identifiers.parts(n))),
    "seven without zeros": ("fr.nir", ("S", "AA", "MM", "DD", "CCC", "OOO", "K"), without_zeros),
    "RIB": ("fr.rib", ("Banque", "Guichet", "Compte", "Clé"), identifiers.rib_parts),
    "RIB without labels": ("fr.rib", (), identifiers.rib_parts),
    "RIB backwards": (
        "fr.rib", ("Clé", "Compte", "Guichet", "Banque"), lambda n: identifiers.rib_parts(n)[::-1]
    ),
    "RIB without zeros": (
        "fr.rib", ("Code banque", "Code guichet", "N° compte", "Clé RIB"), rib_without_zeros
    ),
    "IBAN": ("iban", ("Nom", "Compte"), whole),
    "IBAN, a column each group": ("iban", tuple("abcdefg"), lambda n: tuple(grouped(n).split())),
}  # fmt: skip


@pytest.mark.parametrize("name", TABLES)
def test_in_tables_as_well(name):
    kind, header, row = TABLES[name]
    rng = Random(name)
    numbers = [WRITTEN[kind][0](rng) for _ in range(6)]
    table = Table(Place("1"), header, tuple(map(row, numbers)))
    hits, problems = search([table])
    sure = {h.value for h in hits if h.kind == kind and h.likelihood >= Likelihood.LIKELY}
    assert (sure, problems) == (set(numbers), [])


# What a scanner reads for a digit, at most every third.
MISREAD = {"0": "O", "1": "lI", "5": "S", "8": "B"}


def misread(rng, number):
    return "".join(
        rng.choice(MISREAD[char]) if char in MISREAD and rng.random() < 0.4 else char
        for char in number
    )


@pytest.mark.parametrize("seed", range(60))
def test_letters_that_a_scanner_read_for_digits_are_put_right_where_the_key_says_so(seed):
    rng = Random(seed)
    nir, iban, rib = identifiers.nir(rng), identifiers.iban(rng), identifiers.rib(rng)
    head = " ".join(identifiers.parts(nir[0] + misread(rng, nir[1:])))
    if sum(map(str.isalpha, head)) <= 5:
        assert nir in found("fr.nir", f"N° sécu : {head}")
    account = iban[:4] + misread(rng, iban[4:])
    assert iban in found("iban", f"IBAN {identifiers.grouped(account)}")
    parted = " ".join(misread(rng, part) for part in identifiers.rib_parts(rib))
    assert rib in found("fr.rib", f"RIB : {parted}")


@pytest.mark.parametrize("seed", range(20))
def test_letters_are_not_put_right_where_the_key_is_wrong(seed):
    rng = Random(seed)
    wrong = identifiers.nir_with_wrong_key(rng)
    assert found("fr.nir", " ".join(identifiers.parts(wrong[0] + misread(rng, wrong[1:])))) == set()
    iban = identifiers.iban(rng)
    iban = f"{iban[:-1]}{(int(iban[-1]) + 1) % 10}"
    assert found("iban", iban[:4] + misread(rng, iban[4:])) == set()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Le silo 8 : 15 lois, 10 bois, 58 îles, 1 bol, 0 lobs, 518 sols, 81 bilis", "words"),
        ("réf. SO8S1 5BIS0 lO8I1 BOLS8 50S1B", "references without a label"),
        ("commande185057599999724", "glued to a word of trade"),
        ("A285097599999837B", "letters on both sides"),
        ("sha1 d285097599999837e0f1", "within a hash"),
    ],
)
def test_leaves_alone(text, why):
    assert {kind: found(kind, text) for kind in WRITTEN} == {kind: set() for kind in WRITTEN}, why


LISTS = {
    "NIR : {0} et {1}": "fr.nir13",
    "NIR des enfants : {0}, {1}, {2}": "fr.nir13",
    "n° sécu {0} / {1} / {2}": "fr.nir13",
    "NIR : {0} (Léa), {1} (Paul)": "fr.nir13",
    "Numéros de sécurité sociale :\n- {0}\n- {1}\n- {2}": "fr.nir13",
}


@pytest.mark.parametrize("form", LISTS)
def test_one_label_announces_all_numbers_of_a_list(form):
    rng = Random(form)
    numbers = [identifiers.nir(rng)[:13] for _ in range(3)]
    wanted = {number for i, number in enumerate(numbers) if f"{{{i}}}" in form}
    assert found(LISTS[form], form.format(*numbers)) == wanted


@pytest.mark.parametrize(
    ("kind", "text", "values"),
    [
        ("fr.caf", "allocataires : 1234567, 2345678 et 3456789", {"1234567", "2345678", "3456789"}),
        ("fr.ipp", "IPP 8001234567 / 8001234568", {"8001234567", "8001234568"}),
        ("fr.passport", "passeports 99ZZ99999 et 99ZZ99998", {"99ZZ99999", "99ZZ99998"}),
        ("fr.cni", "CNI n° 880699999999, n° 880699999998", {"880699999999", "880699999998"}),
        ("fr.ine", "INE 9999999999Z, 9999999998Z", {"9999999999Z", "9999999998Z"}),
        ("fr.spi", "n° fiscaux : numéro fiscal 3099999999103 et 3099999999103", {"3099999999103"}),
        ("fr.residence", "titres de séjour XX9999999, XX9999998", {"XX9999999", "XX9999998"}),
    ],
)
def test_so_does_a_label_of_other_numbers(kind, text, values):
    assert found(kind, text) == values


def test_what_follows_a_list_is_no_part_of_it():
    assert found("fr.caf", "allocataire 1234567, facture 2345678") == {"1234567"}
    text = "NIR 2850975999998, commande 1850775999991"
    assert found("fr.nir13", text) == {"2850975999998"}
