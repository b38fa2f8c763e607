"""What a search of innocent text may cost, in work and not in time.

A detector that reads each text once more makes all mail slower, so passes over the whole text are
counted: every search by RE2 or by an automaton, weighted by the share of the text it is given.
"""

from __future__ import annotations

from random import Random

import pytest
import re2
from ahocorasick_rs import BytesAhoCorasick

from gateway.detect import health_terms, person, search
from gateway.detect.fold import fold
from gateway.detect.pattern import Pattern
from gateway.model import Medium, Place, Text
from tests.makers import prose

search.warm()
SHORT, LONG = 4_000, 60_000  # characters: below and above where short texts are gated as one
# The automata of terms and of first names, the gate of all watched patterns, heads; beyond 16 KB
# the watched ones each by itself, but those of long numbers where figures are.
MOST = {SHORT: 4.2, LONG: 7.2}
# Digits, names and all that look like something, in one paragraph of seven.
MOST_TRICKY = {SHORT: 8.5, LONG: 10.8}


class Passes:
    """How often RE2 and the automata read the text, in whole texts."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.read = 0.0

    def count(self, begin: int, end: int) -> None:
        self.read += max(0, end - begin) / self.size


class Automaton:
    """One that says how much it reads."""

    def __init__(self, real: BytesAhoCorasick, passes: Passes) -> None:
        self.real = real
        self.passes = passes

    def find_matches_as_indexes(self, text):
        self.passes.count(0, len(text))
        return self.real.find_matches_as_indexes(text)


@pytest.fixture
def passes(monkeypatch):
    counted = Passes(1)
    first, each, many = Pattern.search, Pattern.finditer, re2.Set.Match

    def search(self, text, pos=0, endpos=None):
        found = first(self, text, pos, endpos)
        end = len(text) if endpos is None else min(endpos, len(text))
        counted.count(pos, found.end() if found else end)
        return found

    def finditer(self, text, pos=0, endpos=None):
        for found in each(self, text, pos, endpos):
            counted.count(pos, found.end())
            pos = found.end()
            yield found
        counted.count(pos, len(text) if endpos is None else min(endpos, len(text)))

    def present(self, text):
        counted.count(0, len(text))
        return many(self, text)

    monkeypatch.setattr(Pattern, "search", search)
    monkeypatch.setattr(Pattern, "finditer", finditer)
    monkeypatch.setattr(re2.Set, "Match", present)
    machine = health_terms._automata()
    automata = {name: Automaton(getattr(machine, name), counted) for name in ("terms", "cues")}
    machine = machine._replace(**automata)
    first_names = Automaton(person._first_names(), counted)
    monkeypatch.setattr(health_terms, "_automata", lambda: machine)
    monkeypatch.setattr(person, "_first_names", lambda: first_names)
    return counted


def searched(text: str, passes: Passes) -> float:
    passes.size, passes.read = len(text), 0.0
    search.search([Text(Place("1"), text, Medium.BODY)])
    return passes.read


@pytest.mark.parametrize("size", MOST)
def test_letters_are_read_by_few_patterns(size, passes):
    letters = prose.mixture(Random(1), size, share=0, tricky=0)
    assert 1 < searched(letters, passes) <= MOST[size]


@pytest.mark.parametrize("size", MOST_TRICKY)
def test_what_looks_like_something_is_not_read_without_end(size, passes):
    tricky = prose.mixture(Random(1), size, share=0, tricky=0.15)
    assert searched(tricky, passes) <= MOST_TRICKY[size]


@pytest.mark.parametrize("kind", search.kinds())
def test_no_detector_reads_a_short_innocent_text_by_itself(kind, passes):
    """What is shared (the gate, heads, runs of digits) is there already."""
    folded = fold(prose.mixture(Random(2), SHORT, share=0, tricky=0))
    for detector in search._detectors().values():
        list(detector.find(folded))
    passes.size, passes.read = len(folded.data), 0.0
    list(search._detectors()[kind].find(folded))
    assert passes.read < 0.1


def test_letters_leave_cues_alone():
    """Words of everyday that mean something beside a health word are not even listed."""
    folded = fold(prose.mixture(Random(2), SHORT, share=0, tricky=0))
    assert not person.found(folded)
    assert not [spot for spot in health_terms.said(folded) if "indice" in spot.concept.name]
