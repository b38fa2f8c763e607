import pytest

from gateway.detect import nir13
from gateway.detect.fold import fold
from gateway.model import Likelihood

POSSIBLE, LIKELY, _ = Likelihood


@pytest.mark.parametrize(
    ("text", "sure"),
    [
        ("NIR : 2850975999998", LIKELY),
        ("numéro d'assuré social 2 85 09 75 999 998, merci", LIKELY),
        ("Mme TEST, 2 85 09 75 999 998", LIKELY),  # written part by part beside a person
        ("Mme TEST, 2850975999998", POSSIBLE),
        ("sécu 2 53 07 2A 999 004", LIKELY),
        ("N° Séc. Soc. : 2850975999998", LIKELY),
        ("N° S.S. : 2850975999998", LIKELY),
    ],
)
def test_finds_a_number_without_key_where_something_announces_it(text, sure):
    [match] = nir13.find(fold(text))
    assert match.likelihood is sure


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("2850975999998", "nothing announces it"),
        ("Madame, commande 2850975999998", "announced as an order"),
        ("EAN 2850975999998, assuré à 100 %", "announced as a bar code"),
        ('{"timestamp": 1751234567890, "nom": "x"}', "a time, and 12 in the month's place"),
        ("NIR : 2856575999998", "month 65 would need the key"),
        ("assuré 3400930000120", "a drug's code"),
        ("NIR 285097599999837", "it has its key: another detector's"),
        ("M. TEST 28 50 97 59 99 99 8", "figures grouped as no one writes it"),
    ],
)
def test_leaves_alone(text, why):
    assert list(nir13.find(fold(text))) == [], why
