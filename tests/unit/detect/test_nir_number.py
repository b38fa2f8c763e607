from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect.fold import fold
from gateway.detect.nir_number import key, numbers
from tests.makers import identifiers


@pytest.mark.parametrize(
    ("number", "right"),
    [
        ("2790351215189", 89),
        ("2850975999998", 37),
        ("253072A999004", 5),
        ("253072b073004", 70),
        ("1900597199999", 97),
        ("2850999999998", 68),
    ],
)
def test_the_key_of_worked_examples(number, right):
    assert key(number) == right


@pytest.mark.parametrize(
    ("text", "usual"),
    [
        ("285097599999837", True),
        ("2 850975 999998 37", True),
        ("2850975\n99999837", True),  # wrapped once
        ("28 50 97 59 99 99 83 7", False),
        ("2850975\t99999837", False),  # two cells are two numbers, unless all parts are apart
        ("2850975999998\t37", False),
        ("2\t85\t09\t75\t999\t998\t37", True),
        ("2,85,09,75,999,998,37", True),
        ("2 85 09 75 999 998,37", True),  # a comma before the key alone
    ],
)
def test_tells_usual_ways_of_writing_from_others(text, usual):
    [number] = numbers(fold(text))
    assert (number.digits, number.keyed, number.usual) == ("285097599999837", True, usual)


@given(st.from_regex(r"\A[0-9AB .\-/|,\n\t]{0,60}\Z"))
def test_whatever_figures_stand_there_candidates_are_within_the_text_and_well_formed(text):
    folded = fold(text)
    for number in numbers(folded):
        assert 0 <= number.start < number.end <= len(folded.data)
        assert len(number.digits) in (13, 15)
        assert not number.keyed or int(number.digits[13:]) == key(number.digits)


@given(
    st.from_regex(r"\A[12][0-9]{2}(0[1-9]|1[0-2])[0-9]{8}\Z"),
    st.sampled_from(["", "12 ", "3 4 5 ", "1850 ", "tel 0123456789, "]),
)
def test_a_number_with_its_key_is_found_whatever_figures_come_before(number, before):
    if number[5:7] == "00" or number[10:] == "000":
        return
    whole = f"{number}{key(number):02d}"
    found = [n.digits for n in numbers(fold(f"{before}{whole}")) if n.keyed]
    assert whole in found


def test_far_from_any_word_a_wrong_key_is_nothing():
    rng = Random(1)
    figures = " ".join(identifiers.nir_with_wrong_key(rng) for _ in range(40))
    found = numbers(fold(f"mot {figures} mot"))
    assert not [n for n in found if 124 < n.start < 500]
    right = identifiers.nir(rng)
    assert [n.digits for n in numbers(fold(f"{figures} {right} {figures}"))] == [right.lower()]


def test_a_list_goes_on_however_far_from_its_label():
    """Each of them is somebody's number with a typing error."""
    rng = Random(1)
    wrong = [identifiers.nir_with_wrong_key(rng) for _ in range(40)]
    found = numbers(fold("NIR : " + " ".join(wrong)))
    assert [n.digits for n in found if n.labelled] == [number.lower() for number in wrong]


def test_a_list_goes_on_behind_a_misread_number():
    rng = Random(1)
    wrong = " ".join(identifiers.nir_with_wrong_key(rng) for _ in range(12))
    folded = fold(f"NIR : 2 85 O9 75 999 998 37 {wrong}")
    assert all(number.labelled for number in numbers(folded))
    assert len(numbers(folded)) == 13


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("13598;83862;57830", "three numbers of five digits"),
        ("9 4 1 7\n1 3 5 9 8 8 3 8 6 2 5 7 8 3 0 4", "boxes go on on both sides"),
        ("1 3 5 9 8 8 3 8\n6 2 5 7 8 3 0", "boxes over two rows of a table"),
        ("762,18\n3913463997145", "cents, and the number of the next line"),
        ("165\n11,9841\n1 817,63", "amounts, below each other"),
    ],
)
def test_figures_that_stand_together_by_chance_are_not_usual(text, why):
    assert not [n for n in numbers(fold(text)) if n.keyed and n.usual], why


@pytest.mark.parametrize("mark", [" ", "|", " | ", "\n", "_"])
def test_a_box_for_each_digit_is_usual(mark):
    number = identifiers.nir(Random(4))
    found = numbers(fold(f"Immatriculation\n{mark.join(number)}\nNom"))
    assert [n.usual for n in found if n.digits == number] == [True]


@pytest.mark.parametrize("before", ["0,", "48.", "-0."])
def test_the_decimals_of_a_measure_are_no_number(before):
    number = identifiers.nir(Random(4))
    assert [n for n in numbers(fold(f"ratio {before}{number} au total")) if n.keyed] == []
    assert [n for n in numbers(fold(f"ratio {number[0]}.{number[1:]} au total")) if n.keyed] == []
    assert [n for n in numbers(fold(f"0,5;17,{number};2,77")) if n.keyed] == []
    assert [n for n in numbers(fold(f"0,5\t17,{number}\n2,77\t")) if n.keyed] == []
    for rows in (
        f"12,{number},TEST",
        f"id,nir\n12,{number}\n",
        f"TEST,{number};2",
        f"a;{number};b",
    ):
        assert [n.digits for n in numbers(fold(rows))] == [number]


@pytest.mark.parametrize(
    "name",
    ["avec la clé", "et la clé :", "clé", "clef", "Clé :", "clef de contrôle :", "cl.", "key"],
)
def test_a_key_may_be_named(name):
    number = identifiers.nir(Random(4))
    assert number in [n.digits for n in numbers(fold(f"NIR {number[:13]} {name} {number[13:]}"))]
