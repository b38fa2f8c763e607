"""The laws of reading a file of any kind, whatever its bytes: nothing escapes, every part ends with
a coverage, and what comes out stays within the limits.

A library that falls ends the process, which the engine tells. What is slow is measured again, since
a machine has other things to do.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import suppress

from gateway import inspection
from gateway.extract import kind
from gateway.extract.extractor import Extracted, extractors
from gateway.model import Coverage, Limits, Part, Table, Text
from gateway.sandbox import wire

LONGEST = 16_384
SMALL = Limits(
    depth=3, parts=30, bytes=1 << 20, member=512 << 10, text=512 << 10, pictures=0, hits=100
)

_MOST_BYTES = 16 << 20  # of a frame
_FREE = 1 << 20  # bytes that may come out of any file, besides what is in proportion to it
_MOST_TEXT = 64 << 20  # characters
_SECONDS = 10.0  # of the processor, for 16 KB and 1 MB within, in an engine ten times as slow
_TRIES = 3


def check(data: bytes) -> None:
    part = Part("1", data)
    for found in kind.kinds(part):
        bounded(part, found)
    for attempt in range(_TRIES):
        began = time.process_time()
        whole(data)
        if time.process_time() - began < _SECONDS:
            break
        assert attempt + 1 < _TRIES, "it takes too long"


def bounded(part: Part, found: str) -> None:
    """An extractor by itself. It may raise anything: inspection catches it."""
    size = told = 0
    most = 2 * SMALL.bytes + 2 * len(part.data) + _FREE
    paths: list[str] = []
    with suppress(Exception):
        for piece in extracted(part, found):
            if isinstance(piece, Part):
                paths.append(piece.path)
                size += len(piece.data)
            else:
                told += length(piece)
            if size > most or told > _MOST_TEXT:
                break
    assert size <= most, "too many bytes come out"
    assert told <= _MOST_TEXT, "too much text comes out"
    assert all(path.startswith(part.path) for path in paths), "a part without a place"


def extracted(part: Part, found: str) -> Iterator[Extracted]:
    extract = extractors().get(found)
    return extract(part, SMALL) if extract else iter(())


def length(piece: Extracted) -> int:
    if isinstance(piece, Table):
        return sum(len(cell) for row in piece.rows for cell in row)
    return len(piece.text) if isinstance(piece, Text) else 0


def whole(data: bytes) -> None:
    """As the worker reads it."""
    reading = inspection.read_file("a", data, SMALL)
    assert reading.parts, "nothing was read, and nobody says so"
    if any(part.coverage is not Coverage.WHOLE for part in reading.parts):
        assert reading.problems, "not read whole, and no problem"
    frame = wire.answer(reading, SMALL, _MOST_BYTES)
    wire.reading(frame, SMALL, _MOST_BYTES)
