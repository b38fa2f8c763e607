from random import Random

import pytest

from gateway.detect import nia
from gateway.detect.fold import fold
from tests.makers import identifiers


def test_finds_a_provisional_number_behind_a_label():
    rng = Random(2)
    for _ in range(50):
        number = identifiers.nia(rng)
        for label in ("NIA :", "Numéro provisoire"):
            assert [m.value for m in nia.find(fold(f"{label} {number}"))] == [number]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("{}", "nothing announces it"),
        ("IMEI {}", "telephones have fifteen digits too"),
        ("carte {}", "and so have some bank cards"),
    ],
)
def test_leaves_alone(text, why):
    number = identifiers.nia(Random(3))
    assert list(nia.find(fold(text.format(number)))) == [], why
