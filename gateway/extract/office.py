"""Word, PowerPoint and OpenDocument: ECMA-376 (17, 19), ISO/IEC 26300.

By hand rather than with a library for each: every XML file of the package is read, so that
headers, notes, comments, deletions, hidden text and properties come out with the body. What is no
XML (pictures, embedded files) becomes a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress

from lxml import etree

from gateway.extract import kind, ods, package, tables_within, unzip, xml_text, zipped
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Table, Text, Trouble

_MANIFEST = "META-INF/manifest.xml"  # of OpenDocument
_LOCK = "encryption-data"  # ISO/IEC 26300-2, 4.8


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    locked = _locked(part, limits)
    if locked:
        yield Problem(Trouble.ENCRYPTED, Place(part.path), "the document asks for a password")
    for member in package.members(part, limits):
        if not isinstance(member, package.Content):
            yield member
        elif member.name in locked and _is_noise(member.data):
            continue
        elif (
            member.is_xml
            and member.name.endswith("content.xml")
            and ods.is_spreadsheet(member.data)
        ):
            yield from ods.read(part, member.spot, member.data)
        elif member.is_xml:
            yield from texts(part, member)
        else:
            yield member.as_part(part)


def _locked(part: Part, limits: Limits) -> frozenset[str]:
    """The members that the manifest of an OpenDocument file says are encrypted."""
    if _MANIFEST.encode() not in part.data:
        return frozenset()
    archive = zipped.open_archive(part.data, limits.parts)
    found: set[str] = set()
    for member in archive.members:
        data = unzip.unpack(archive, member, limits)[0] if member.name == _MANIFEST else b""
        with suppress(etree.XMLSyntaxError):
            for entry in xml_text.elements(data, "file-entry") if data else ():
                if any(xml_text.local(child) == _LOCK for child in entry):
                    found.update(str(v) for k, v in entry.items() if "full-path" in str(k))
    return frozenset(found)


def _is_noise(data: bytes) -> bool:
    """Whether it is as its lock has left it: what can be read is, whatever the manifest says."""
    return not kind.signed(data) and not kind.looks_like_text(data)


def texts(part: Part, member: package.Content) -> Iterator[Text | Table | Problem]:
    """The words of one XML file of a package, and the tables among them."""
    words = xml_text.words(member.data)
    place = Place(part.path, member.spot)
    if words.text:
        yield Text(place, words.text, Medium.DOCUMENT)
    if words.attributes:
        yield Text(place, words.attributes, Medium.DOCUMENT)
    yield from tables_within.placed(words.tables, part.path, member.spot)
    if not words.whole:
        yield Problem(Trouble.DAMAGED, place, "an XML file of the document is damaged")


EXTRACTOR = Extractor(("docx", "pptx", "odf"), extract)
