"""Heads: what stands at the beginning of a number, or in front of it, found in one pass for all.

Most identifiers are nothing without their label ("passeport", "n° allocataire"), and a search for
each label would read the text once more. So a detector says here how its numbers begin, at import;
the first that asks has all heads of the text searched for at once, by one automaton, and each gets
the places of its own. Letter prose holds few of them, so twenty detectors cost what one costs.

At one place there is one head: of two that fit, that of the detector imported first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from typing import NamedTuple

from gateway.detect.figures import figures
from gateway.detect.fold import Folded
from gateway.detect.pattern import Pattern, linear

REACH = 80  # bytes after a label in which its number stands: a line of a form

_NEXT = re.compile(rb" ?[,;/&+\-]? ?(?:(?:et|ou|puis|and)(?: l[ae]s?)? )?(?:n(?:o|[\xb0])? ?)?")
_BREAK = re.compile(rb"[\n\t]")
_BREAKS = 3  # that may end a number: of its line, of the label's before it, of an empty cell's
_LEAD = rb"(?:^|[^a-z0-9])"
_WORD_ENDS = rb"(?:[^a-z]|$)"


class Head(NamedTuple):
    """One of those that are searched for. word: no letter follows it. whole: nothing else begins
    within it, as within a telephone number; else the next may begin at its second byte.
    heading: at the head of a column, it announces every cell."""

    body: bytes
    word: bool
    whole: bool
    heading: bool = False


_heads: list[Head] = []


def label(*words: bytes, heading: bool = True) -> Head:
    """Whole words, folded, without groups, that announce a number: a digit may follow at once."""
    return _kept(Head(b"(?:" + b"|".join(words) + b")", word=True, whole=True, heading=heading))


def beginning(pattern: bytes, *, whole: bool = False) -> Head:
    """How a number begins; a pattern of folded bytes without groups that begins with a letter, a
    digit or a plus sign."""
    return _kept(Head(pattern, word=False, whole=whole))


def _kept(head: Head) -> Head:
    _heads.append(head)
    _machine.cache_clear()
    return head


def spans(folded: Folded, head: Head) -> list[tuple[int, int]]:
    """Where this head stands, in order."""
    known = folded.shared.get("heads")
    if not isinstance(known, dict):
        known = folded.shared["heads"] = _all(folded)
    found: list[tuple[int, int]] = known.get(head, [])
    return found


def announced(folded: Folded, head: Head, number: re.Pattern[bytes]) -> Iterator[re.Match[bytes]]:
    """The number, its gap included, right behind each place of the label."""
    data = figures(folded)
    for _, end in spans(folded, head):
        if found := _read(folded, data, end, number):
            yield found


def listed(
    folded: Folded, head: Head, number: re.Pattern[bytes]
) -> Iterator[tuple[int, re.Match[bytes]]]:
    """(end of the label, number), and so for all numbers of a list that one label announces:
    "allocataires 1234567 et 2345678". The number is the first group."""
    data, free = figures(folded), 0
    for _, end in spans(folded, head):
        found = _read(folded, data, end, number) if end >= free else None
        while found:
            yield end, found
            free = found.end()
            gap = _NEXT.match(data, free, free + REACH)
            at = gap.end() if gap else free
            found = _read(folded, data, at, number) if at > free else None
            found = found if found and found.start(1) == at else None


def _read(
    folded: Folded, data: bytes, at: int, number: re.Pattern[bytes]
) -> re.Match[bytes] | None:
    """The number behind a label that ends here. Where what follows it begins with a digit, and for
    that seems part of it, the end of a line or of a cell parts them: "IPP 8001234567", and below
    "12 rue Fictive"."""
    end = at + REACH
    found = number.match(data, at, end)
    if not found:
        breaks = islice(_BREAK.finditer(folded.cased, at, end), _BREAKS)
        tried = (number.match(data, at, one.start()) for one in breaks)
        found = next(filter(None, tried), None)
    return found


def for_columns(folded: Folded) -> bool:
    """Whether this heading of a column announces what is in it."""
    return any(head.heading and spans(folded, head) for head in _machine().heads)


class _Machine(NamedTuple):
    """anywhere: finds a head. which: on the few bytes found, by the number of its group, which."""

    anywhere: Pattern
    which: re.Pattern[bytes]
    heads: tuple[Head, ...]


@lru_cache(maxsize=1)
def _machine() -> _Machine:
    bodies = [head.body + _WORD_ENDS if head.word else head.body for head in _heads]
    groups = [b"(%s)%s" % (head.body, rb"(?![a-z])" if head.word else b"") for head in _heads]
    return _Machine(
        linear(_LEAD + b"(?:" + b"|".join(bodies) + b")"),
        re.compile(b"|".join(groups)),
        tuple(_heads),
    )


def _all(folded: Folded) -> dict[Head, list[tuple[int, int]]]:
    """Most texts have the same few heads over and over, so each spelling is told once."""
    machine, data = _machine(), figures(folded)
    places: dict[Head, list[tuple[int, int]]] = {}
    told: dict[bytes, tuple[Head, int, int] | None] = {}
    at = 0
    while hit := machine.anywhere.search(data, at):
        start, end = hit.span()
        written = data[start : end + 1]  # what follows tells whether a word ends
        if written not in told:
            told[written] = _told(machine, written)
        one = told[written]
        if one is None:  # never: the two say the same
            at = start + 1
            continue
        head, begin, stop = one
        places.setdefault(head, []).append((start + begin, start + stop))
        at = start + (stop if head.whole else begin + 2)
    return places


def _told(machine: _Machine, written: bytes) -> tuple[Head, int, int] | None:
    """Which head it is, and where in what is written."""
    found = machine.which.match(written) or machine.which.match(written, 1)
    if not found or not found.lastindex:
        return None
    return machine.heads[found.lastindex - 1], *found.span()
