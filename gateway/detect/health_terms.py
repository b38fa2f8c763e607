"""Medical vocabulary: concepts, each with a weight, summed over what stands close together.

Words are matched whole in the lexicons (see lexicon.py); facts with a shape (posology, a result
with its unit, a coded diagnosis, "patiente de 54 ans") by patterns. A match is POSSIBLE, LIKELY
from a sum of 3, VERY_LIKELY from 6: the weights of the distinct concepts within 300 characters.
So one care word is nothing, a drug or a diagnosis is something, and HIV says it alone.

It never says that a *person* is ill: a newsletter has every word of it. Rules must ask for a
person near. Negations and family history count too ("pas de diabète" is health data).
The value is the concept; only its family is ever shown ("diagnostic").
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import NamedTuple, TypeVar

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gateway.detect import health_facts
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.lexicon import Concept, cues, documents, spaced, terms
from gateway.model import Likelihood, Match

WINDOW = 300  # characters: a short paragraph, what one reads as one statement
APART = b"\x7f" * 16  # between the fields of a mail that are searched as one text
_LONGEST_WORD = 40  # bytes: no term has a longer one
_LONGEST_TERM = 120  # bytes
_LIKELY, _VERY_LIKELY = 3, 6  # sums of weights of distinct concepts

_NO_TERMS = ("indice", "titre", "champ")  # found on the way, for the other detectors of health


_BLANK = ord(" ")
_BLOCK = 2048  # bytes in which cues are looked for at once
_Hit = tuple[int, int, int]
_START: Callable[[_Hit], int] = itemgetter(1)
_T = TypeVar("_T")


class Spot(NamedTuple):
    start: int
    end: int
    concept: Concept


_made = tuple.__new__  # half of the time of a call of the class, of which texts ask thousands
_SPOT_START: Callable[[Spot], int] = itemgetter(0)


class _Automata(NamedTuple):
    """terms: all but the cues, led by a space, so that few begin within a word. cues: usual ones of
    one word, of which every text is full. groups: what terms stand for, each once, since many share
    one. numbers: of its group, by term and in the order of the terms and then the cues. several:
    a byte a term, set where it has several words."""

    terms: BytesAhoCorasick
    cues: BytesAhoCorasick
    groups: list[tuple[Concept, ...]]
    numbers: dict[bytes, int]
    ordered: list[int]
    several: bytes


class _Hits(NamedTuple):
    """What was found in a text. spaced: the text searched. terms: number, beginning and end of each
    in it, those that end within a word among them. others: facts, and what is left of terms of
    several words that ended within one. cues, spots, starts: by the number of the block, once it
    was asked for."""

    spaced: bytes
    terms: list[_Hit]
    others: list[Spot]
    cues: dict[int, list[_Hit]]
    spots: dict[tuple[int, bool], list[Spot]]
    starts: dict[tuple[Callable[[Concept], bool], int], list[int]]


@lru_cache(maxsize=1)
def _automata() -> _Automata:
    """Of all that any detector of health looks for, so that the text is read once."""
    more: dict[bytes, tuple[Concept, ...]] = {}
    for term, what in (*cues(), *documents()):
        more[term] = (*more.get(term, ()), what)
    groups: dict[tuple[Concept, ...], int] = {}
    numbers: dict[bytes, int] = {}
    for term, what in terms().items():
        numbers[b" " + term] = groups.setdefault((what, *more.pop(term, ())), len(groups))
    for term, concepts in more.items():
        numbers[b" " + term] = groups.setdefault(concepts, len(groups))
    lone = [term for term in more if b" " not in term and all(map(_is_usual, more[term]))]
    alone = sorted(b" " + term for term in lone)
    ordered = sorted(numbers.keys() - set(alone))
    return _Automata(
        _matcher(ordered),
        _matcher(alone),
        list(groups),
        numbers,
        [numbers[term] for term in (*ordered, *alone)],
        bytes(b" " in term[1:] for term in ordered),
    )


def _matcher(patterns: list[bytes]) -> BytesAhoCorasick:
    return BytesAhoCorasick(patterns, MatchKind.LeftmostLongest, Implementation.ContiguousNFA)


def prepare() -> None:
    """What is loaded once, before the first mail."""
    _automata()


def find(folded: Folded) -> Iterator[Match]:
    found = [spot for spot in said(folded) if _family(spot.concept.name) not in _NO_TERMS]
    for spot, total in zip(found, _sums(found), strict=True):
        if total >= _VERY_LIKELY:
            sure = Likelihood.VERY_LIKELY
        else:
            sure = Likelihood.LIKELY if total >= _LIKELY else Likelihood.POSSIBLE
        yield Match(spot.start, spot.end, sure, spot.concept.name)


def said(folded: Folded) -> list[Spot]:
    """All terms, facts, titles and fields, in order; cues mean something beside one of them only:
    see `within` and `count`."""
    known = folded.shared.get("health said")
    if not isinstance(known, list):
        hits, which = _hits(folded), _which(_says)
        terms = [hit for hit in hits.terms if which[hit[0]]]
        spots = [*_spots(_whole(hits.spaced, terms)), *hits.others]
        known = folded.shared["health said"] = sorted(s for s in spots if _says(s.concept))
    found: list[Spot] = known
    return found


def within(folded: Folded, begin: int, end: int, *, usual: bool = True) -> list[Spot]:
    """All that begins from here to there, in order; cues that texts are full of, if wanted."""
    hits = _hits(folded)
    blocks = [_block(hits, block, usual=usual) for block in _blocks(hits, begin, end)]
    if len(blocks) == 1:
        return _part(blocks[0], begin, end, _SPOT_START)
    return _part(list(chain.from_iterable(blocks)), begin, end, _SPOT_START)


def _block(hits: _Hits, block: int, *, usual: bool) -> list[Spot]:
    """All that begins in one block, in order; kept, since what stands around a name is asked for
    again around the next."""
    known = hits.spots.get((block, usual))
    if known is None:
        begin, end = block * _BLOCK, (block + 1) * _BLOCK - 1
        found = _whole(hits.spaced, _part(hits.terms, begin, end, _START))
        cues = _cues(hits, block) if usual else ()
        others = _part(hits.others, begin, end, _SPOT_START)
        known = hits.spots[block, usual] = sorted([*_spots(found), *_spots(cues), *others])
    return known


def count(folded: Folded, begin: int, end: int, wanted: Callable[[Concept], bool]) -> int:
    """How many such things begin from here to there."""
    hits, found = _hits(folded), 0
    for block in _blocks(hits, begin, end):
        starts = _starts(hits, block, wanted)
        found += bisect_right(starts, end) - bisect_left(starts, begin)
    return found


def _starts(hits: _Hits, block: int, wanted: Callable[[Concept], bool]) -> list[int]:
    """Where such things begin in one block, in order."""
    known = hits.starts.get((wanted, block))
    if known is None:
        which, begin, end = _which(wanted), block * _BLOCK, (block + 1) * _BLOCK - 1
        terms = [hit for hit in _part(hits.terms, begin, end, _START) if which[hit[0]]]
        known = [start for _, start, _ in _whole(hits.spaced, terms)]
        if _is_ever_usual(wanted):
            known += [start for number, start, _ in _cues(hits, block) if which[number]]
        others = _part(hits.others, begin, end, _SPOT_START)
        known += [spot.start for spot in others if wanted(spot.concept)]
        known.sort()
        hits.starts[wanted, block] = known
    return known


def _blocks(hits: _Hits, begin: int, end: int) -> range:
    last = min(end, len(hits.spaced) - 1)
    return range(max(0, begin) // _BLOCK, last // _BLOCK + 1)


def _part(found: list[_T], begin: int, end: int, start: Callable[[_T], int]) -> list[_T]:
    """Of these, which are in order, those that begin from here to there."""
    first = bisect_left(found, begin, key=start)
    return found[first : bisect_right(found, end, lo=first, key=start)]


def _whole(text: bytes, some: Sequence[_Hit]) -> Sequence[_Hit]:
    """Those that end where a word ends."""
    return [hit for hit in some if text[hit[2]] == _BLANK]


def _says(concept: Concept) -> bool:
    return not concept.name.startswith("indice:")


def _is_usual(concept: Concept) -> bool:
    """A cue that means something beside others only."""
    weak = concept.weight == 1 and concept.name.startswith("indice:individuel")
    return weak or concept.name.startswith(("indice:vous", "indice:collectif"))


@lru_cache(maxsize=8)
def _which(wanted: Callable[[Concept], bool]) -> bytes:
    """By the number of the term."""
    machine = _automata()
    of_group = [any(map(wanted, concepts)) for concepts in machine.groups]
    return bytes(of_group[number] for number in machine.ordered)


@lru_cache(maxsize=8)
def _is_ever_usual(wanted: Callable[[Concept], bool]) -> bool:
    return any(_which(wanted)[len(_automata().several) :])


def _spots(whole: Iterable[_Hit]) -> Iterator[Spot]:
    machine = _automata()
    for which, start, end in whole:
        for concept in machine.groups[machine.ordered[which]]:
            yield _made(Spot, (start, end - 1, concept))


def _hits(folded: Folded) -> _Hits:
    """Positions in the spaced text are one more than in the data."""
    known = folded.shared.get("health hits")
    if not isinstance(known, _Hits):
        text, machine = b" " + spaced(folded.data) + b" ", _automata()
        found = machine.terms.find_matches_as_indexes(text)
        several = machine.several
        broken = [
            spot
            for _, start, end in [hit for hit in found if several[hit[0]]]
            if text[end] != _BLANK
            for spot in _within_words(text, start, end, 0)
        ]
        facts = (Spot(*fact) for fact in health_facts.found(folded))
        known = _Hits(text, found, sorted([*broken, *facts]), {}, {}, {})
        folded.shared["health hits"] = known
    return known


def _cues(hits: _Hits, block: int) -> list[_Hit]:
    """Cues of one word that begin in this block of the text."""
    known = hits.cues.get(block)
    if known is None:
        begin, end = block * _BLOCK, (block + 1) * _BLOCK
        terms = _part(hits.terms, begin - _LONGEST_TERM, end - 1, _START)
        found = _cues_beside(hits.spaced[begin : end + _LONGEST_WORD], begin, terms)
        while found and found[-1][1] >= end:
            found.pop()
        known = hits.cues[block] = found
    return known


def _cues_beside(text: bytes, at: int, terms: list[_Hit]) -> list[_Hit]:
    """Where the longest wins, no cue is part of a term of several words. at: of the text, in which
    the terms were found."""
    machine = _automata()
    first, several, text = len(machine.several), machine.several, text + b"\0"
    longer = [range(start, end) for which, start, end in terms if several[which]]
    found = machine.cues.find_matches_as_indexes(text)
    whole = [
        (first + which, at + start, at + end) for which, start, end in found if text[end] == _BLANK
    ]
    if not longer:
        return whole
    taken = frozenset(chain.from_iterable(longer))
    return [hit for hit in whole if hit[1] not in taken]


def _search(text: bytes, at: int) -> Iterator[Spot]:
    """What ends where a word ends in a few words. at: of the text, in what is searched."""
    machine = _automata()
    terms = machine.terms.find_matches_as_indexes(text)
    for which, start, end in sorted([*terms, *_cues_beside(text, 0, terms)], key=_START):
        if text[end : end + 1] == b" ":
            for concept in machine.groups[machine.ordered[which]]:
                yield Spot(at + start, at + end - 1, concept)
        elif text.find(b" ", start + 1, end) > 0:
            yield from _within_words(text, start, end, at)


def _within_words(text: bytes, start: int, end: int, at: int) -> Iterator[Spot]:
    """The longest term broke off within a word ("hospitalisée en psy|chiatrie"): a shorter one may
    begin with it, and others in its further words."""
    machine = _automata()
    stop = text.find(b" ", end, end + _LONGEST_WORD)
    first = cut = text.find(b" ", start + 1, end)
    while 0 < cut < end:
        if text[start:cut] in machine.numbers:
            break
        cut = text.find(b" ", cut + 1, end)
    else:
        cut = -1
    if cut > 0:
        for concept in machine.groups[machine.numbers[text[start:cut]]]:
            yield Spot(at + start, at + cut - 1, concept)
    begin = cut if cut > 0 else first
    yield from _search(text[begin : (stop if stop > 0 else end) + 1], at + begin)


def _sums(spots: list[Spot]) -> Iterator[int]:
    """For each spot, the weights of the distinct concepts within the window around it."""
    inside = dict.fromkeys([spot.concept for spot in spots], 0)
    total = first = last = 0
    for spot in spots:
        while last < len(spots) and spots[last].start <= spot.end + WINDOW:
            concept = spots[last].concept
            total += 0 if inside[concept] else concept.weight
            inside[concept] += 1
            last += 1
        while spots[first].end < spot.start - WINDOW:
            concept = spots[first].concept
            inside[concept] -= 1
            total -= 0 if inside[concept] else concept.weight
            first += 1
        yield total


def mask(value: str) -> str:
    """The family alone: which illness it is, is nobody's business here."""
    family = _family(value)
    return {"cim": "diagnostic", "atc": "médicament", "substance": "médicament"}.get(family, family)


def _family(concept: str) -> str:
    return concept.partition(":")[0]


DETECTOR = Detector(kind="health.terms", find=find, mask=mask, prepare=prepare)
