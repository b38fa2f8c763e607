"""Any text, as the detectors read it: none fails, and what they find are values of that text.

The first paragraph is the Subject. A detector that fails holds the mail for want of being read.
"""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from gateway.detect.search import search
from gateway.model import Medium, Place, Text
from tests.makers import examples, prose
from tests.makers.health_formats import catalogue

LONGEST = 4_096
EXAMPLES = [
    text
    for table in (examples.FOUND, examples.LEFT, examples.MISSED)
    for told in table.values()
    for text, *_ in told
]
WORDS = sorted({word.encode() for text in EXAMPLES for word in text.split() if len(word) < 40})


def seeds() -> Iterator[bytes]:
    yield from (text.encode() for text in EXAMPLES)
    yield from (prose.clinical(Random(seed)).encode() for seed in range(9))
    for _, _, file in catalogue.files(1).values():
        yield file.encode()[:LONGEST]


def check(data: bytes) -> None:
    subject, _, body = data.decode("utf-8", "replace").partition("\n\n")
    pieces = [
        Text(Place("", "header Subject"), subject, Medium.HEADER),
        Text(Place("1"), body, Medium.BODY),
    ]
    hits, problems = search(pieces)
    assert not problems, f"no more searched: {[problem.detail for problem in problems]}"
    assert all(hit.value for hit in hits), "nothing is no finding"
