"""The lines of a page of PDF as they are seen, where its text comes in another order.

A form's labels are printed first and its values over them; a table may come column by column, and
in any table the text alone does not say which cell is empty. So what stands on one line is put on
one line, at its place across the page: gateway/detect/aligned.py reads the columns. Articles set
in columns are left as they come.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

from pypdfium2 import PdfTextPage

_MOST_RECTANGLES = 1_500  # of a page: each costs a look at all of its text
_MOST_TEXT = 20_000  # characters
_SAME_LINE = 0.5  # of the height of the lower of two, by which they overlap
_SAME_WORDS = 0.6  # of the height: a wider gap parts two cells
_SHORT = 40  # characters of a cell, their mean; lines of an article are longer
_WIDE = 0.7  # of a character, by the height of the letters
_LEAST = 3  # lines of a table, and cells of each
_ASTRAY = 2  # lines of a form that the text does not have as they are seen
_NARROWEST = 1.5  # points that a character is taken to be wide


class Piece(NamedTuple):
    """Words on one line. left, bottom, right, top: points from the lower left. words: looked up
    last, since each time all letters of the page are walked through."""

    left: float
    bottom: float
    right: float
    top: float
    words: str = ""


Line = Sequence[Piece]


def laid_out(page: PdfTextPage, text: str) -> str:
    """text: of the page, in its own order. "" where it says as much as the lines do."""
    if not text.strip() or len(text) > _MOST_TEXT or page.count_rects() > _MOST_RECTANGLES:
        return ""
    found = [Piece(*page.get_rect(number)) for number in range(page.count_rects())]
    lines = [_cells(line) for line in _lines(found)]
    of_cells = sum(len(line) > 1 for line in lines)
    if of_cells < _ASTRAY or not _are_short(lines):
        return ""
    lines = [[_worded(page, piece) for piece in line] for line in lines]
    if not _has_table(lines) and not _are_astray(lines, text):
        return ""
    return _written(lines)


def _worded(page: PdfTextPage, piece: Piece) -> Piece:
    return piece._replace(words=" ".join(page.get_text_bounded(*piece[:4]).split()))


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """From the top of the page, each from the left."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: -one.top):
        if lines and _overlap(lines[-1][0], piece):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line) for line in lines]


def _overlap(one: Piece, other: Piece) -> bool:
    common = min(one.top, other.top) - max(one.bottom, other.bottom)
    return common >= _SAME_LINE * min(one.top - one.bottom, other.top - other.bottom)


def _cells(line: Line) -> list[Piece]:
    """Words that go on in another font are of one cell."""
    cells = [line[0]]
    for piece in line[1:]:
        last = cells[-1]
        if piece.left - last.right < _SAME_WORDS * (last.top - last.bottom):
            low, high = min(last.bottom, piece.bottom), max(last.top, piece.top)
            cells[-1] = Piece(last.left, low, max(last.right, piece.right), high)
        else:
            cells.append(piece)
    return cells


def _are_short(lines: Sequence[Line]) -> bool:
    cells = [piece for line in lines if len(line) > 1 for piece in line]
    sizes = [(one.right - one.left) / max(1.0, one.top - one.bottom) / _WIDE for one in cells]
    return sum(sizes) <= _SHORT * len(sizes)


def _has_table(lines: Sequence[Line]) -> bool:
    runs = groupby(lines, lambda line: len(line) >= _LEAST)
    return any(wide and sum(1 for _ in run) >= _LEAST for wide, run in runs)


def _are_astray(lines: Sequence[Line], text: str) -> bool:
    told = "".join(text.split())
    of_cells = [line for line in lines if len(line) > 1]
    seen = ["".join("".join(piece.words.split()) for piece in line) for line in of_cells]
    return sum(line not in told for line in seen) >= _ASTRAY


def _written(lines: Sequence[Line]) -> str:
    """As with letters of one width, so narrow that no cell reaches the next."""
    pieces = [piece for line in lines for piece in line]
    unit = min((one.right - one.left) / max(1, len(one.words)) for one in pieces)
    unit = max(_NARROWEST, unit)
    margin = min(piece.left for piece in pieces)
    written = []
    for line in lines:
        said = ""
        for piece in line:
            at = round((piece.left - margin) / unit)
            said += " " * max(at - len(said), 2 if said else 0) + piece.words
        written.append(said)
    return "\n".join(written)
