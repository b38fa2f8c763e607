"""What a worker does for the console: a held mail's text, masked or in clear, its values, or one
part of it as pictures.

    order, mail ──worker──▶ Reading: parts with their coverage, problems, and as hits, in order:
                            "shown" a text that hides nothing; another kind: what is found, masked
                            "shown.cut" there is more of this part, which is not shown
                            "drawn" a piece of a PNG in base64; "drawn.end" its last
                            "drawn.of" how many pages there are

Text in clear is marked the same, each kind with its words as they stand. The wire is that of every
reading. Bounded, since it becomes a page: the rest is not shown, and said not to be.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from enum import StrEnum

from gateway import inspection, rendering
from gateway.detect import veil
from gateway.model import (
    Hit,
    Likelihood,
    Limits,
    Medium,
    Part,
    PartRead,
    Place,
    Reading,
    Table,
    Text,
    Trouble,
)

SHOWN, CUT = "shown", "shown.cut"
DRAWN, DRAWN_END, DRAWN_OF = "drawn", "drawn.end", "drawn.of"
PIECE = 12_000  # characters of base64 a hit: the wire carries 16,384
FILE_NAME = "nom du fichier"  # the place of a part's name
PART_CHARACTERS = 10_000  # some four pages
ALL_CHARACTERS = 80_000  # of a page that a browser shows at once
PARTS = 60
_NO_WORDS = -1.0  # seconds to look for words in pictures; 0 would change the numbers of the parts
_LEAST_CHARACTERS = 200  # of a piece: less is not worth beginning

_Piece = Text | Table


class Order(StrEnum):
    MASKED = "masked"
    WHOLE = "whole"
    VALUES = "values"  # what an inspection found, in clear
    DRAWN = "drawn"  # a part as pictures: its number among those of a preview, and the first page


def request(order: Order, mail: bytes, *numbers: int) -> bytes:
    """What the worker is given in a mail's place."""
    return " ".join((order, *map(str, numbers))).encode() + b"\n" + mail


def read(
    content: bytes,
    limits: Limits,
    broken: Mapping[int, Trouble],
    at: Callable[[int], None],
) -> Reading:
    """`gateway.inspection.read` for whoever looks at it. A mail without an order is masked."""
    line, _, mail = content.partition(b"\n")
    word, *numbers = line[:40].split(b" ")
    order = next((one for one in Order if one.encode() == word), None)
    if order is Order.VALUES:
        return inspection.read(mail, limits, broken, at)
    if order is Order.DRAWN:
        number, first = map(int, numbers)
        return _drawn(_Finder(replace(limits, pictures=_NO_WORDS), broken, at), mail, number, first)
    seen = list(inspection.Walk(limits, broken, at).message(mail if order else content, "", 0))
    hits = _hits(seen, clear=order is Order.WHOLE)
    return Reading(
        tuple(hit for hit, _ in zip(hits, range(limits.hits), strict=False)),
        tuple(dict.fromkeys(problem for one in seen for problem in one.problems)),
        tuple(PartRead(one.place, one.kind, one.coverage) for one in seen),
    )


class _Found(Exception):
    """The part that was looked for, before anything reads it."""

    def __init__(self, part: Part) -> None:
        super().__init__()
        self.part = part


class _Finder(inspection.Walk):
    """Opens one part after the other, as a reader does, until the one that is asked for."""

    wanted = -1

    def part(self, part: Part, depth: int, *, child: bool = False) -> Iterator[inspection.Seen]:
        if self._opened == self.wanted and self._opened not in self._broken:
            self._at(self._opened)
            raise _Found(replace(part, passwords=self._passwords))
        yield from super().part(part, depth, child=child)


def _drawn(finder: _Finder, mail: bytes, number: int, first: int) -> Reading:
    """number: as the preview of the same mail numbers its parts; the first is its header."""
    finder.wanted = number - 1
    try:
        seen = list(finder.message(mail, "", 0))
    except _Found as found:
        part = found.part
        place, drawn = Place(part.path), rendering.draw(part, first)
        hits = [Hit(DRAWN_OF, str(drawn.total), Likelihood.POSSIBLE, place)]
        for png in drawn.pngs:
            hits += _pieces_of(png, place)
        return Reading(tuple(hits), drawn.problems)
    return Reading(problems=seen[number].problems if number < len(seen) else ())


def _pieces_of(png: bytes, place: Place) -> Iterator[Hit]:
    text = base64.b64encode(png).decode()
    for start in range(0, len(text), PIECE):
        kind = DRAWN if start + PIECE < len(text) else DRAWN_END
        yield Hit(kind, text[start : start + PIECE], Likelihood.POSSIBLE, place)


def _hits(seen: Sequence[inspection.Seen], *, clear: bool) -> Iterator[Hit]:
    chosen, cut = _chosen(seen)
    runs = veil.runs([(piece, most) for _, piece, most in chosen])
    for (place, _, _), (found, longer) in zip(chosen, runs, strict=True):
        for run in found:
            said = run.masked if run.kind and not clear else run.text
            if said:
                yield Hit(run.kind or SHOWN, said, Likelihood.POSSIBLE, place)
        yield Hit(SHOWN, "\n", Likelihood.POSSIBLE, place)
        if longer:
            yield Hit(CUT, "", Likelihood.POSSIBLE, place)
    for place in cut:
        yield Hit(CUT, "", Likelihood.POSSIBLE, place)


def _chosen(
    seen: Sequence[inspection.Seen],
) -> tuple[list[tuple[Place, _Piece, int]], list[Place]]:
    """The pieces that are shown, how many characters of each, and the parts with pieces that are
    not."""
    chosen: list[tuple[Place, _Piece, int]] = []
    cut: dict[Place, None] = {}
    room = ALL_CHARACTERS
    for number, one in enumerate(seen):
        of_part = PART_CHARACTERS
        for piece in one.pieces:
            most = min(of_part, room)
            if most < _LEAST_CHARACTERS or number >= PARTS:
                cut[one.place] = None
                break
            chosen.append((_place(piece), piece, most))
            length = min(most, _length(piece))
            of_part, room = of_part - length, room - length
    return chosen, list(cut)


def _place(piece: _Piece) -> Place:
    if isinstance(piece, Text) and piece.medium is Medium.NAME and not piece.place.inside:
        return replace(piece.place, inside=FILE_NAME)
    return piece.place


def _length(piece: _Piece) -> int:
    if isinstance(piece, Text):
        return len(piece.text)
    return sum(len(cell) + 1 for row in (piece.header, *piece.rows) for cell in row)
