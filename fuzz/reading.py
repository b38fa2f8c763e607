"""Inspecting any bytes, end to end: what the door reads itself, the worker reads the same.

Every part has a coverage, what is not read whole has a problem, and all of it fits the wire.
"""

from __future__ import annotations

from collections.abc import Iterator

from fuzz import seeds as made
from gateway import inspection
from gateway.model import Coverage, Limits
from gateway.sandbox import wire

WORDS = [*made.WORDS, *b"<p>|<td>|<!--|-->|<script>|&eacute;|&#x33;|&#0;|%PDF-|PK\3\4".split(b"|")]
LONGEST = 3_000
SMALL = Limits(depth=2, parts=20, bytes=256 << 10, member=256 << 10, text=256 << 10)
MOST_BYTES = 16 << 20


def seeds() -> Iterator[bytes]:
    yield from made.texts()
    yield from made.letters()
    yield from made.files()
    yield from made.usual()
    yield from made.tricks()


def check(data: bytes) -> None:
    whole = inspection.read(data, SMALL)
    quick = inspection.simple(data, SMALL)
    assert quick is None or quick == whole, "the door reads otherwise than the worker"
    assert whole.parts, "nothing was read, and nobody says so"
    if any(part.coverage is not Coverage.WHOLE for part in whole.parts):
        assert whole.problems, "not read whole, and no problem"
    frame = wire.answer(whole, SMALL, MOST_BYTES)
    assert wire.reading(frame, SMALL, MOST_BYTES) == whole, "the wire does not carry it"
    inspection.conclude(whole, b"k" * 32)
