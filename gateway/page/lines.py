"""Runs of words broken into lines of a width. A word that is wider than a line is cut. Linear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from gateway.page import faces
from gateway.page.blocks import Run

Line = list[Run]
MOST_MEASURED = 200  # characters of a cell that count for the width of its column


def wrapped(runs: Iterable[Run], width: float, size: float) -> Iterator[Line]:
    """width, size: in points. One line at least."""
    line: Line = []
    used = 0.0
    for word in _words(runs, int(width // size) or 1):
        if word is None:  # the end of a line, as written
            yield line
            line, used = [], 0.0
            continue
        needed = sum(_width(run, size) for run in word)
        if line and used + needed - _trailing(word, size) > width:
            yield line
            line, used = [], 0.0
        line += word
        used += needed
    yield line


def least(runs: Sequence[Run], size: float) -> float:
    """How wide the longest of its lines would be."""
    widest, used, seen = 0.0, 0.0, 0
    for run in runs:
        first, *others = run.text[: max(0, MOST_MEASURED - seen)].split("\n")
        seen += len(run.text)
        used += _width(replace(run, text=first), size)
        for one in others:
            widest, used = max(widest, used), _width(replace(run, text=one), size)
    return max(widest, used)


def _words(runs: Iterable[Run], most: int) -> Iterator[list[Run] | None]:
    """Each with the blank behind it; runs of one word stay together. most: characters."""
    word: list[Run] = []
    length = 0
    for run in runs:
        for number, text in enumerate(run.text.split("\n")):
            if number:
                yield from ([word] if word else [])
                yield None
                word, length = [], 0
            for piece in _pieces(text, most):
                if length + len(piece) > most and word:
                    yield word
                    word, length = [], 0
                word.append(Run(piece, run.bold, run.italic))
                length += len(piece)
                if piece.endswith(" "):
                    yield word
                    word, length = [], 0
    if word:
        yield word


def _pieces(text: str, most: int) -> Iterator[str]:
    """Words with one blank each; a longer one in pieces: no character is wider than its size."""
    *words, last = text.split(" ")
    for word in (*(f"{one} " for one in words), last):
        for at in range(0, len(word), most):
            yield word[at : at + most]


def _width(run: Run, size: float) -> float:
    return faces.width(run.text, size, run.bold, run.italic)


def _trailing(word: list[Run], size: float) -> float:
    last = word[-1]
    return faces.width(" ", size, last.bold, last.italic) if last.text.endswith(" ") else 0.0
