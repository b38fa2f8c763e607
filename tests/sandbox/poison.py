"""The real reader, with a flaw in its reader of plain text, as a library's might be.

A text that begins with "poison:" and the name of an act does what that act of hostile.py does. It
stands in a mail like any other part: tests/makers/mails.py makes it.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway import inspection
from gateway.extract import text
from gateway.extract.extractor import Extracted, extractors
from gateway.model import Limits, Part
from tests.sandbox import hostile

_MARK = b"poison:"


def poisoned(act: str) -> bytes:
    """As the data of an attachment."""
    return _MARK + act.encode()


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    if part.data.startswith(_MARK):
        name, _, argument = part.data.removeprefix(_MARK).decode().strip().partition(" ")
        hostile.ACTS[name](argument)
    yield from text.extract(part, limits)


def warm() -> None:
    hostile.warm()
    inspection.warm()
    extractors()["text"] = extract  # type: ignore[index]  # a Mapping for everybody but tests
