"""The words of lexicons/at_work.txt, each list as one pattern over folded bytes.

A list stands under its heading in brackets, its terms parted by bars and ends of lines; {a|b} are
alternatives within a term, * any letters. Read once, when the module is imported: a worker behind
the wall opens no file.
"""

from __future__ import annotations

import re
from importlib.resources import files

from gateway.detect.fold import fold

_HEADING = re.compile(r"^\[(.+)\]$", re.MULTILINE)
_BARS = re.compile(r"[|\n](?![^{}]*\})")  # outside braces
_CHOICE = re.compile(rb"(\{[^{}]*\}|\*)")
_LETTERS = rb"[a-z\-]{0,22}"  # the rest of a word
_WORD_ENDS = rb"(?![a-z])"


def _read() -> dict[str, tuple[str, ...]]:
    written = files("gateway.detect").joinpath("lexicons", "at_work.txt").read_text("utf-8")
    lines = "\n".join(line for line in written.splitlines() if not line.startswith("#"))
    pieces = _HEADING.split(lines)[1:]
    return {
        heading: tuple(term.strip() for term in _BARS.split(terms) if term.strip())
        for heading, terms in zip(pieces[::2], pieces[1::2], strict=True)
    }


_LISTS = _read()


def any_of(heading: str) -> bytes:
    """Any term of the list, up to the end of a word."""
    return stems(heading) + _WORD_ENDS


def stems(heading: str) -> bytes:
    """The same, where the word may go on."""
    folded = (fold(term.lower()).cased for term in _LISTS[heading])
    return rb"(?:" + b"|".join(map(_pattern, folded)) + rb")"


def _pattern(term: bytes) -> bytes:
    return b"".join(_piece(piece) for piece in _CHOICE.split(term))


def _piece(piece: bytes) -> bytes:
    if piece == b"*":
        return _LETTERS
    if piece[:1] == b"{":
        return rb"(?:" + b"|".join(map(_pattern, piece[1:-1].split(b"|"))) + rb")"
    return re.escape(piece)
