"""Hostile text costs no more a byte when there is more of it. Counted in calls, not in time."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterable
from random import Random

import pytest

from gateway.detect.fold import fold
from gateway.detect.search import _detectors, warm
from tests.makers import identifiers, persons
from tests.makers.examples import FOUND, LEFT

SMALL, LARGE = 20_000, 80_000  # bytes: beyond the texts that are treated apart as short
warm()
DETECTORS = _detectors()

NEARLY = {
    "labels": "allocataire passeport cni rpps bic ipp groupe sanguin ne le numero fiscal ",
    "a label and digits": "allocataire 123456 passeport 12ab3456 ",
    "telephones": "06 39 98 00 0 ",
    "ways": "12 rue ",
    "countries": "fr76 de89 ",
    "fillers": "P<FRATEST<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<< ",
    "addresses": "a@b. c@d.e ",
    "rounded": "2,79035E+14 ",
    "digits": "2790351215189 ",
    "boxes": "2 7 9 0 3 5 ",
    "civilities": "M. Mme ",
    "records": "\n2990000010 285097599999838" + "0" * 102,
    "entities": "\n060 285097599999838@",
    "segments": "\nPID|1||||A^B||\nP|1|||||a~b",
    "letters": "\n14/09/1985\nx\ny\n14/09/1985\n****FIN***",
    "patients": "\n<PID><PID.5>FN.1>a<<evenementsPatients><patient><PATIENT><NAISSANCE>",
    "establishments": "\n990000010017" + "0" * 120,
    "names": "Jean DUPONT ",
    "births": "Jean DUPONT, né le 3/2/1961, ",
    "names and health": "Jean DUPONT, vous avez votre chimiothérapie pour votre cancer ; ",
}


def calls(kinds: Iterable[str], text: str) -> int:
    """How many functions are called, in Python and in C."""
    folded = fold(text)
    count = 0

    def called(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    gc.disable()  # its callbacks are calls, too
    sys.setprofile(called)
    try:
        for kind in kinds:
            for _ in DETECTORS[kind].find(folded):
                pass
    finally:
        sys.setprofile(None)
        gc.enable()
    return count


@pytest.mark.parametrize("nearly", NEARLY)
def test_four_times_the_text_is_four_times_the_work(nearly):
    unit = NEARLY[nearly]
    small, large = (unit * (size // len(unit)) for size in (SMALL, LARGE))
    calls(DETECTORS, small)  # some remember what they met
    assert calls(DETECTORS, large) <= 4.2 * calls(DETECTORS, small) + 200


def slips(text: str, rng: Random) -> str:
    """One character of it lost, doubled or another, as near to a match as can be."""
    at = rng.randrange(len(text))
    other = rng.choice(("", text[at] * 2, rng.choice("0123456789"), rng.choice("OlISB"), " ", "\n"))
    return text[:at] + other + text[at + 1 :]


@pytest.mark.parametrize("kind", FOUND)
def test_so_it_is_for_what_is_one_slip_away_from_a_match(kind):
    rng = Random(kind)
    made: list[str] = []
    while sum(map(len, made)) < LARGE:
        made.append(slips(rng.choice(FOUND[kind])[0], rng))
    large = "\n".join(made)
    quarters = [large[at : at + SMALL] for at in range(0, LARGE, SMALL)]  # none is like another
    apart = sum(calls([kind], quarter) for quarter in quarters)
    assert calls([kind], large) <= 1.2 * apart + 200


@pytest.mark.parametrize("kind", LEFT)
def test_so_it_is_for_the_near_matches_of_a_kind(kind):
    texts = [text for text, _ in LEFT[kind]]
    wrong = identifiers.nir_with_wrong_key(Random(kind))
    unit = " ; ".join([*texts, *(text for text, *_ in FOUND[kind]), wrong, "IBAN FR76", " n° "])
    small, large = (unit * (size // len(unit) + 1) for size in (SMALL, LARGE))
    calls([kind], small)  # the first in its process builds tables
    assert calls([kind], large) <= 4.4 * calls([kind], small) + 200


rng = Random(4)
# Near-matches of numbers, and the calls that each byte of them may cost; a mail of the bench's
# mixture costs 0.2. What is far from words is dismissed by its digits alone.
NUMBERS = {
    "wrong keys": (" ".join(identifiers.nir_with_wrong_key(rng) for _ in range(1250)), 1.3),
    "in boxes": (" ".join("".join(identifiers.nir_with_wrong_key(rng) for _ in range(650))), 4.7),
    "of up to five digits": (" ".join(str(rng.randint(0, 99_999)) for _ in range(3400)), 2.0),
    "in one piece": ("".join(rng.choices("0123456789", k=SMALL)), 1.15),
    "wrong accounts": (" ".join(str(rng.randint(10**22, 10**23)) for _ in range(830)), 0.9),
    "wrong IBANs": (" ".join("FR77" + identifiers.rib(rng) for _ in range(700)), 2.2),
}


@pytest.mark.parametrize("nearly", NUMBERS)
def test_numbers_that_are_nothing_are_dismissed_by_few_calls(nearly):
    text, most = NUMBERS[nearly]
    calls(DETECTORS, text)
    assert calls(DETECTORS, text) <= most * len(text)


PEOPLE = [persons.person(rng) for _ in range(600)]
# Heaps of names and of health words, whose findings cost more than what is nothing.
HEAPS = {
    "names": (" ".join(f"{one.first} {one.last}" for one in PEOPLE), 4.0),
    "births": ("".join(f"{one.first} {one.last}, {one.born_on}, " for one in PEOPLE), 4.2),
    "the beginnings of births": ("né le 1 " * 2500, 7.7),
    "civilities": ("M. Mme " * 2850, 7.4),
    "illnesses": ("vih sida cancer du sein " * 830, 2.3),
    "the ill": ("".join(f"M. {one.first} {one.last} a un cancer. " for one in PEOPLE), 28.5),
}


@pytest.mark.parametrize("heap", HEAPS)
def test_heaps_of_names_and_illnesses_cost_few_calls(heap):
    text, most = HEAPS[heap]
    text = text[:SMALL]
    calls(DETECTORS, text)
    assert calls(DETECTORS, text) <= most * len(text)
