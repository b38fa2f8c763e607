"""What a worker says over the wire: refused as Malformed, or a Reading that goes over again.

Each input is taken as a whole frame, and as a body whose length is told truly.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from gateway.model import (
    Coverage,
    Hit,
    Likelihood,
    Limits,
    PartRead,
    Place,
    Problem,
    Reading,
    Trouble,
)
from gateway.sandbox import wire

WORDS = (
    b'["hit",|["problem",|["part",|["more",|"fr.nir"|"person"|"crashed"|"whole"|"partly"|"]|,|[]|'
    b'true|null|NaN|1e9|-1|9007199254740993|\\ud83d|\\u0000|\n|\xed\xa0\x80|"'
).split(b"|")
LONGEST = 4_096
MOST_BYTES = 2_048
SMALL = Limits(hits=3, parts=2)


def seeds() -> Iterator[bytes]:
    place = Place("2!a.zip!b", "page 3")
    hit = Hit("fr.nir", "1\n\x00\udc80é", Likelihood.LIKELY, place, ("iban", "person"))
    parts = tuple(PartRead(place, "pdf", coverage) for coverage in Coverage)
    problems = tuple(Problem(trouble, place, "cut short") for trouble in Trouble)
    for reading in (
        Reading(),
        Reading(hits=(hit,) * 3),
        Reading((hit,), problems, parts, (("iban", 3), ("card", 1 << 53))),
    ):
        frame = wire.answer(reading, SMALL, MOST_BYTES)
        yield frame
        yield frame[wire.LENGTH_BYTES :]


def check(data: bytes) -> None:
    decoded(data)
    decoded(len(data).to_bytes(wire.LENGTH_BYTES, "big") + data)


def decoded(frame: bytes) -> None:
    with suppress(wire.Malformed):
        reading = wire.reading(frame, SMALL, MOST_BYTES)
        assert not wire.unfinished(frame, MOST_BYTES), "read before it was whole"
        assert len(reading.hits) <= SMALL.hits, "too many hits"
        again = wire.answer(reading, SMALL, MOST_BYTES)
        assert len(again) <= len(frame), "it grew on the way"
        assert wire.reading(again, SMALL, MOST_BYTES) == reading, "a reading that changes"
