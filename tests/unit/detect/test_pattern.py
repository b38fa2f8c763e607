import pytest
import re2

from gateway.detect.pattern import linear


def test_a_byte_above_ascii_is_a_character():
    assert linear(rb"n[^0-9]7").search(b"n\xb07")


def test_the_default_of_re2_would_miss_it():
    """The trap that the module is for: should it vanish, so may the module."""
    assert not re2.compile(rb"n[^0-9]7").search(b"n\xb07")


def test_what_cannot_be_linear_is_refused():
    with pytest.raises(re2.error):
        linear(rb"(a)\1")


def test_a_pattern_that_backtracks_elsewhere_ends_here():
    assert linear(rb"(?:a+)+$").search(b"a" * 200_000 + b"b") is None
