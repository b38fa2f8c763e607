"""Gates: one pass by RE2 that tells whether any of several patterns of `re` can match at all.

What surrounds a name is asked a dozen questions, and nearly always the answer to all is no: one
automaton says so in a twentieth of the time. It knows neither what must not stand around a match
(lookarounds, which RE2 has none of) nor groups, so it lets some through for nothing, and stops
none that would match.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.pattern import linear

# A set of bytes, an escaped one, the beginning of a group of any kind, its end, or any other byte.
_PIECE = re.compile(
    rb"\[\^?\]?(?:\\.|[^\]\\])*\]|\\.|\((?:\?(?:<?[=!]|:|P<[a-z0-9_]+>))?|.", re.DOTALL
)
_LOOKAROUNDS = (b"(?=", b"(?!", b"(?<=", b"(?<!")


class Gate:
    """Of patterns that are searched for in the same bytes."""

    __slots__ = ("_pattern",)

    def __init__(self, *several: re.Pattern[bytes], begin: bytes = b"") -> None:
        self._pattern = linear(begin + b"(?:" + b"|".join(map(relaxed, several)) + b")")

    def may_match(self, data: bytes) -> bool:
        return self._pattern.is_in(data)


def at_beginning(*several: re.Pattern[bytes]) -> Gate:
    """Of patterns that match where the bytes begin."""
    return Gate(*several, begin=rb"\A")


def relaxed(pattern: re.Pattern[bytes]) -> bytes:
    """The same without lookarounds, its groups not captured, the end spelled as in RE2."""
    return b"".join(_pieces(pattern.pattern))


def _pieces(pattern: bytes) -> Iterator[bytes]:
    left_out: list[bool] = []  # of the groups that are open, whether they are
    for found in _PIECE.finditer(pattern):
        piece = found[0]
        if piece[:1] == b"(":
            left_out.append(piece in _LOOKAROUNDS or any(left_out))
            piece = b"(?:"
        hidden = any(left_out)
        if piece == b")":
            left_out.pop()
        if not hidden:
            yield rb"\z" if piece == rb"\Z" else piece
