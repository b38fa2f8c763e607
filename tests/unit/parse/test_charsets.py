import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.parse import charsets


@pytest.mark.parametrize(
    ("name", "known"),
    [
        ("UTF-8", True),
        ("iso-8859-15", True),
        ("windows-1252", True),
        ("x-sjis", True),
        ("ISO-8859-8-I", True),
        ("klingon", False),
        ("punycode", False),  # quadratic
        ("unicode_escape", False),  # no character set
        ("a\0b", False),
        ("../../x", False),
    ],
)
def test_only_character_sets_are_looked_up(name, known):
    assert (charsets.codec(name) is not None) is known


@given(st.binary(), st.text())
def test_never_raises(data, charset):
    charsets.decode(data, charset)


@given(st.text(st.characters(codec="ascii", exclude_categories=["Cc"])))
def test_ascii_survives_an_unknown_character_set(text):
    assert charsets.decode(text.encode(), "klingon") == text
