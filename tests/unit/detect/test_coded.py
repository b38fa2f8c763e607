"""Records: where they begin, what is in their fields, what chance makes of figures."""

from __future__ import annotations

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect import b2, hl7, hprim, noemie, pmsi, pmsi_pseudonymous
from gateway.detect.coded import day, figured, laid_out, patient
from gateway.detect.fold import fold
from gateway.detect.nir_number import key, runs
from gateway.detect.pattern import linear
from gateway.model import Likelihood
from tests.makers.health_formats import insurance, messages, stays
from tests.makers.identifiers import nir, nir_with_wrong_key

SEPARATORS = st.sampled_from(["", "\n", "\r\n", "\r"])


def values(detector, text):
    return [match.value for match in detector.DETECTOR.find(fold(text))]


@pytest.mark.parametrize(
    ("digits", "order", "expected"),
    [
        (b"14091985", "dmy", "1985-09-14"),
        (b"19850914", "ymd", "1985-09-14"),
        (b"31022024", "dmy", ""),  # there is no such day
        (b"14091785", "dmy", ""),  # nobody of then is alive
        (b"00000000", "dmy", ""),
        (b"1409198", "dmy", ""),
        (b"JJMMAAAA", "dmy", ""),
    ],
)
def test_a_day_is_one_that_somebody_may_have_seen(digits, order, expected):
    assert day(digits, order) == expected


@pytest.mark.parametrize(
    ("names", "born", "number", "found"),
    [
        ((b"TEST", b"Anne"), "1985-09-14", b"", True),
        ((b"TEST",), "", b"42", True),
        ((b"TEST", b"Anne"), "", b"", False),  # anybody of that name
        ((b"NOM", b"PRENOM"), "1985-09-14", b"42", False),  # a form
        ((b"123", b""), "1985-09-14", b"", False),  # no name
        ((b"", b""), "1985-09-14", b"42", False),
    ],
)
def test_a_patient_has_a_name_and_something_of_his_own(names, born, number, found):
    assert (patient((0, 4), Likelihood.LIKELY, names, born, number) is not None) is found


LINES = st.lists(st.sampled_from(["mot", "1234567", "12 3456789", "12345", "\n", "\n", "x"]))


@given(LINES, st.booleans())
def test_lines_with_figures_are_those_that_a_pattern_would_find(pieces, numbered):
    """Those next to each other are one; in a text without thirteen digits none is looked for."""
    text = "".join(pieces) + "\n" * numbered + "2790351215189" * numbered
    whole = linear(rb"(?m)^(?:[^\n]*[0-9]{7}[^\n]*(?:\n|\z))+")
    folded = fold(text)
    spans = [found.span() for found in whole.finditer(laid_out(folded))] if runs(folded) else []
    assert figured(folded) == spans


RECORDS = st.lists(st.integers(0, 10**6), min_size=2, max_size=6, unique=True)


@given(RECORDS, SEPARATORS, st.integers(0, 127), st.integers(0, 3))
def test_every_insured_person_of_a_lot_is_found_wherever_it_begins(seeds, separator, cut, others):
    """In one piece, the beginning of the first record may be missing."""
    numbers = [nir(Random(seed)) for seed in seeds]
    filler = [f"4{'0' * 60}C {'1' * 20}".ljust(128)] * others
    records = [insurance.head(), "1".ljust(128)]
    for number in numbers:
        records += [f"2990000010 {number}001{'0' * 30}".ljust(128), *filler]
    text = separator.join([*records, "999".ljust(128)])
    assert set(values(b2, text[cut:])) == set(numbers)


@given(st.integers(0, 10**6), st.integers(1, 60))
def test_a_number_in_columns_is_told_with_its_own_place(seed, length):
    number = nir(Random(seed))
    folded = fold("\n" * 3 + f"2990000010 {number}{'7' * length}   x".ljust(128 + 3)[:128])
    [(kind, match)] = b2.DETECTOR.besides(folded)
    assert (kind, match.value) == ("fr.nir", number)
    assert folded.data[match.start : match.end] == number.lower().encode()


def test_a_wrong_key_is_nobody():
    assert values(b2, f"2990000010 {nir_with_wrong_key(Random(1))}".ljust(128)) == []


@pytest.mark.parametrize("detector", [b2, noemie, pmsi, pmsi_pseudonymous])
@pytest.mark.parametrize("width", [128, 400, 100_000])
def test_figures_of_anything_are_no_records(detector, width):
    """A thousand lines, or one: chance gives a few of them a right digit or key."""
    rng = Random(width)
    figures = "".join(rng.choices("0123456789", k=128_000))
    lines = "\n".join(figures[at : at + width] for at in range(0, len(figures), width))
    found = list(detector.DETECTOR.find(fold(lines)))
    assert not [match for match in found if match.likelihood > Likelihood.POSSIBLE]


@pytest.mark.parametrize("form", stays.NOMINATIVE)
def test_a_line_of_another_establishment_with_a_wrong_digit_is_none(form):
    """Its check digit is what tells a line from figures."""
    assert values(pmsi, stays.file(form, 1).replace(stays.FINESS, "990000011")) == []


def test_one_line_alone_is_less_sure_than_two():
    for detector, form, sure in (
        (pmsi, "RSS", Likelihood.LIKELY),
        (pmsi, "VID-HOSP", Likelihood.VERY_LIKELY),  # a right number beside
        (pmsi_pseudonymous, "RSA", Likelihood.POSSIBLE),
    ):
        [alone] = detector.DETECTOR.find(fold(stays.file(form, 1, 1)))
        assert alone.likelihood is sure
        several = list(detector.DETECTOR.find(fold(stays.file(form, 1, 2))))
        assert {match.likelihood for match in several} == {Likelihood.VERY_LIKELY}


def test_numbers_of_those_being_registered_keep_their_kind():
    number = "3850975999998"
    number += f"{key(number):02d}"
    [(kind, _)] = b2.DETECTOR.besides(fold(f"2990000010 {number}".ljust(128)))
    assert kind == "fr.nia"


def test_blank_lines_of_a_letter_count_as_lines():
    """The name is five lines above the birth date, whichever of those between are empty."""
    for end in ("\n", "\r\n"):
        head = [
            "398",
            "TEST",
            "Anne",
            "",
            "",
            "76999 TESTVILLE",
            "14/09/1985",
            "",
            "B1",
            "12/04/2024",
        ]
        letter = end.join([*head, "LABO", "", "Bonjour", "****FIN****", ""])
        assert values(hprim, letter) == ["anne test|1985-09-14"]


def test_a_segment_within_a_line_is_none():
    assert values(hl7, "le champ PID|1||3||TEST^Anne||19850914 est lu") == []


def test_messages_about_nobody_are_none():
    assert values(hl7, messages.HL7_HEAD + "\rMSA|AA|3975\r") == []
