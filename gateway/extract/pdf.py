"""PDF: the text of each page, every word kept beside the pages, and earlier versions (ISO 32000).

PDFium reads the pages; where it fails or finds nothing, pdfminer.six gives a second opinion. qpdf
(through pikepdf) walks all objects for what no page shows: values of forms, annotations,
bookmarks, properties, attached files. An empty password is tried, then those of the mail. What a
PDF was before somebody saved changes at its end is read as well, where it says anything else.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import replace

import pikepdf
import pypdfium2
from pdfminer.high_level import extract_text
from pypdfium2 import raw

from gateway.extract import passwords, pdf_objects, pdf_pages, pdf_versions
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_PASSWORD = raw.FPDF_ERR_PASSWORD
_AES_256 = 5  # revision of the security handler, and 6 (ISO 32000-2, 7.6.4)
_SLOW_PAGES = 50  # that pdfminer looks at: it takes a second for twenty


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    said = pdf_versions.Said()
    for piece in _version(part, limits):
        said.add(piece)
        yield piece
    for number, version in enumerate(pdf_versions.earlier(part), 1):
        for piece in _version(version, limits):
            if said.add(piece):
                yield pdf_versions.earlier_piece(piece, number)


def _version(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    try:
        document = pypdfium2.PdfDocument(part.data)
    except pypdfium2.PdfiumError as error:
        if error.err_code == _PASSWORD:
            yield from _locked(part, limits)
        else:
            yield Problem(Trouble.DAMAGED, place, "the PDF is damaged")
            yield from _second_opinion(part)
        return
    try:
        if not (yield from pdf_pages.read(part, document)):
            yield from _second_opinion(part)
        if raw.FPDF_GetSecurityHandlerRevision(document) >= _AES_256:  # its owner's: all may read
            part = replace(part, data=_without_lock(document))
    finally:
        document.close()
    try:
        yield from pdf_objects.read(part)
    except (pikepdf.PdfError, ValueError):
        yield Problem(Trouble.DAMAGED, place, "forms and attached files of the PDF were not read")


def _locked(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    clear = _unlocked(part)
    if clear is None:
        yield Problem(Trouble.ENCRYPTED, place, "the PDF asks for a password")
        return
    yield Problem(Trouble.OPENED, place, passwords.OPENED)
    yield from _version(replace(part, data=clear, passwords=()), limits)


def _unlocked(part: Part) -> bytes | None:
    """The file without its lock, if one of the passwords that the mail gives opens it."""
    for password in part.passwords:
        try:
            document = pypdfium2.PdfDocument(part.data, password=password)
        except pypdfium2.PdfiumError:
            continue
        clear = _without_lock(document)
        document.close()
        return clear
    return None


def _without_lock(document: pypdfium2.PdfDocument) -> bytes:
    """By PDFium: qpdf asks for a file of random numbers, which there is none of behind the wall."""
    out = io.BytesIO()
    document.save(out, flags=raw.FPDF_REMOVE_SECURITY)
    return out.getvalue()


def _second_opinion(part: Part) -> Iterator[Text]:
    text = extract_text(io.BytesIO(part.data), maxpages=_SLOW_PAGES)
    if text.strip():
        yield Text(Place(part.path), text, Medium.DOCUMENT)


EXTRACTOR = Extractor(("pdf",), extract)
