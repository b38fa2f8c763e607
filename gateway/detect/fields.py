"""Which stretch of a text that is searched as one is a head, and which is what the head is about.

A mail's fields and bodies are searched together (see search.py). The Subject and the names of
files are heads: "M. TEST chambre 12" above "sort demain, toujours sous héparine" is one statement.
From, To and the other fields are not: who sends a mail is not whom it is about.
A text that is searched alone, as long ones are, has neither heads nor bodies.
"""

from __future__ import annotations

from typing import NamedTuple

from gateway.detect.fold import Folded

_MOST = 4  # heads and bodies looked at: a mail has one Subject, and few readings of its text
_LONGEST = 400  # bytes of a head
_OPENING = (
    800  # bytes of a body, the gap before it included, that may go on with what its head began
)
_MARGIN = 200  # bytes of gap around a field


class Fields(NamedTuple):
    """Spans, in order."""

    heads: tuple[tuple[int, int], ...] = ()
    bodies: tuple[tuple[int, int], ...] = ()

    def beside(self, start: int) -> tuple[tuple[int, int], ...]:
        """What reads as one with the field in which this position stands: its heads, or the
        beginnings of the bodies."""
        if any(begin <= start < end for begin, end in self.heads):
            return tuple((begin, min(end, begin + _OPENING)) for begin, end in self.bodies)
        if any(begin <= start < end for begin, end in self.bodies):
            return self.heads
        return ()


_NONE = Fields()


def note(folded: Folded, heads: list[tuple[int, int]], bodies: list[tuple[int, int]]) -> None:
    short = [span for span in heads if span[1] - span[0] <= _LONGEST + 2 * _MARGIN]
    folded.shared["fields"] = Fields(tuple(short[:_MOST]), tuple(bodies[:_MOST]))


def of(folded: Folded) -> Fields:
    known = folded.shared.get("fields")
    return known if isinstance(known, Fields) else _NONE
