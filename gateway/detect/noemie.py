"""Returns of the health insurance (NOEMIE): payments and refusals, told to those who sent invoices.

Entities one a line, each with its number of three digits, from 000 to 990 and 999; some programs
end each with "@". What an entity holds depends on its number, which no public source tells, so
persons are found by their numbers: in a column in which all lines of an entity have one with its
key, or right behind a blank or a sign. A head without any person is health.b2, and POSSIBLE.
The value is the number, so that the count is that of persons.
Not here: a file without marks whose head is lost, since any list in columns may look so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator

from gateway.detect.coded import NIR, Field, Record, detector, in_figured, insured, laid_out
from gateway.detect.entity import HEAD, is_insured, may_hold_any
from gateway.detect.fold import Folded
from gateway.detect.pattern import linear
from gateway.model import Likelihood

_LONGEST = 130  # bytes of an entity, and its mark
_ENTITY = re.compile(rb"[0-9]{3}[^\n]{0,127}(?=\n|\Z)")
_MARKED = linear(rb"(?m)^[0-9]{3}[^\n]{1,126}@ *\n+[0-9]{3}[^\n]{1,126}@ *$")
_NUMBER = re.compile(rb"(?=" + NIR + rb")")
_APART = re.compile(rb"[^0-9A-Za-z](" + NIR + rb")")
_FIRST = 50  # lines of an entity that tell its columns
_FEW = 3  # entities, fewer of which are no file


def records(folded: Folded) -> Iterator[Record]:
    if not may_hold_any(folded):
        return
    text = laid_out(folded)
    head = next(in_figured(folded, HEAD), None)
    if not head and not (b"@" in text and _MARKED.search(text)):
        return
    entities = list(_entities(text))
    if len(entities) < _FEW or any(is_insured(line) for _, line in entities):
        return
    sure = Likelihood.VERY_LIKELY if head else Likelihood.LIKELY
    for at, number in _persons(text, entities):
        yield Record(at, number.end, sure, number.value, (number,))


def _entities(text: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    for line in text.split(b"\n"):
        if 4 <= len(line) <= _LONGEST and _ENTITY.match(line):
            yield at, line
        at += len(line) + 1


def _persons(text: bytes, entities: list[tuple[int, bytes]]) -> Iterator[tuple[int, Field]]:
    """Chance makes one number in six hundred right, so one that is glued to others counts only in
    a column in which they are right line after line."""
    columns = _columns(text, entities)
    for at, line in entities:
        starts = {found.start(1) for found in _APART.finditer(line, 3)} | columns[line[:3]]
        for column in sorted(starts):
            if number := insured(text, at + column):
                yield at, number


def _columns(text: bytes, entities: list[tuple[int, bytes]]) -> dict[bytes, set[int]]:
    """Those of each entity that hold a person's number, as its first lines tell."""
    lines: Counter[bytes] = Counter()
    right: Counter[tuple[bytes, int]] = Counter()
    for at, line in entities:
        entity = line[:3]
        lines[entity] += 1
        if lines[entity] <= _FIRST:
            right.update(
                (entity, found.start())
                for found in _NUMBER.finditer(line, 3)
                if insured(text, at + found.start())
            )
    columns: dict[bytes, set[int]] = defaultdict(set)
    for (entity, column), many in right.items():
        if many > 1 and many * 10 >= min(lines[entity], _FIRST) * 8:
            columns[entity].add(column)
    return columns


DETECTOR = detector("health.noemie", "retour de remboursement (NOEMIE), un assuré", records)
