"""DICOM: the header of an image, of a report, of the directory of a disc. Never the image itself.

Given are whom it is about, every text of the header and of structured reports, and as parts of
their own the documents that an object may wrap (a PDF, a CDA). An image is `no_text`: names burned
into it, as on screen shots and ultrasound, are not read, however anonymous the header.
Rule: DICOM PS3.3 (modules), PS3.10 (files), PS3.15 annex E (what anonymous means).
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import about, runs
from gateway.extract.dicom_header import PREAMBLE, Element, Header
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_STUDY = 0x0020000D
_NAME, _NUMBER, _BIRTH = 0x00100010, 0x00100020, 0x00100030
_WHOSE = frozenset((_NAME, _NUMBER, _BIRTH))
_REMOVED, _DOCUMENT = 0x00120062, 0x00420011
_TEXTS = frozenset(b"LO SH LT ST UT UC PN".split())
_PATIENT = 0x0010  # the group; a name in any other is a physician's, an operator's, an author's
_CONTROLS = bytes(set(range(32)) - set(b"\t\n\f\r\x1b")) + b"\x7f"
_NUMBERS = b"0123456789. \\-+:\0"
_LEAST = 4  # characters: of an element of unknown type, fewer may be anything
_LONG = 13  # digits, of a social-security number
_HIDDEN = 64  # bytes in which something may be hidden


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    header = Header(part.data)
    subject = _Subject()
    said = dict.fromkeys(runs.narrow(part.data[:PREAMBLE]))
    opaque = False
    for element in header.elements():
        subject.see(element)
        if element.tag == _DOCUMENT or _is_file(element):
            yield Part(f"{part.path}!({element.tag:08x})", element.value)
        elif text := _text(element):
            said[text] = None
        elif _is_opaque(element):
            opaque = True
            said.update(dict.fromkeys(runs.narrow(element.value)))
    about_whom = subject.lines("sans identifiant" if header.pixels else "")
    yield Text(place, "\n".join([*about_whom, *said]), Medium.DOCUMENT)
    yield from _problems(header, place, opaque)


def _problems(header: Header, place: Place, opaque: bool) -> Iterator[Problem]:
    if header.odd:
        yield Problem(Trouble.UNSUPPORTED, place, "the mark of DICOM, and no DICOM behind it")
    if header.cut:
        yield Problem(Trouble.DAMAGED, place, "a DICOM file that is cut short")
    if header.many:
        yield Problem(Trouble.TOO_MANY, place, "too many elements in a DICOM file")
    if header.pixels:
        yield Problem(Trouble.NO_TEXT, place, "an image: words burned into it are not read")
    elif opaque:
        yield Problem(Trouble.NO_TEXT, place, "measures and data of programs, which are no text")


class _Subject:
    """Whom the file is about: the directory of a disc names several."""

    def __init__(self) -> None:
        self._patients: list[dict[int, bytes]] = [{}]
        self._study = b""
        self._anonymised = False

    def see(self, element: Element) -> None:
        """In the directory of a disc, another name begins another patient."""
        if element.tag in _WHOSE:
            if element.tag == _NAME and _NAME in self._patients[-1]:
                self._patients.append({})
            self._patients[-1].setdefault(element.tag, element.value)
        elif element.tag == _STUDY and not self._study:
            self._study = element.value
        elif element.tag == _REMOVED:
            self._anonymised = element.value.strip(b" \0").upper() == b"YES"

    def lines(self, unknown: str) -> list[str]:
        """unknown: in place of a study that has been removed with all the rest."""
        study = about.decoded(self._study) or unknown
        told = (
            about.line("dicom", _patient(found), anonymised=self._anonymised, study=study)
            for found in self._patients
        )
        return list(dict.fromkeys(filter(None, told)))


def _patient(found: dict[int, bytes]) -> about.Patient:
    """A name has components; after "=" the same stands in other scripts."""
    name = about.decoded(found.get(_NAME, b"")).lstrip("=").partition("=")[0]
    family, _, given = name.partition("^")
    return about.Patient(
        family,
        given.partition("^")[0],
        about.decoded(found.get(_BIRTH, b"")),
        about.decoded(found.get(_NUMBER, b"")),
    )


def _text(element: Element) -> str:
    """Also of an element that should hold none, what reads like words."""
    if element.vr not in _TEXTS and not _reads(element.value):
        return ""
    text = about.decoded(element.value)
    if element.vr == b"PN" or (not element.vr and "^" in text):
        text = text.replace("^", " ").strip()
        return text if element.tag >> 16 == _PATIENT else f"Dr {text}" * bool(text)
    return text


def _reads(value: bytes) -> bool:
    """Words, or a number too long to be a measure; not the identifiers of objects."""
    value = value.rstrip(b"\0 ")
    if len(value) < _LEAST or len(value.translate(None, _CONTROLS)) != len(value):
        return False
    return bool(value.strip(_NUMBERS)) or (len(value) >= _LONG and b"." not in value)


def _is_opaque(element: Element) -> bool:
    return len(element.value) >= _HIDDEN and bool(element.value.strip(_NUMBERS))


def _is_file(element: Element) -> bool:
    return _is_opaque(element) and bool(signed(element.value))


EXTRACTOR = Extractor(("dicom",), extract)
