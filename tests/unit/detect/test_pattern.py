from random import Random

import pytest
import re2
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gateway.detect import pattern as patterns
from gateway.detect import search
from gateway.detect.fold import fold
from gateway.detect.pattern import linear, present
from tests.makers import identifiers, prose

search.warm()
WATCHED = tuple(patterns._watched)


def test_a_byte_above_ascii_is_a_character():
    assert linear(rb"n[^0-9]7").search(b"n\xb07")


def test_the_default_of_re2_would_miss_it():
    """The trap that the module is for: should it vanish, so may the module."""
    assert not re2.compile(rb"n[^0-9]7").search(b"n\xb07")


LIKE_RE = (rb"a", rb"a*", rb"(a)|b", rb"(?:(a)(b)?)+", rb"^a|b$", rb"\b", rb"")


@given(st.sampled_from(LIKE_RE), st.binary(max_size=6), st.integers(-2, 8), st.integers(-2, 8))
def test_it_finds_what_the_module_of_re2_finds(written, filling, pos, endpos):
    """Which costs twice as much, and which it must not differ from in where anything begins."""
    data = b"ab" + filling + b"aab"
    mine, theirs = linear(written), re2.compile(written)
    found = [(one.span(), one.groups()) for one in mine.finditer(data, pos, endpos)]
    known = [(one.span(), one.groups(default=b"")) for one in theirs.finditer(data, pos, endpos)]
    assert found == known
    one = mine.search(data, pos, endpos)
    assert (one and (one.start(), one.end())) == (known[0][0] if known else None)


def test_what_cannot_be_linear_is_refused():
    with pytest.raises(re2.error):
        linear(rb"(a)\1")


def test_a_pattern_that_backtracks_elsewhere_ends_here():
    assert linear(rb"(?:a+)+$").search(b"a" * 200_000 + b"b") is None


def test_detectors_watch_for_what_few_texts_hold():
    assert len(WATCHED) >= 5


@settings(suppress_health_check=[HealthCheck.too_slow], max_examples=50)  # long patterns
@given(st.sampled_from(WATCHED), st.data())
def test_what_is_watched_for_is_seen_wherever_it_is(pattern, data):
    """Drawn from the pattern itself; anchors match at both ends of what is drawn."""
    text = data.draw(st.from_regex(pattern.pattern.replace(rb"\z", rb"\Z"))).lower()
    assert {p for p in WATCHED if p.search(text)} == present(text)


@pytest.mark.parametrize("seed", range(40))
def test_what_is_watched_for_is_seen_in_correspondence(seed):
    rng = Random(seed)
    made = rng.choice((identifiers.nir, identifiers.rib, identifiers.nir_with_wrong_key))
    text = fold(prose.mixture(rng, rng.randint(1, 1500), share=0.3) + made(rng)).data
    assert {p for p in WATCHED if p.search(text)} == present(text)


def test_where_the_automaton_outgrows_its_memory_everything_may_be_there(monkeypatch):
    class Overgrown:
        def Match(self, data):
            return None

    monkeypatch.setattr(patterns, "_together", lambda count: Overgrown())
    assert present(b"nothing") == frozenset(WATCHED)
