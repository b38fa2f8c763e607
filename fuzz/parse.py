"""Parsing any bytes: it never raises, and what it gives stays in proportion to the mail.

That it misses nothing is the target `peers`; what is found in the parts, `reading`.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuzz import seeds as made
from gateway.model import Limits
from gateway.parse.message import Parsed, parse

WORDS = made.WORDS
LONGEST = 4_096
SMALL = Limits(depth=2, parts=20, bytes=256 << 10, member=256 << 10)  # low enough to be reached

_MOST_PARTS = 64 * SMALL.parts  # an entity counts as one, with eight claims of either kind
_MOST_TEXT = 128  # characters for each byte of the mail: each of 64 readings, twice for the names


def seeds() -> Iterator[bytes]:
    yield from made.texts()
    yield from made.files()
    yield from made.usual()
    yield from made.tricks()


def check(data: bytes) -> None:
    parsed = parse(data, SMALL)
    bounded(parsed, len(data))
    assert all(part.path for part in parsed.parts), "a part without a number"
    assert all(detail.isascii() and 0 < len(detail) < 100 for detail in details(parsed))


def bounded(parsed: Parsed, size: int) -> None:
    """Small mail, small result, whatever it claims of itself."""
    assert len(parsed.parts) <= _MOST_PARTS, "too many parts"
    assert sum(len(part.data) for part in parsed.parts) <= 2 * SMALL.bytes, "too many bytes"
    told = sum(len(text.text) for text in parsed.texts)
    assert told <= _MOST_TEXT * (size + 100), "too much text"
    assert len(parsed.problems) <= 4 * _MOST_PARTS + 100, "too many problems"


def details(parsed: Parsed) -> Iterator[str]:
    return (problem.detail for problem in parsed.problems)
