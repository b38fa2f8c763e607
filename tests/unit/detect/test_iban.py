from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect import iban
from gateway.detect.fold import fold
from gateway.model import Likelihood
from tests.makers import identifiers

# One of each structure; the accounts are made of nines.
FOREIGN = {
    "DE": "9" * 18, "BE": "9" * 12, "ES": "9" * 20, "IT": "X9999999999" + "0" * 12,
    "LU": "999" + "0" * 13, "CH": "99999" + "0" * 12, "NL": "TEST9999999999", "PT": "9" * 21,
    "GB": "TEST99999999999999", "PL": "9" * 24, "IE": "TEST99999999999999", "NO": "9" * 11,
    "MC": "9999999999" + "0" * 11 + "99", "MT": "TEST99999" + "0" * 18, "MA": "9" * 24,
    "TN": "9" * 20, "DZ": "9" * 22,
}  # fmt: skip


def values(text):
    return [match.value for match in iban.find(fold(text))]


@pytest.mark.parametrize("letters", [False, True])
@pytest.mark.parametrize(
    "written",
    [
        lambda n: n,
        lambda n: n.lower(),
        identifiers.grouped,
        lambda n: identifiers.grouped(n, mark="."),
        lambda n: identifiers.grouped(n, mark="\u00a0"),
        lambda n: identifiers.grouped(n, mark="-"),
        lambda n: identifiers.grouped(n[:16]) + "\r\n" + identifiers.grouped(n[16:]),
        lambda n: n[:9] + "\n" + n[9:],
        lambda n: "\u200b".join(n),
    ],
)
def test_finds_one_however_it_is_written(written, letters):
    rng = Random(4)
    for _ in range(20):
        number = identifiers.iban(rng, letters=letters)
        assert values(f"IBAN : {written(number)}") == [number]


@pytest.mark.parametrize("country", FOREIGN)
def test_finds_those_of_other_countries(country):
    number = identifiers.foreign_iban(country, FOREIGN[country])
    assert len(number) == iban.LENGTHS[country.lower()]
    assert values(f"compte {identifiers.grouped(number)} à créditer") == [number]


@pytest.mark.parametrize("after", [" BIC AGRIFRPP", " 12 rue Fictive", " FR", ".", "\nMerci", " 1"])
def test_never_takes_the_word_that_follows(after):
    number = identifiers.iban(Random(5))
    assert values(identifiers.grouped(number) + after) == [number]


@pytest.mark.parametrize("glued", ["IBAN", "iban"])
def test_finds_one_glued_to_its_label(glued):
    number = identifiers.iban(Random(6))
    assert values(glued + number) == [number]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("FR1420041010050500013M02607", "its check digits are wrong"),
        ("FR1420041010050500013M026061", "it has one character too many"),
        ("XFR1420041010050500013M02606", "it is part of a longer reference"),
        ("FR11999999998", "a VAT number"),
        ("FR76 **** **** **** **** **** 115", "masked already"),
        ("de 12 personnes pour un total de 3400", "words"),
    ],
)
def test_leaves_alone(text, why):
    assert values(text) == [], why


def test_odd_grouping_is_less_sure():
    number = identifiers.iban(Random(7))
    [usual] = iban.find(fold(identifiers.grouped(number)))
    [odd] = iban.find(fold(identifiers.grouped(number, 5)))
    assert (usual.likelihood, odd.likelihood) == (Likelihood.VERY_LIKELY, Likelihood.LIKELY)


@given(st.from_regex(r"\A(FR|DE|IT|NL|SN)[0-9]{2}[A-Z0-9 .\-]{11,50}\Z"))
def test_whatever_follows_a_country_what_is_found_is_right(text):
    for match in iban.find(fold(text)):
        assert iban.right_key(match.value)
        assert len(match.value) == iban.LENGTHS[match.value[:2].lower()]


def test_its_mask_hides_the_account():
    assert iban.mask("FR7699999000010000000000115") == "FR76 **** **** *115"


# European Payments Council, SEPA geographical scope; lengths of the SWIFT registry.
SEPA = (
    "AD24", "AL28", "AT20", "BE16", "BG22", "CH21", "CY28", "CZ24", "DE22", "DK18", "EE20",
    "ES24", "FI18", "FR27", "GB22", "GI23", "GR27", "HR21", "HU28", "IE22", "IS26", "IT27",
    "LI21", "LT20", "LU20", "LV21", "MC27", "MD24", "ME22", "MK19", "MT31", "NL18", "NO15",
    "PL28", "PT25", "RO24", "RS22", "SE24", "SI19", "SK24", "SM27", "VA22",
)  # fmt: skip


@pytest.mark.parametrize("told", SEPA)
def test_the_length_of_every_sepa_country(told):
    assert iban.LENGTHS[told[:2].lower()] == int(told[2:])


@pytest.mark.parametrize("told", SEPA)
@pytest.mark.parametrize("after", [" BIC TESTFRPP", "\nLe titulaire", " 12 rue Fictive", " et"])
def test_every_sepa_country_is_found_and_nothing_of_the_next_word(told, after):
    structure = iban._ACCOUNTS[told[:2].lower()]
    account = "".join(
        {"n": "9", "a": "T", "c": "8"}[kind] * int(count)
        for count, kind in iban._PIECE.findall(structure)
    )
    number = identifiers.foreign_iban(told[:2], account)
    assert values(f"IBAN {identifiers.grouped(number)}{after}") == [number]
    assert values(f"IBAN {number}{after}") == [number]


def accounts(country):
    """Any account of the structure of a country, of letters that no scanner takes for digits."""
    of = {"n": "0123456789", "a": "ACDEFGHT", "c": "0123456789ACDEFGHT"}
    pieces = iban._PIECE.findall(iban._ACCOUNTS[country])
    return st.tuples(*(st.text(of[kind], min_size=int(n), max_size=int(n)) for n, kind in pieces))


@given(st.data(), st.sampled_from(sorted(iban.LENGTHS)))
def test_any_account_is_found_and_none_once_a_digit_is_another(data, country):
    account = "".join(data.draw(accounts(country)))
    number = identifiers.foreign_iban(country.upper(), account)
    assert values(f"IBAN {identifiers.grouped(number)} BIC") == [number]
    at = data.draw(st.sampled_from([i for i, char in enumerate(number) if char.isdigit()]))
    other = data.draw(st.sampled_from("0123456789".replace(number[at], "")))
    wrong = number[:at] + other + number[at + 1 :]
    assert values(f"IBAN {identifiers.grouped(wrong)} BIC") == []


@pytest.mark.parametrize("mark", ["|", " | ", "]["])
def test_a_box_may_be_drawn_around_each_character(mark):
    number = identifiers.iban(Random(6), letters=True)
    assert values(f"|{mark.join(number)}|") == [number]


@pytest.mark.parametrize("mark", ["\u00b7", "\u2022", "*", " - "])
def test_groups_may_be_parted_by_any_mark(mark):
    number = identifiers.iban(Random(6))
    assert values(f"IBAN {identifiers.grouped(number, 4, mark)}.") == [number]
