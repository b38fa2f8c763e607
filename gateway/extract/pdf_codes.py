"""Codes that machines read on a page of a PDF: the account on an invoice, the 2D-Doc of a payslip.

They stand beside text, smaller than any picture that may hold words, so they are looked for in the
pixels of the small pictures of a page as they are stored, without drawing the page. Not here: codes
drawn as a thousand squares, and those on scans, which are read with their words.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from itertools import islice

import pypdfium2
from pypdfium2 import raw

from gateway.extract import barcode

_SIDES = 60, 1200  # pixels: of the smallest code with an account, and of a photograph
_LONGEST = 12  # times its height: a code of bars
_MOST = 8  # pictures of a page that are looked at; logos are among them
_WITHIN = 5  # forms within forms


def read(page: pypdfium2.PdfPage) -> Iterator[str]:
    """The text of each code. None without the extra "ocr"."""
    if not barcode.INSTALLED:
        return
    pictures = page.get_objects(filter=(raw.FPDF_PAGEOBJ_IMAGE,), max_depth=_WITHIN)
    for found in islice(pictures, _MOST):
        with suppress(pypdfium2.PdfiumError):  # a picture that PDFium cannot decode shows no code
            if _may_be_code(*found.get_px_size()):
                yield from barcode.read(found.get_bitmap().to_pil().convert("L"))


def _may_be_code(width: int, height: int) -> bool:
    least, most = _SIDES
    longer, shorter = max(width, height), min(width, height)
    return least <= longer <= most and longer <= _LONGEST * shorter
