from random import Random

import pytest

from gateway.detect import nir
from gateway.detect.fold import fold
from gateway.detect.nir_number import key
from gateway.model import Likelihood
from tests.makers import identifiers

POSSIBLE, LIKELY, VERY_LIKELY = Likelihood


def found(text):
    return [(match.value, match.likelihood) for match in nir.find(fold(text))]


@pytest.mark.parametrize("corsica", [False, True])
@pytest.mark.parametrize("spelling", identifiers.SPELLINGS)
def test_finds_a_number_however_it_is_written(spelling, corsica):
    rng = Random(spelling)
    for _ in range(20):
        number = identifiers.nir(rng, corsica=corsica)
        written = identifiers.SPELLINGS[spelling](number)
        assert found(f"Le voici : {written}, merci.") == [(number, LIKELY)]


@pytest.mark.parametrize(
    "text",
    [
        "N° de sécurité sociale : 2 85 09 75 999 998 37",
        "N°SS:285097599999837",
        "NSS285097599999837",
        "285097599999837 (NIR)",
        "Mme TEST, 2 85 09 75 999 998 37",
        "285097599999837 née le 14/09/1985",
        "matricule INS : 2-85-09-75-999-998-37",
    ],
)
def test_a_label_or_a_person_makes_it_certain(text):
    assert found(text) == [("285097599999837", VERY_LIKELY)]


@pytest.mark.parametrize(
    "text",
    [
        "CNI_2850975999998_37.pdf",
        "copie-carte(285097599999837).png",
        "x=285097599999837&y",
        "Anne TEST 285 097 599 999 837",
        "Anne TEST 285 097 599 999 8 37",
    ],
)
def test_finds_it_in_names_of_files_and_addresses(text):
    assert found(text) == [("285097599999837", LIKELY)]


@pytest.mark.parametrize("month", ["20", "21", "29", "31", "42", "50", "99"])
def test_knows_the_months_of_registers_without_a_month(month):
    number = f"163{month}99999012"
    whole = f"{number}{key(number):02d}"
    assert found(f"NIR {whole}") == [(whole, VERY_LIKELY)]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("285097599999838", "the key is wrong by one"),
        ("1285097599999837", "it is the tail of a longer number"),
        ("2850975999998370", "it goes on"),
        ("A285097599999837", "it is part of a reference"),
        ("285097599999837B", "it is part of a reference"),
        ("2 85 13 75 999 998 32", "there is no month 13"),
        ("2 85 43 75 999 998 96", "nor a month 43"),
        ("2 85 09 75 999 000 14", "orders begin at 001"),
        ("2 85 09 00 999 998 15", "there is no department 00"),
        ("185057599999723", "an order number of the same structure"),
        ("1751234567890", "a time in milliseconds"),
        ("3400930000120", "a drug's code"),
        ("2,79035E+14", "a spreadsheet lost the rest"),
    ],
)
def test_leaves_alone(text, why):
    assert found(text) == [], why


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Commande n° 185057599999724", "announced as an order"),
        ("colis 185057599999724 livré", "announced as a parcel"),
        ("2 69 05 49 588 157 80", "the specimen of public leaflets"),
        ("279035121518989^^^ASIP&1.2.250.1.213.1.4.10&ISO^INS", "a test identity"),
        ("279035121518989@patient.mssante.fr", "where a patient's address is meant to stand"),
        ("28 50 97 59 99 99 83 7", "figures grouped as no one writes it"),
        ("112 285 097 599 999 837", "figures of a table, in threes"),
        ("n° sécu : 285097599999838", "labelled, with a typing error"),
    ],
)
def test_is_only_possible_when(text, why):
    assert [sure for _, sure in found(text)] == [POSSIBLE], why


def test_figures_before_it_that_look_like_its_beginning_do_not_hide_it():
    """ "12" and the thirteen that follow have the structure of fifteen, with a wrong key."""
    assert found("n° 12 2850975999998 37") == [("285097599999837", LIKELY)]


def test_two_numbers_side_by_side_are_two():
    first, second = "285097599999837", "253072A99900405"
    assert [value for value, _ in found(f"{first} {second}")] == [first, second]
    assert [value for value, _ in found(f"{first}\n{second}")] == [first, second]


def test_random_numbers_of_fifteen_digits_are_almost_never_one():
    rng = Random(1)
    text = "\n\n".join(f"Pièce {rng.randrange(10**14, 10**15)}." for _ in range(20_000))
    assert len(found(text)) < 40  # 0.025 % to 0.15 % by the structure and the key


def test_its_mask_shows_no_more_than_sex_and_year():
    assert nir.mask("285097599999837") == "2 85 ** ** *** *** **"


@pytest.mark.parametrize("label", ["Bon de commande n°", "facture :", "N° de série", "colis no "])
def test_the_number_of_goods_is_no_person_s_however_near_somebody_is(label):
    number = identifiers.nir(Random(3))
    [match] = nir.find(fold(f"Bonjour Mme TESTEUR, {label} {number} est parti."))
    assert match.likelihood is Likelihood.POSSIBLE
    [match] = nir.find(fold(f"Mme TESTEUR, votre référence {number}, et votre commande."))
    assert match.likelihood >= Likelihood.LIKELY
