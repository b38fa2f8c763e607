from random import Random

import pytest

from gateway.detect import mrz
from gateway.detect.fold import fold
from gateway.model import Likelihood
from tests.makers import identifiers


def found(text):
    return [(match.value, match.likelihood) for match in mrz.find(fold(text))]


@pytest.mark.parametrize("paper", identifiers.ZONES)
@pytest.mark.parametrize(
    "written", [str, str.lower, lambda z: z.replace("\n", "\r\n"), "Lu : {} .".format]
)
def test_finds_the_zone_of_a_paper(paper, written):
    rng = Random(paper)
    for _ in range(20):
        zone, number = identifiers.ZONES[paper](rng)
        assert found(written(zone)) == [(number, Likelihood.VERY_LIKELY)]


@pytest.mark.parametrize("paper", identifiers.ZONES)
def test_one_digit_changed_is_possible_at_most(paper):
    rng = Random(paper)
    zone, _ = identifiers.ZONES[paper](rng)
    lines = zone.split("\n")
    numbered = lines[0] if paper == "card" else lines[1]
    for at, char in enumerate(numbered[:14]):
        if char.isdigit():
            other = str((int(char) + 1) % 10)
            wrong = zone.replace(numbered, numbered[:at] + other + numbered[at + 1 :])
            assert all(sure is Likelihood.POSSIBLE for _, sure in found(wrong))


@pytest.mark.parametrize(("text", "digit"), [("900713", "8"), ("300211", "9"), ("L898902C3", "6")])
def test_check_digits_of_worked_examples(text, digit):
    assert mrz.check(text.lower()) == digit
