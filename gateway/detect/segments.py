"""Segments of messages, HL7 v2 and H'PRIM santé: one a line, fields parted by bars.

    PID|1||000003^^^CHU-X^PI||PAT-UN^ANNE^^^^^L||19790328|F      HL7 v2
    P|1|398|B1042||MARTIN-TEST~Zoé||19850914|F                   H'PRIM santé

A segment may be quoted ("> ") where it was pasted into an answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from gateway.detect.coded import MARGIN
from gateway.detect.pattern import Pattern, linear

_LONGEST = 8 * 1024  # bytes of a segment that names somebody; documents are in others


class Segment(NamedTuple):
    """starts: where each field begins in the text; the name of the segment is field 0."""

    fields: list[bytes]
    starts: list[int]

    def field(self, number: int) -> bytes:
        return self.fields[number].strip() if number < len(self.fields) else b""

    def span(self, number: int) -> tuple[int, int]:
        return self.starts[number], self.starts[number] + len(self.fields[number])


def beginning(*names: bytes) -> Pattern:
    """Finds any segment of these names."""
    return linear(MARGIN + b"(?:" + b"|".join(names) + rb")\|")


def segments(text: bytes, name: bytes) -> Iterator[Segment]:
    """name: with its bar. Goes from one to the next, since most texts have none."""
    at = text.find(name)
    while at >= 0:
        begin = text.rfind(b"\n", max(0, at - 9), at) + 1
        margin = text[begin:at] if begin or at < 9 else b"?"
        if not margin.strip(b"> \t"):
            end = text.find(b"\n", at, at + _LONGEST)
            fields = text[at : end if end >= 0 else at + _LONGEST].split(b"|")
            starts = [at]
            for field in fields[:-1]:
                starts.append(starts[-1] + len(field) + 1)
            yield Segment(fields, starts)
        at = text.find(name, at + len(name))
