"""Kinds that a label announces: texts drawn from their own patterns, labels of every spelling."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import gateway.detect
from gateway.detect.fold import fold
from gateway.detect.heads import Head, announced, spans
from gateway.detect.search import warm

warm()
NUMBERS = ("_NUMBER", "_CODE", "_DATE", "_GROUP")


def labelled():
    for name in (module.name for module in iter_modules(gateway.detect.__path__)):
        module = import_module(f"gateway.detect.{name}")
        head = getattr(module, "_LABEL", None)
        if isinstance(head, Head) and hasattr(module, "DETECTOR"):
            pattern = next(getattr(module, n) for n in NUMBERS if hasattr(module, n))
            yield pytest.param(module, head, pattern, id=module.DETECTOR.kind)


LABELLED = list(labelled())


@pytest.mark.parametrize(("module", "head", "pattern"), LABELLED)
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_whatever_has_the_form_is_read_within_the_text(module, head, pattern, data):
    label = data.draw(st.from_regex(head.body, fullmatch=True)).decode("latin-1")
    number = data.draw(st.from_regex(b"\\A(?:" + pattern.pattern + b")\\Z", fullmatch=True))
    folded = fold(f"{label} {number.decode('latin-1')} ")
    found = list(module.DETECTOR.find(folded))
    assert spans(folded, head)
    for match in found:
        assert 0 <= match.start < match.end <= len(folded.data)
        assert match.value
        assert module.DETECTOR.mask(match.value) != match.value


@pytest.mark.parametrize(("module", "head", "pattern"), LABELLED)
@settings(max_examples=20, deadline=None)
@given(data=st.data())
def test_a_label_within_a_word_announces_nothing(module, head, pattern, data):
    label = data.draw(st.from_regex(head.body, fullmatch=True)).decode("latin-1")
    for text in (f"x{label} 1", f"{label}x 1"):
        folded = fold(text)
        assert (0, len(label)) not in spans(folded, head)
        assert all(start for start, _ in spans(folded, head)) or text[0] != "x"


def test_numbers_beyond_reach_are_not_announced():
    folded = fold("passeport" + " x" * 60 + " 99ZZ99999")
    head = import_module("gateway.detect.passport")._LABEL
    assert spans(folded, head)
    assert not list(announced(folded, head, import_module("gateway.detect.passport")._NUMBER))
