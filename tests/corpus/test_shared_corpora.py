"""Collections of other projects' test mails, where a machine has them; none of them is kept here.

They lie in the directory that VAGUEMESTRE_CORPORA names, or in ../shared/corpora beside the
checkout. `make corpora` reads the same behind the wall and writes docs/corpora.md.
"""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from gateway import inspection
from gateway.model import DEFAULT_LIMITS
from gateway.sandbox import wire
from tools.read_corpora import Row, Source, is_malformed, patterns, sources

ROOT = Path(__file__).parents[2]
CORPORA = Path(os.environ.get("VAGUEMESTRE_CORPORA", ROOT.parent / "shared" / "corpora"))
MALFORMED = patterns(Path(__file__).with_name("malformed.tsv"))
LIMITS = replace(DEFAULT_LIMITS, pictures=0)  # OCR has a clock of its own
MOST_AMBIGUOUS = 2.0  # percent, outside what is malformed on purpose
SPARE_ANSWER = 64 * 1024  # bytes: what a worker may say of the smallest message

COLLECTIONS = [
    pytest.param(folder, files, id=f"{folder}{'/*' if files else ''}")
    for folder, files in (
        ("mime", False),
        ("french", False),
        ("attach/archive", True),
        ("attach/encrypted", True),
    )
]


def found(folder: str, files: bool) -> list[Source]:
    if not (CORPORA / folder).is_dir():
        pytest.skip("no collections of test mails here: set VAGUEMESTRE_CORPORA")
    return list(sources(CORPORA / folder, files=files))


@pytest.mark.parametrize(("folder", "files"), COLLECTIONS)
def test_each_is_read_with_a_coverage_and_few_are_ambiguous(folder, files):
    messages = found(folder, files)
    assert messages
    read = Row()
    for source in messages:
        reading = inspection.read(source.content, LIMITS)  # an exception fails the test
        assert reading.parts, source.name
        wire.answer(reading, LIMITS, SPARE_ANSWER + len(source.content))  # or Oversize
        read.add(reading, is_malformed(source.name, MALFORMED), 0.0)
    assert read.share < MOST_AMBIGUOUS
    assert not read.failed


def test_every_line_of_what_is_malformed_on_purpose_fits_a_message():
    names = [source.name for source in found("mime", False)]
    idle = [pattern for pattern in MALFORMED if not any(is_malformed(n, [pattern]) for n in names)]
    assert idle == []
