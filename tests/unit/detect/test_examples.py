"""Every kind against its table of examples, which its page in docs/detectors shows."""

from __future__ import annotations

import pytest

from gateway.detect.fold import fold
from gateway.detect.search import _detectors
from gateway.model import Likelihood
from tests.makers.examples import FOUND, LEFT, MISSED
from tools.detector_pages import outdated

DETECTORS = _detectors()


def found(kind, text):
    return {match.value: match.likelihood.word for match in DETECTORS[kind].find(fold(text))}


@pytest.mark.parametrize(
    ("kind", "text", "value", "sure"), [(kind, *row) for kind in FOUND for row in FOUND[kind]]
)
def test_finds(kind, text, value, sure):
    assert found(kind, text).get(value) == sure


@pytest.mark.parametrize(
    ("kind", "text", "why"), [(kind, *row) for kind in LEFT for row in LEFT[kind]]
)
def test_leaves_alone(kind, text, why):
    likely = {Likelihood.LIKELY.word, Likelihood.VERY_LIKELY.word}
    assert likely.isdisjoint(found(kind, text).values()), why


@pytest.mark.parametrize(
    ("kind", "text", "why"), [(kind, *row) for kind in MISSED for row in MISSED[kind]]
)
def test_misses_as_its_page_says(kind, text, why):
    """Should one be found some day, its page is to say so."""
    assert found(kind, text) == {}, why


@pytest.mark.parametrize("kind", FOUND)
def test_its_mask_is_not_the_value(kind):
    for _, value, _ in FOUND[kind]:
        digits = "".join(filter(str.isdigit, value))
        shown = "".join(filter(str.isdigit, DETECTORS[kind].mask(value)))
        assert len(shown) <= max(5, len(digits) // 2)
        assert DETECTORS[kind].mask(value) != value
        if len(digits) > 5:
            assert digits not in shown


def test_every_kind_that_reads_text_has_examples():
    assert set(FOUND) == set(LEFT) == {kind for kind in DETECTORS if not kind.startswith("table.")}


def test_the_pages_of_docs_say_what_the_detectors_do():
    assert outdated() == [], "run `make pages`"
