"""What stands around a place in a text, for the detectors of health said of a person.

Health words, cues of one person, of everybody, and words that say nothing alone, summed class by
class over distinct concepts, and capped: no heap of words outweighs all else. Only what stands in
the same field of the mail, before its closing formula; the Subject and the body read as one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from functools import cache
from operator import attrgetter
from typing import NamedTuple

from gateway.detect import fields, person
from gateway.detect.fold import Folded
from gateway.detect.health_terms import APART, Spot, within
from gateway.detect.lexicon import Concept
from gateway.detect.pattern import linear

REACH = 300  # characters around a person: the paragraph
PAGE = 1500  # …around a patient: a letter is about one
_MOST_HEALTH, _MOST_SINGLE, _MOST_VAGUE = 8, 6, 3
_SURELY = 2  # the weight above which a cue of everybody is one for sure
_HEALTH = "santé"
_MEASURED = ("fait:mesure", "fait:résultat", "fait:posologie")  # hardly of anybody at large
_CLOSING = linear(
    rb"\b(?:cordialement|salutations|bien a vous|cdlt|amicalement|sincerement|bonne journee"
    rb"|mes remerciements|confraternellement)\b"
)


# Papers that everybody has and that tell of nobody's health.
_ENTITLED = ("document:droits", "titre:attestation de droits", "titre:carte vitale")


class Told(NamedTuple):
    """What stands in a window, class by class."""

    health: int
    single: int
    everybody: int
    vague: int


def around(folded: Folded, start: int, end: int, reach: int) -> Sequence[Spot]:
    """What is found that far around, and in the fields that read as one with this one."""
    begin = max(0, start - reach)
    begin = max(begin, folded.data.rfind(APART, begin, start))
    stop = folded.data.find(APART, end, end + reach)
    found = within(folded, begin, _closed(folded, end, end + reach if stop < 0 else stop))
    for first, last in fields.of(folded).beside(start):
        found = sorted([*found, *within(folded, first, _closed(folded, first, last))])
    return _outside_names(folded, found)


def _closed(folded: Folded, begin: int, end: int) -> int:
    """Where a closing formula begins: what follows it is of the sender."""
    closing = _CLOSING.search(folded.data[begin:end])
    return begin + closing.start() if closing else end


def _outside_names(folded: Folded, spots: Sequence[Spot]) -> list[Spot]:
    """Without what is part of a name: "Mme Aït"."""
    persons = person.found(folded)
    behind = bisect_right(persons, spots[0].start, key=attrgetter("start")) if spots else 0
    kept = []
    for spot in spots:
        while behind < len(persons) and persons[behind].start <= spot.start:
            behind += 1
        if not behind or persons[behind - 1].end < spot.end:
            kept.append(spot)
    return kept


def told(close: Sequence[Spot]) -> Told:
    """Sums over distinct concepts."""
    health = single = everybody = vague = 0
    for name, weight in {spot.concept for spot in close}:
        what = _class(name)
        if what == "individuel":
            single += weight
        elif what == "collectif":
            everybody += weight
        elif what == "vague":
            vague += weight
        elif what == _HEALTH:
            health += weight
            single += name in _MEASURED
    return Told(
        min(health, _MOST_HEALTH), min(single, _MOST_SINGLE), everybody, min(vague, _MOST_VAGUE)
    )


def stretches(folded: Folded, spots: Sequence[Spot]) -> Iterator[tuple[int, int]]:
    """Where somebody may be named whom these are said of, each byte once: all else need not be
    read. A mail that is searched as one is short, and its fields read as one."""
    if fields.of(folded).bodies:
        yield 0, len(folded.data)
        return
    begin = end = -1
    for spot in spots:
        if spot.start - REACH > end:
            if end >= 0:
                yield begin, end
            begin = max(0, spot.start - REACH)
        if spot.end + REACH > end:
            end = spot.end + REACH
    if end >= 0:
        yield begin, end


@cache  # of the lexicons, whatever a text holds
def _class(name: str) -> str:
    """Of a cue, which; _HEALTH, or nothing of a field."""
    family, _, rest = name.partition(":")
    if family == "indice":
        return rest.partition(":")[0]
    return "" if family == "champ" or name in _ENTITLED else _HEALTH


def is_health(name: str) -> bool:
    return _class(name) == _HEALTH


def tells(name: str) -> bool:
    return _class(name) in (_HEALTH, "vague")


def is_vague(concept: Concept) -> bool:
    return concept.name.startswith("indice:vague")


def is_of_one(concept: Concept) -> bool:
    """Said of one person for sure; a dose or an age may be anybody's."""
    return concept.weight > 1 and concept.name.startswith("indice:individuel")


def is_of_everybody(concept: Concept) -> bool:
    """Said of everybody for sure."""
    return concept.weight > _SURELY and concept.name.startswith("indice:collectif")
