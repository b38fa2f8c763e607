"""Domains that look like one that is known, and those that do not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.lookalike import resembled, slips_between
from gateway.decide.places import normal_domain

KNOWN = ("ch-exemple.example", "labo-martin.fr", "cpam93.fr", "apicrypt.org", "aphp.fr")


@pytest.mark.parametrize(
    ("domain", "meant"),
    [
        ("ch-exmple.example", "ch-exemple.example"),  # a letter dropped
        ("ch-exempel.example", "ch-exemple.example"),  # neighbours swapped
        ("ch-exemples.example", "ch-exemple.example"),
        ("labo-rnartin.fr", "labo-martin.fr"),  # rn for m
        ("lab0-martin.fr", "labo-martin.fr"),
        (normal_domain("labo-mаrtin.fr"), "labo-martin.fr"),  # a Cyrillic а
        (normal_domain("labo-martín.fr"), "labo-martin.fr"),
        ("labo-martin.com", "labo-martin.fr"),
        ("aphp.com", "aphp.fr"),  # short, and the ending alone differs
        ("apicript.org", "apicrypt.org"),
    ],
)
def test_one_slip_another_ending_or_another_alphabet_is_told(domain, meant):
    assert resembled(domain, KNOWN) == meant


@pytest.mark.parametrize(
    "domain",
    [
        "",
        *KNOWN,  # itself
        "aphm.fr",  # short names are near to everything: another house
        "cpam94.fr",  # the neighbouring department, as short
        "mail.labo-martin.fr",  # a branch
        "labo-durand.fr",
        "exemple.example",
        "x" * 65 + ".fr",
        "labo-martin",
    ],
)
def test_what_is_known_a_branch_or_simply_another_is_not(domain):
    assert resembled(domain, KNOWN) == ""


def test_a_house_that_is_known_itself_is_never_taken_for_its_neighbour():
    assert resembled("ch-exemples.example", (*KNOWN, "ch-exemples.example")) == ""


@given(st.text("abcde", max_size=8), st.text("abcde", max_size=8))
def test_slips_are_counted_as_by_the_definition(one, other):
    """Against the plain recursion over the last letters."""
    known = {}

    def slips(a, b):
        if not a or not b:
            return len(a) + len(b)
        if (a, b) not in known:
            ways = [slips(a[:-1], b) + 1, slips(a, b[:-1]) + 1]
            ways.append(slips(a[:-1], b[:-1]) + (a[-1] != b[-1]))
            if a[-2:] == b[-2:][::-1] and len(a) > 1 and len(b) > 1:
                ways.append(slips(a[:-2], b[:-2]) + 1)
            known[a, b] = min(ways)
        return known[a, b]

    assert slips_between(one, other, 2) == min(slips(one, other), 3)
    assert slips_between(one, other, 8) == slips(one, other)
