"""What a PDF was before: a save may append changes and leave the old objects (ISO 32000-1, 7.5.6).

Whoever cuts the file at an earlier end has the earlier version whole. Of those, only what the last
version does not say as well is given.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from typing import TypeVar

from gateway.extract.extractor import Extracted
from gateway.model import Part, Problem, Text, Trouble

_T = TypeVar("_T")

_END = b"%%EOF"
_START = b"startxref"
_BEFORE = 64  # bytes in which "startxref", an offset and the end stand
_MOST = 8  # versions; a contract signed by several has as many


def earlier(part: Part) -> list[Part]:
    """The latest of them first."""
    ends = list(_ends(part.data))[:-1]
    return [replace(part, data=part.data[:end]) for end in reversed(ends[-_MOST:])]


def _ends(data: bytes) -> Iterator[int]:
    at = data.find(_END)
    while at >= 0:
        before = data[max(0, at - _BEFORE) : at]
        offset = before.rpartition(_START)[2].strip() if _START in before else b"0"
        if offset.isdigit() and 0 < int(offset) < at:  # 0: the head of a file made for the web
            yield at + len(_END)
        at = data.find(_END, at + 1)


class Said:
    """What the versions read so far have said; files by their digests only."""

    def __init__(self) -> None:
        self._lines: set[str] = set()
        self._files: set[bytes] = set()
        self._problems: set[tuple[Trouble, str]] = set()

    def add(self, piece: Extracted) -> bool:
        """Whether any of it is new."""
        if isinstance(piece, Part):
            return _added(self._files, {hashlib.sha256(piece.data).digest()})
        if isinstance(piece, Text):
            return _added(self._lines, {line.strip() for line in piece.text.splitlines()})
        return isinstance(piece, Problem) and _added(self._problems, {(piece.kind, piece.detail)})


def _added(known: set[_T], some: set[_T]) -> bool:
    new = not some <= known
    known |= some
    return new


def earlier_piece(piece: Extracted, number: int) -> Extracted:
    """The same, said to be of an earlier version."""
    if isinstance(piece, Part):
        return replace(piece, path=f"{piece.path} (earlier version {number})")
    if isinstance(piece, Text | Problem):
        spot = f"earlier version {number}, {piece.place.inside}".removesuffix(", ")
        return replace(piece, place=replace(piece.place, inside=spot))
    return piece
