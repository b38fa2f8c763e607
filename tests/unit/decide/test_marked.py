"""YAML that knows where it stands: what it reads, what it refuses, and where it points."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from pydantic import RootModel

from gateway.decide.complaint import Complaint
from gateway.decide.marked import MAX_BYTES, Strict, load, point


class Anything(RootModel[object]):
    """Whatever the file says."""


class Inner(Strict):
    colour: str
    size: int = 0


class Outer(Strict):
    name: str
    inner: Inner | None = None
    several: dict[str, Inner] | None = None
    words: tuple[str, ...] = ()


def read(text):
    found, complaints = load("a.yaml", text, Anything)
    assert not complaints, "\n".join(map(str, complaints))
    return found.root


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("14:00", "14:00"),
        ("no", "no"),
        ("0o17", "0o17"),
        ("012", "012"),
        ("1e3", "1e3"),
        ("2026-12-31", "2026-12-31"),
        ("<<", "<<"),
        ("12", 12),
        ("-3", -3),
        ("1.5", 1.5),
        ("true", True),
        ("~", None),
        ("'12'", "12"),
        ('"true"', "true"),
        ("٣", "٣"),
    ],
)
def test_a_plain_word_is_what_yaml_1_2_says(written, meant):
    assert read(f"a: {written}\n") == {"a": meant}


def test_a_key_is_a_word_whatever_it_looks_like():
    assert read("2525: a\ntrue: b\n") == {"2525": "a", "true": "b"}


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**6), 10**6) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=10,
)


@given(st.dictionaries(st.text(max_size=5), VALUES, min_size=1))
def test_what_is_written_quoted_comes_back(value):
    text = yaml.safe_dump(value, default_style='"', allow_unicode=True)
    found, complaints = load("a.yaml", text, Anything)
    assert not complaints or "tags" in complaints[0].wrong  # safe_dump tags numbers it has quoted
    assert complaints or found.root == value


@pytest.mark.parametrize(
    ("text", "line", "column", "width", "wrong"),
    [
        ("name: a\nnme: b\n", 2, 1, 3, 'unknown key "nme"'),
        ("name: a\ninner: {color: b}\n", 2, 9, 5, '"colour" is missing'),
        ("name: a\ninner:\n  colour: b\n  size: big\n", 4, 9, 3, "this is no whole number"),
        ("name: a\nseveral:\n  one: {colour: b}\n  two: {}\n", 4, 8, 2, '"colour" is missing'),
        ("name: 12\n", 1, 7, 2, "it should be a valid string"),
        ("name: a\nwords: [b, [c]]\n", 2, 12, 3, "it should be a valid string"),
        ("name: a\nname: b\n", 2, 1, 4, '"name" is written twice'),
        ("name: a\nwords: b\n", 2, 8, 1, "a list is expected here"),
        ("name: é\nınner: x\n", 2, 1, 5, 'unknown key "ınner"'),
    ],
)
def test_a_complaint_points_at_the_fault(text, line, column, width, wrong):
    found, [complaint, *_] = load("a.yaml", text, Outer)
    assert found is None
    assert (complaint.line, complaint.column, complaint.width, complaint.wrong) == (
        line,
        column,
        width,
        wrong,
    )


def test_the_nearest_key_is_that_of_the_place_where_it_stands():
    text = "name: a\nseveral:\n  x: {colour: b, siz: 3}\ninner: {colour: c, nam: d}\n"
    _, [one, other] = load("a.yaml", text, Outer)
    assert one.remedy == 'did you mean "size"?'
    assert other.remedy == "known: colour, size", '"name" is a key of another place'


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("[" * 100_000 + "]" * 100_000, "nested more than"),
        ("a: " * 50 + "b", "not YAML"),
        ("a: &x 1\n", "anchors and aliases"),
        ("a: *x\n", "anchors and aliases"),
        ("a: !!python/object/apply:os.system [id]\n", "tags are not read here"),
        ("a: !include b.yaml\n", "tags are not read here"),
        ("? [a, b]\n: c\n", "this key is no word"),
        ("a: b\x00c\n", "not YAML"),
        ("a: \ud800\n", "not YAML"),
        ("a: x\n---\nb: y\n", "not YAML"),
        ("a: " + "x" * MAX_BYTES, "more than 1 MB"),
        ("a: " + "é" * (MAX_BYTES // 2), "more than 1 MB"),
        ("", "the file is empty"),
    ],
)
def test_refuses(text, wrong):
    found, [complaint, *_] = load("a.yaml", text, Anything)
    assert found is None
    assert complaint.wrong.startswith(wrong)


@given(st.text(alphabet="ab:-[]{}&*!?|>'\"#%@, \n\t\x85\u2028é🎉", max_size=60))
def test_no_text_makes_the_reader_fail(text):
    found, complaints = load("a.yaml", text, Outer)
    assert (found is None) is bool(complaints)
    for complaint in complaints:
        assert str(complaint)


def test_a_complaint_reads_as_an_operator_would_want():
    complaint = Complaint("a.yaml", 6, 12, 6, "  finding: fr.nri", "no such kind", "did you…?")
    assert str(complaint).splitlines() == [
        "a.yaml:6:12: no such kind",
        "    6 |   finding: fr.nri",
        "      |            ^^^^^^ did you…?",
    ]


def test_a_place_can_be_pointed_at_later():
    text = "name: a\nwords:\n  - one\n  - two\n"
    complaint = point("a.yaml", text, ("words", 1), "wrong", "remedy")
    assert (complaint.line, complaint.column, complaint.width) == (4, 5, 3)
