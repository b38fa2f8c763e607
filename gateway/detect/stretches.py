"""Stretches: where ten figures stand close together, or letters that a scanner reads for them.

Numbers of a dozen digits and more are looked for by several patterns, each of which would read a
long text once more. So one pass finds where figures are, and each pattern reads these places
alone. Where a text is nothing but figures, that is one pass more than there need be.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.figures import MISREAD, figures
from gateway.detect.fold import Folded
from gateway.detect.pattern import Found, Pattern, linear

GAP = rb"[ .\-/_|;,:'\"\xb7()\[\]+&]"  # what stands between two digits of one number
_STRETCH = linear(  # as few as bank and branch have; 2A and 2B of Corsica are figures, too
    rb"[0-9%s](?:%s{0,6}[0-9a%s]){9,}" % (MISREAD, GAP, MISREAD)
)
_AROUND = 64  # bytes of a match before its ten figures, or behind them
_APART = 2048  # bytes that are read in less time than two searches take to begin


def found_in(folded: Folded, pattern: Pattern) -> Iterator[Found]:
    """Where among the figures it is found. pattern: of ten figures or more, at most six marks
    between two, and little around them."""
    for begin, end in stretches(folded):
        yield from pattern.finditer(figures(folded), begin, end)


def stretches(folded: Folded) -> list[tuple[int, int]]:
    """With a little around them, those that are near each other as one."""
    known = folded.shared.get("stretches")
    if not isinstance(known, list):
        known = folded.shared["stretches"] = _stretches(figures(folded))
    return known


def _stretches(data: bytes) -> list[tuple[int, int]]:
    wide: list[tuple[int, int]] = []
    for found in _STRETCH.finditer(data):
        begin, end = max(0, found.start() - _AROUND), found.end() + _AROUND
        if wide and begin - wide[-1][1] <= _APART:
            begin, _ = wide.pop()
        wide.append((begin, end))
    return wide
