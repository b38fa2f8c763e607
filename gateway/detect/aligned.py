"""Tables in a text whose columns are kept apart by blanks alone.

    Nom       Prénom    Né(e) le     DP          five lines and more, one below the other, and
    DUPONT    Jean      12/03/1980   F32.1       between their columns the same places are empty

A line may reach into the gap, as long names do: one in twenty.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate

from gateway.detect import listing
from gateway.detect.columns import Rows

_GAP = "  "
_PARTED = re.compile(r"\S {2}")
_RUN = re.compile(r"\S(?: ?\S)*")  # the words of a cell, one blank between two
_WIDEST = 400  # characters of a line; a longer one is prose
_REACHING = 20  # of so many lines one may


def may_hold(text: str) -> bool:
    text = _breaking(text)
    return listing.is_frequent(_GAP, text) and len(_PARTED.findall(text)) >= listing.LEAST


def tables(text: str) -> Iterator[Rows]:
    """The rows of each table of persons, its heads first."""
    for lines in _blocks(_breaking(text)):
        edges = _edges(lines)
        if edges:
            rows = [_cells(line, edges) for line in lines]
            if listing.are_persons(rows):
                yield rows


def _breaking(text: str) -> str:
    return text.replace("\xa0", " ") if "\xa0\xa0" in text else text


def _blocks(text: str) -> Iterator[list[str]]:
    """Lines next to each other of which each has a gap; empty ones between are nothing."""
    block: list[str] = []
    for line in (*text.split("\n"), "."):
        line = line.rstrip()
        if _GAP in line.lstrip() and len(line) <= _WIDEST:
            block.append(line)
        elif line:
            if len(block) >= listing.LEAST:
                yield block
            block = []


def _edges(lines: Sequence[str]) -> list[int]:
    """Where a column begins behind a gap of two places and more."""
    width = max(map(len, lines))
    changes = [0] * (width + 1)
    for line in lines:
        for words in _RUN.finditer(line):
            changes[words.start()] += 1
            changes[words.end()] -= 1
    most = len(lines) // _REACHING
    empty = [filled <= most for filled in accumulate(changes[:width])]
    return [
        at
        for at in range(2, width)
        if empty[at - 1] and empty[at - 2] and not empty[at] and not all(empty[:at])
    ]


def _cells(line: str, edges: Sequence[int]) -> tuple[str, ...]:
    return tuple(
        line[begin:end].strip() for begin, end in zip((0, *edges), (*edges, None), strict=True)
    )
