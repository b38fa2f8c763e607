"""DICOM files and the discs that hold them, written element by element. Persons are made up."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from tests.makers import documents
from tests.makers.persons import Person

IMPLICIT = "1.2.840.10008.1.2"
EXPLICIT = "1.2.840.10008.1.2.1"
DEFLATED = "1.2.840.10008.1.2.1.99"
BIG_ENDIAN = "1.2.840.10008.1.2.2"
DIRECTORY = "1.2.840.10008.1.3.10"
PIXELS = 0x7FE00010
UNDEFINED = 0xFFFFFFFF
STUDY = "1.2.3.999.1"

_LONG = ("OB", "OW", "SQ", "UN", "UT", "UC")


@dataclass(frozen=True, slots=True)
class Element:
    """value: bytes, a text, or the items of a sequence."""

    tag: int
    vr: str
    value: bytes | str | list[list[Element]]


@dataclass(frozen=True, slots=True)
class Writer:
    """How elements are written. undefined: lengths of sequences and items are not given."""

    explicit: bool = True
    order: str = "<"
    undefined: bool = False

    def file(self, elements: Iterable[Element]) -> bytes:
        return b"".join(map(self.element, sorted(elements, key=lambda e: e.tag)))

    def element(self, element: Element) -> bytes:
        value = self._value(element)
        open_ended = self.undefined and element.vr == "SQ"
        length = UNDEFINED if open_ended else len(value)
        return self._head(element.tag, element.vr, length) + value

    def _value(self, element: Element) -> bytes:
        if isinstance(element.value, list):
            ends = self._item(0xFFFEE0DD, b"") if self.undefined else b""
            return b"".join(self._of_sequence(item) for item in element.value) + ends
        value = element.value
        data = value.encode("latin-1") if isinstance(value, str) else value
        return data + (b" " if isinstance(value, str) else b"\0") * (len(data) % 2)

    def _of_sequence(self, item: list[Element]) -> bytes:
        if not self.undefined:
            return self._item(0xFFFEE000, self.file(item))
        head = struct.pack(f"{self.order}2HL", 0xFFFE, 0xE000, UNDEFINED)
        return head + self.file(item) + self._item(0xFFFEE00D, b"")

    def _item(self, tag: int, value: bytes) -> bytes:
        return struct.pack(f"{self.order}2HL", tag >> 16, tag & 0xFFFF, len(value)) + value

    def _head(self, tag: int, vr: str, length: int) -> bytes:
        start = struct.pack(f"{self.order}2H", tag >> 16, tag & 0xFFFF)
        if not self.explicit:
            return start + struct.pack(f"{self.order}L", length)
        if vr in _LONG:
            return start + vr.encode() + b"\0\0" + struct.pack(f"{self.order}L", length)
        return start + vr.encode() + struct.pack(f"{self.order}H", length)


_WRITERS = {
    IMPLICIT: Writer(explicit=False),
    EXPLICIT: Writer(),
    DEFLATED: Writer(),
    BIG_ENDIAN: Writer(order=">"),
}


@dataclass(frozen=True, slots=True)
class Study:
    """What an image says of itself and of whom it shows."""

    name: str = ""
    number: str = ""
    birth: str = ""
    description: str = "IRM GENOU GAUCHE"
    anonymised: bool = False
    pixels: bytes = bytes(64)
    more: tuple[Element, ...] = field(default=())

    def elements(self) -> list[Element]:
        found = [
            Element(0x00080005, "CS", "ISO_IR 100"),
            Element(0x00080016, "UI", "1.2.840.10008.5.1.4.1.1.4\0"),
            Element(0x00080060, "CS", "MR"),
            Element(0x00080080, "LO", "CENTRE D'IMAGERIE EXEMPLE"),
            Element(0x00081030, "LO", self.description),
            Element(0x00100010, "PN", self.name),
            Element(0x00100020, "LO", self.number),
            Element(0x00100030, "DA", self.birth),
            Element(0x0020000D, "UI", STUDY + "\0"),
            *self.more,
        ]
        if self.anonymised:
            found.append(Element(0x00120062, "CS", "YES"))
        if self.pixels:
            found.append(Element(PIXELS, "OW", self.pixels))
        return found


def of(person: Person, **more: str) -> Study:
    birth = f"{person.born:%Y%m%d}"
    return Study(f"{person.last}^{person.first}", "B1042", birth, **more)  # type: ignore[arg-type]


def file(
    study: Study, syntax: str = EXPLICIT, *, preamble: bool = True, undefined: bool = False
) -> bytes:
    """preamble: 128 bytes, the mark and the group that tells the syntax; else the bare data."""
    known = _WRITERS[syntax]
    writer = Writer(known.explicit, known.order, undefined)
    body = writer.file(study.elements())
    if syntax == DEFLATED:
        packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
        body = packer.compress(body) + packer.flush()
    return (bytes(128) + b"DICM" + _meta(syntax) if preamble else b"") + body


def _meta(syntax: str, sop: str = "1.2.840.10008.5.1.4.1.1.4") -> bytes:
    elements = Writer().file(
        [Element(0x00020002, "UI", sop), Element(0x00020010, "UI", f"{syntax}\0")]
    )
    return Writer().element(Element(0x00020000, "UL", struct.pack("<L", len(elements)))) + elements


def directory(*people: Person) -> bytes:
    """DICOMDIR: one record a patient, one a study."""
    records = []
    for person in people:
        records.append(
            [
                Element(0x00041430, "CS", "PATIENT"),
                Element(0x00100010, "PN", f"{person.last}^{person.first}"),
                Element(0x00100020, "LO", "B1042"),
                Element(0x00100030, "DA", f"{person.born:%Y%m%d}"),
            ]
        )
        records.append([Element(0x00041430, "CS", "STUDY"), Element(0x00081030, "LO", "IRM")])
    body = Writer(undefined=True).file([Element(0x00041220, "SQ", list(records))])
    return bytes(128) + b"DICM" + _meta(EXPLICIT, DIRECTORY) + body


def disc(person: Person | None, images: int = 120) -> Mapping[str, bytes]:
    """As radiologists hand it over; without a person, as anonymised for a congress."""
    study = of(person) if person else Study("", "SUJET01", anonymised=True)
    image = file(study)
    members = {f"IMAGES/IM{n:06d}": image for n in range(1, images + 1)}
    people = (person,) if person else ()
    return {"DICOMDIR": directory(*people), "LISEZMOI.TXT": b"Ouvrir DICOMDIR\r\n", **members}


def report(person: Person, words: str) -> bytes:
    """A structured report: its text within sequences."""
    item = [Element(0x0040A040, "CS", "TEXT"), Element(0x0040A160, "UT", words)]
    study = of(person)
    tree = Element(0x0040A730, "SQ", [[Element(0x0040A730, "SQ", [item])]])
    return file(Study(study.name, study.number, study.birth, pixels=b"", more=(tree,)))


def wrapped(person: Person, words: str) -> bytes:
    """A PDF within an object."""
    document = Element(0x00420011, "OB", documents.pdf(words))
    study = of(person)
    return file(Study(study.name, study.number, study.birth, pixels=b"", more=(document,)))


def nested(depth: int, name: str) -> bytes:
    """Sequences within sequences, without an end, and a patient in the innermost."""
    opening = struct.pack("<2H2sHL", 0x0040, 0xA730, b"SQ", 0, UNDEFINED)
    opening += struct.pack("<2HL", 0xFFFE, 0xE000, UNDEFINED)
    inner = Writer().element(Element(0x00100010, "PN", name))
    return bytes(128) + b"DICM" + _meta(EXPLICIT) + opening * depth + inner
