"""Every identifier with a key: found in every spelling, not likely once a digit is another."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text
from tests.makers import identifiers


class Keyed(NamedTuple):
    """label: with which it is likely. kinds: none of them may be likely when a digit changed."""

    make: Callable[[Random], str]
    label: str
    kinds: tuple[str, ...]
    spellings: tuple[Callable[[str], str], ...]


def grouped(size, mark=" "):
    return lambda number: identifiers.grouped(number, size, mark)


def parted(mark):
    return lambda number: mark.join(identifiers.parts(number))


KEYED = {
    "NIR": Keyed(
        identifiers.nir,
        "n° de sécurité sociale",
        ("fr.nir", "fr.nir13"),
        (str, parted(" "), parted("."), parted("-"), parted("\u202f"), identifiers.key_apart),
    ),
    "NIA": Keyed(
        identifiers.nia,
        "n° de sécurité sociale provisoire",
        ("fr.nia",),
        (str, parted(" "), parted("."), parted("-"), identifiers.key_apart),
    ),
    "IBAN": Keyed(identifiers.iban, "IBAN", ("iban",), (str, grouped(4), grouped(4, "."))),
    "RIB": Keyed(
        identifiers.rib, "RIB", ("fr.rib",), (str, lambda n: " ".join(identifiers.rib_parts(n)))
    ),
    "card": Keyed(
        identifiers.card, "carte bancaire", ("card",), (str, grouped(4), grouped(4, "-"))
    ),
    "SPI": Keyed(
        identifiers.tax_number,
        "numéro fiscal",
        ("fr.spi",),
        (str, lambda n: f"{n[:2]} {n[2:4]} {n[4:7]} {n[7:10]} {n[10:]}"),
    ),
}


def likely(text):
    hits, problems = search([Text(Place("1"), text, Medium.BODY)])
    assert not problems
    return {(hit.kind, hit.value) for hit in hits if hit.likelihood >= Likelihood.LIKELY}


@pytest.mark.parametrize("name", KEYED)
@settings(max_examples=60, deadline=None)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_found_in_every_spelling(name, seed, data):
    one = KEYED[name]
    number = one.make(Random(seed))
    written = data.draw(st.sampled_from(one.spellings))(number)
    around = data.draw(st.sampled_from(("{} : {}", "{} {}.", "{}\n{}\n", "{} ({})")))
    text = around.format(one.label, written)
    assert (one.kinds[0], number) in likely(text)


@pytest.mark.parametrize("name", KEYED)
@settings(max_examples=120, deadline=None)
@given(seed=st.integers(0, 10**9), data=st.data())
def test_not_likely_with_a_digit_changed(name, seed, data):
    one = KEYED[name]
    number = one.make(Random(seed))
    at = data.draw(st.integers(0, len(number) - 1).filter(lambda i: number[i].isdigit()))
    other = data.draw(st.sampled_from("0123456789").filter(lambda digit: digit != number[at]))
    wrong = number[:at] + other + number[at + 1 :]
    text = f"{one.label} : {data.draw(st.sampled_from(one.spellings))(wrong)}"
    assert {kind for kind, _ in likely(text)}.isdisjoint(one.kinds)
