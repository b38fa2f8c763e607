"""Accounts in words read from pictures: put right where their keys say so, nowhere else."""

from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text
from tests.makers import identifiers

TAKEN = {"O": "0", "I": "1", "S": "5", "B": "8", "Z": "7", "Q": "9", "J": "/", "T": "7"}


def values(text, medium=Medium.PICTURE):
    hits, problems = search([Text(Place("1"), text, medium)])
    assert not problems
    return {
        h.value for h in hits if h.likelihood >= Likelihood.LIKELY and h.kind in ("iban", "fr.rib")
    }


def rib(rng, letter):
    """With this letter in its account."""
    number = identifiers.rib(rng)
    account = f"{number[10:14]}{letter}{number[15:21]}"
    value = dict(zip("OISBZQJT", "69229813", strict=True))[letter]
    digits = int(account.replace(letter, value))
    key = 97 - (89 * 99999 + 15 * int(number[5:10]) + 3 * digits) % 97
    return f"{number[:10]}{account}{key:02d}"


@pytest.mark.parametrize("letter", TAKEN)
def test_a_letter_taken_for_a_digit_is_put_right(letter):
    number = rib(Random(letter), letter)
    wrong = " ".join(identifiers.rib_parts(number)).replace(letter, TAKEN[letter])
    assert values(f"RIB : {wrong}") == {number}
    assert values(f"RIB : {wrong}", Medium.DOCUMENT) == set()
    iban = identifiers.foreign_iban("FR", number)
    read = identifiers.grouped(iban[:18] + TAKEN[letter] + iban[19:])
    assert values(f"IBAN {read}") == {iban}
    assert values(f"IBAN {read}", Medium.DOCUMENT) == set()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(0, 11))
def test_a_figure_seen_twice_is_left_out(seed, at):
    bank, branch, account, key = identifiers.rib_parts(identifiers.rib(Random(seed)))
    longer = account[:at] + account[max(0, at - 1)] + account[at:]
    [found] = values(f"RIB : {bank} {branch} {longer} {key}")
    assert (found[:10], found[21:]) == (bank + branch, key)


def test_of_several_readings_the_right_one_is_alone():
    """The engine reads a line several times; a wrong reading must not become a second account."""
    parts = identifiers.rib_parts(identifiers.rib(Random(3)))
    wrong = [(*parts[:2], parts[2][:i] + "0" + parts[2][i + 1 :], parts[3]) for i in range(11)]
    lines = "\n".join("RIB : " + " ".join(one) for one in (*wrong, parts))
    assert values(lines) == {"".join(parts)}


def test_without_a_label_nothing_is_put_right():
    number = rib(Random(1), "O")
    assert values(" ".join(identifiers.rib_parts(number.replace("O", "0")))) == set()
