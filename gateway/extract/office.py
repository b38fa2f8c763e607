"""Word, PowerPoint and OpenDocument: ECMA-376 (17, 19), ISO/IEC 26300.

By hand rather than with a library for each: every XML file of the package is read, so that
headers, notes, comments, deletions, hidden text and properties come out with the body. What is no
XML (pictures, embedded files) becomes a part of its own.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import ods, package, xml_text
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    for member in package.members(part, limits):
        if not isinstance(member, package.Content):
            yield member
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


def texts(part: Part, member: package.Content) -> Iterator[Text | Problem]:
    """The words of one XML file of a package."""
    words = xml_text.words(member.data)
    place = Place(part.path, member.spot)
    if words.text:
        yield Text(place, words.text, Medium.DOCUMENT)
    if words.attributes:
        yield Text(place, words.attributes, Medium.DOCUMENT)
    if not words.whole:
        yield Problem(Trouble.DAMAGED, place, "an XML file of the document is damaged")


EXTRACTOR = Extractor(("docx", "pptx", "odf"), extract)
