"""PDF: the text of each page, and every word kept beside the pages (ISO 32000).

PDFium reads the pages; where it fails or finds nothing, pdfminer.six gives a second opinion. qpdf
(through pikepdf) walks all objects for what no page shows: values of forms, annotations, bookmarks,
properties, attached files. An empty password is tried; pages without text are told, not skipped.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

import pikepdf
import pypdfium2
from pdfminer.high_level import extract_text
from pypdfium2 import raw

from gateway.extract import pdf_objects
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_THIN = 20  # characters; a page with fewer and a picture is rather a scan
_PASSWORD = raw.FPDF_ERR_PASSWORD
_PICTURES = (raw.FPDF_PAGEOBJ_IMAGE,)
_CURVES = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    try:
        document = pypdfium2.PdfDocument(part.data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            yield Problem(Trouble.ENCRYPTED, place, "the PDF asks for a password")
        else:
            yield Problem(Trouble.DAMAGED, place, "the PDF is damaged")
            yield from _second_opinion(part)
        return
    yield from _pages(part, document, limits)
    document.close()
    try:
        yield from pdf_objects.read(part)
    except (pikepdf.PdfError, ValueError):
        yield Problem(Trouble.DAMAGED, place, "forms and attached files of the PDF were not read")


def _pages(part: Part, document: pypdfium2.PdfDocument, limits: Limits) -> Iterator[Extracted]:
    without: list[int] = []
    for index in range(len(document)):
        place = Place(part.path, f"page {index + 1}")
        try:
            page = document[index]
            text = _text(page)
        except pypdfium2.PdfiumError:
            yield Problem(Trouble.DAMAGED, place, "a page is damaged")
            continue
        if text.strip():
            yield Text(place, text, Medium.DOCUMENT)
        if _is_picture(page, len(text.strip())):
            without.append(index + 1)
        page.close()
    if len(without) == len(document):
        yield from _second_opinion(part)
    for number in without:
        place = Place(part.path, f"page {number}")
        yield Problem(Trouble.NO_TEXT, place, "a page without text, whose picture was not read")


def _is_picture(page: pypdfium2.PdfPage, characters: int) -> bool:
    """Whether what one sees there is drawn: a picture beside next to no text, or letters drawn as
    curves. An empty page is none."""
    if characters >= _THIN:
        return False
    drawn = _PICTURES if characters else (*_PICTURES, *_CURVES)
    return next(iter(page.get_objects(filter=drawn, max_depth=4)), None) is not None


def _text(page: pypdfium2.PdfPage) -> str:
    """PDFium marks a hyphen at the end of a line with U+0002 or U+FFFE: the word goes on."""
    text_page = page.get_textpage()
    text: str = text_page.get_text_range()
    text_page.close()
    text = text.replace("\r\n", "\n")
    return text.replace("\x02\n", "").replace("\ufffe\n", "").replace("\ufffe", "-")


def _second_opinion(part: Part) -> Iterator[Text]:
    text = extract_text(io.BytesIO(part.data))
    if text.strip():
        yield Text(Place(part.path), text, Medium.DOCUMENT)


EXTRACTOR = Extractor(("pdf",), extract)
