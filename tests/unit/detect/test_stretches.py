"""Reading only where figures stand finds what reading the whole text finds."""

from __future__ import annotations

from random import Random

import pytest

from gateway.detect import nir_number, rib
from gateway.detect.figures import figures
from gateway.detect.fold import fold
from gateway.detect.stretches import found_in, stretches
from tests.makers import identifiers, prose

PATTERNS = {
    "runs": nir_number._RUN,
    "misread": nir_number._MISREAD,
    "accounts": rib._PLAIN,
    "misread accounts": rib._MISREAD,
}
MARKS = " .-/|,;:'()[]+&_ab\n"


def of_figures(rng: Random) -> str:
    """Figures and what stands between them, a few letters that look like some, a few words."""
    pieces: list[str] = []
    for _ in range(rng.randrange(5, 120)):
        make = rng.choice((identifiers.nir, identifiers.rib, identifiers.nir_with_wrong_key))
        number = make(rng)
        parted = " ".join(identifiers.rib_parts(number)) if len(number) == 23 else number
        shape = rng.choice((number, parted, rng.choice(MARKS).join(number), number[:9]))
        pieces.append(shape.replace(rng.choice("015"), rng.choice("OlS015")))
        pieces.append(rng.choice((" ", "\n", "-" * 7, " RIB ", " clé : ", "x", "", " mot " * 900)))
    return "".join(pieces)


@pytest.mark.parametrize("name", PATTERNS)
def test_it_finds_what_a_search_of_the_whole_text_finds(name):
    found = 0
    for seed in range(60):
        folded = fold(of_figures(Random(seed)))
        whole = [one.span() for one in PATTERNS[name].finditer(figures(folded))]
        assert [one.span() for one in found_in(folded, PATTERNS[name])] == whole
        found += len(whole)
    assert found > 20


def test_prose_has_none():
    assert not stretches(fold(prose.mixture(Random(1), 50_000, share=0, tricky=0)))


def test_near_ones_are_one_so_that_a_text_of_many_costs_few_searches():
    assert len(stretches(fold("0123456789 mots et mots " * 1000))) == 1
