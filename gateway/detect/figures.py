"""A text as numbers are looked for in it: what programs put between their digits is blank.

    > 2 85 09 75 999        the mark of a quoted line
    > 998 37
    ?nir=2%2085%2009        octets of an address
    2&nbsp;85&nbsp;09       entities that nobody decoded
    "…\\n2850975…"          line ends and tabs of programs, and "=" at the end of a line

And, apart, as a scanner may have meant it: O is 0, I and l are 1, S is 5, B is 8. That second
reading is right for a number whose key proves it, and for nothing else.
Every position stays what it was in `Folded.data`.
"""

from __future__ import annotations

import re

from gateway.detect.fold import Folded
from gateway.detect.pattern import Pattern, linear

MISREAD = b"olisb"  # letters that scanners read for digits
_MEANT = bytes.maketrans(MISREAD, b"01158")
_MARKS = (b"%", b"\\", b"&")
_MARKS_AT_ENDS = ((b">", b"\n>"), (b"=", b"=\n"))  # a search for one byte takes no time
_ESCAPED = (  # blanks, line ends, quotes, brackets, marks, dashes
    rb"%(?:0[9AaDd]|2[0-7A-Fa-f]|3[A-Fa-f]|5[BbDd]|7[BbCcDd]|[CcEe]2|[8Aa]0|AF|af)"
)
_ENTITIES = rb"&(?:nbsp|thinsp|#160|#8239|#x[aA]0|#x202[fF]);"
_BETWEEN = linear(rb"(?:%s|%s|\\[nrt]|\n> ?(?:> ?)*|=\n)+" % (_ESCAPED, _ENTITIES))
_LETTERS = re.compile(rb"[a-z]")


def figures(folded: Folded) -> bytes:
    """`folded.data` itself, where nothing of the kind stands in it."""
    known = folded.shared.get("figures")
    if not isinstance(known, bytes):
        known = folded.shared["figures"] = _blanked(folded)
    return known


def lacks(folded: Folded, pattern: Pattern) -> bool:
    """Whether it is known that a watched pattern is not among the figures."""
    return figures(folded) is folded.data and folded.lacks(pattern)


def _blanked(folded: Folded) -> bytes:
    cased = folded.cased
    if not any(mark in cased for mark in _MARKS) and not any(
        mark in cased and pair in cased for mark, pair in _MARKS_AT_ENDS
    ):
        return folded.data
    spans = [found.span() for found in _BETWEEN.finditer(cased)]
    if not spans:
        return folded.data
    data = bytearray(folded.data)
    for start, end in spans:
        data[start:end] = b" " * (end - start)
    return bytes(data)


def meant(written: bytes) -> bytes:
    """The digits that a scanner misread, put right."""
    return written.translate(_MEANT)


def with_meant(data: bytes, spans: list[tuple[int, int]]) -> bytes:
    """The same bytes, put right within these spans alone."""
    pieces, at = [], 0
    for start, end in spans:
        pieces += [data[at:start], meant(data[start:end])]
        at = end
    return b"".join((*pieces, data[at:]))


def has_letters(written: bytes) -> bool:
    return bool(_LETTERS.search(written))
