"""The real reader, with a flaw in its reader of plain text, as a library's might be.

A text that begins with "poison:" and the name of an act does what that act of hostile.py does. It
stands in a mail like any other part: tests/makers/mails.py makes it. A PDF with that word makes
PDFium itself follow a pointer to nowhere.
"""

from __future__ import annotations

import ctypes
from collections.abc import Iterator

from pypdfium2 import raw

from gateway import inspection, rendering
from gateway.extract import pdf, text
from gateway.extract.extractor import Extract, Extracted, extractors
from gateway.model import Limits, Part
from tests.sandbox import hostile

_MARK = b"poison:"
_draw = rendering.draw


def poisoned(act: str) -> bytes:
    """As the data of an attachment."""
    return _MARK + act.encode()


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    if part.data.startswith(_MARK):
        name, _, argument = part.data.removeprefix(_MARK).decode().strip().partition(" ")
        hostile.ACTS[name](argument)
    yield from text.extract(part, limits)


def pages(part: Part, limits: Limits) -> Iterator[Extracted]:
    if _MARK in part.data:
        raw.FPDF_GetPageCount(ctypes.cast(8, raw.FPDF_DOCUMENT))
    yield from pdf.extract(part, limits)


def draw(part: Part, first: int) -> rendering.Drawn:
    if _MARK in part.data:
        raw.FPDF_GetPageCount(ctypes.cast(8, raw.FPDF_DOCUMENT))
    return _draw(part, first)


def warm() -> None:
    hostile.warm()
    inspection.warm()
    readers: dict[str, Extract] = extractors()  # type: ignore[assignment]  # a Mapping for others
    readers |= {"text": extract, "pdf": pages}
    rendering.draw = draw
