"""Messages that health programs send each other: HL7 v2 and H'PRIM, in lines or in XML; RPU.

They are given as text with their bars, columns and tags as they are, since it is by these that the
detectors read them; a table of bars they are not, although they look like one. Documents in base64
within (OBX-5, ED.5) become parts of their own.
Rule: HL7 v2.5, 2.7 and 2.A.24 (encapsulated data); H'PRIM santé 2. Not here: what a message points
to elsewhere (RP), and hexadecimal escapes.
"""

from __future__ import annotations

from collections.abc import Iterator

import re2

from gateway.extract import characters, html, unbased
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Text

SEGMENTS, XML = "segments", "xml-message"

_SAMPLE = 64 * 1024  # bytes in which the first segment of a message stands, or its root element
_SEGMENT = re2.compile(
    r"(?:^|[\r\n\v])[> \t]{0,8}(?:(?:MSH|FHS|BHS)\|[^\w\s|]{3,4}\||PID\|[^\r\n]{0,200}\^"
    r"|OBX\|[0-9]{0,4}\|[A-Z]{2}\||H\|~\^\\&\||P\|[0-9]{0,4}\|[^\r\n]{1,60}~"
    r"|RES\|[^\r\n|]{0,80}\||TEX\|)"
)
_ROOT = re2.compile(
    r"urn:hl7-org:v2xml|hprim\.org/hprimXML|<(?:\w{1,9}:)?evenements?(?:Serveur|Patient|PMSI|Frais)"
    r"|<OSCOUR[\s>]"
)
# Encoded documents: behind their encoding's name, or the whole text of an element.
_IN_FIELD = re2.compile(r"(?i)\^base64\^([a-z0-9+/=\\.]{8,})")
_IN_ELEMENT = re2.compile(r">([A-Za-z0-9+/\s]{100,}={0,2})\s*<")
_ESCAPE = re2.compile(r"\\[.A-Za-z0-9]{1,5}\\")


def of_text(data: bytes) -> str:
    """ "segments", "xml-message" or "" for any other text."""
    sample = data[:_SAMPLE]
    is_xml = sample[:64].lstrip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")[:1] == b"<"
    if not is_xml and b"|" not in sample:
        return ""
    text = characters.readings(sample)[0]
    if is_xml:
        return XML if _ROOT.search(text) else ""
    return SEGMENTS if _SEGMENT.search(text) else ""


def _segments(part: Part, limits: Limits) -> Iterator[Extracted]:
    for number, reading in enumerate(characters.readings(part.data, part.charset)):
        text, files = _without(reading, _IN_FIELD)
        yield Text(Place(part.path), text, Medium.DOCUMENT)
        yield from _parts(part, files if number == 0 else [])


def _xml(part: Part, limits: Limits) -> Iterator[Extracted]:
    text, files = _without(characters.readings(part.data, part.charset)[0], _IN_ELEMENT)
    yield Text(Place(part.path, "source"), text, Medium.DOCUMENT)
    yield from _parts(part, files)
    yield from html.extract(part, limits)


def _without(text: str, encoded: re2.Pattern) -> tuple[str, list[bytes]]:
    spans = (found.span(1) for found in encoded.finditer(text))
    return unbased.apart(text, spans, lambda written: _ESCAPE.sub("", written))


def _parts(part: Part, files: list[bytes]) -> Iterator[Part]:
    for number, data in enumerate(files, 1):
        yield Part(f"{part.path}!({number})", data)


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    read = _xml if of_text(part.data) == XML else _segments
    yield from read(part, limits)


EXTRACTOR = Extractor((SEGMENTS, XML), extract)
