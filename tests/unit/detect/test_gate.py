"""A gate stops nothing that would match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect import at_work, half_named, name_context, person
from gateway.detect.fold import fold
from gateway.detect.gate import Gate, at_beginning, relaxed
from tests.unit.detect.test_at_work import AT_WORK, NOT_AT_WORK

PATTERNS = (
    rb"(?<![a-z])ab(?![a-z])",
    rb"a(?!b(?:c|d))[^)(]b",
    rb"(a)|(?P<other>b)c\Z",
    rb"[()\]]a|\(b\)",
    rb"(?<!x)(?:[^\]a]|\\b)\b",
    rb"(?=a)a{2,3}(?:b(?!c)|\Z)",
)


@given(st.sampled_from(PATTERNS), st.binary(max_size=4), st.data())
def test_what_matches_is_let_through(pattern, filling, data):
    """Drawn from the pattern itself, and from its signs in any order."""
    drawn = st.from_regex(pattern) | st.text("abcx()]\\", max_size=8).map(str.encode)
    text = filling + data.draw(drawn) + filling
    compiled = re.compile(pattern)
    assert Gate(compiled).may_match(text) >= bool(compiled.search(text))
    assert at_beginning(compiled).may_match(text) >= bool(compiled.match(text))


def test_it_stops_what_cannot_match():
    gate = Gate(re.compile(rb"(?<![a-z])directeur(?![a-z])"), re.compile(rb"(merci) a\Z"))
    assert not gate.may_match(b"le facteur, merci a vous")
    assert not at_beginning(re.compile(rb"merci")).may_match(b"ah, merci")


def test_it_is_told_by_the_whole_pattern_and_not_by_what_is_looked_for_around():
    assert relaxed(re.compile(rb"(?<!a)b(?![(\])]|c(?:d))(e|f)\Z")) == rb"b(?:e|f)\z"


@pytest.mark.parametrize("text", AT_WORK + NOT_AT_WORK)
def test_whom_a_text_names_is_judged_as_without_gates(text, monkeypatch):
    folded = fold(text)
    judged = person.found(folded)
    monkeypatch.setattr(Gate, "may_match", lambda gate, data: True)
    assert person.found(fold(text)) == judged
    spans = [(one.start, one.end) for one in judged]
    assert [at_work.works(folded, *span) for span in spans] == [
        at_work.works(fold(text), *span) for span in spans
    ]


def test_half_a_name_is_found_by_the_pattern_that_tells_which():
    """RE2 finds where, `re` says which: both must mean the same."""
    texts = ("Mme D. tousse", "Kenza (14 ans)", "mon fils Leo,", "la patiente de la 12", "rien")
    found = [bool(half_named._ANY.search(text.encode())) for text in texts]
    assert found == [bool(half_named._WHICH.search(text.encode())) for text in texts]
    assert found == [True, True, True, True, False]


def test_a_closing_formula_is_seen_above_a_signature():
    assert name_context.signs(fold("Cordialement, Anne TEST"), len("Cordialement, "))
    assert not name_context.signs(fold("Accordialements, Anne TEST"), len("Accordialements, "))
