"""The elements of a DICOM file, as they follow each other: DICOM PS3.5, 7.1, and PS3.10, 7.1.

With its preamble or without, in implicit or explicit encoding, little or big endian, deflated or
not. Sequences and their items are stepped into rather than nested: a patient's name within one is
as much a name, and ten thousand of them within each other cost nothing. Nothing is copied but the
values asked for; pixels are stepped over, since an icon has some, too, and much may follow it.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

PREAMBLE = 128
MARK = b"DICM"
PIXELS = 0x7FE0
PIXEL_TAGS = (b"\xe0\x7f\x10\0", b"\x7f\xe0\0\x10")  # as they stand in the file

_META = b"\2\0"  # the group in front, always explicit and little endian
_ITEMS = 0xFFFE
_FRAGMENT = 0xFFFEE000  # an item of pixels that are packed
_ITEM = (b"\xfe\xff\x00\xe0", b"\xff\xfe\xe0\x00")
_UNDEFINED = 0xFFFFFFFF
_SYNTAX = 0x00020010
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_IMPLICIT = {order: struct.Struct(f"{order}2HL") for order in "<>"}
_EXPLICIT = {order: struct.Struct(f"{order}2H2sH") for order in "<>"}
_LENGTH = {order: struct.Struct(f"{order}L") for order in "<>"}
_SHORT = frozenset(
    b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split()
)  # with a length of two bytes
_LONG = frozenset(b"OB OD OF OL OV OW SQ SV UC UN UR UT UV".split())  # and of four
# Each step costs some microseconds: enough for a volume of five thousand slices in one file.
_MOST = 300_000
_FIRST = frozenset((*range(0x20000, 0x20011), 0x80000, 0x80001, 0x80005, 0x80006, 0x80008, 0x80012,
                    0x80014, 0x80016, 0x80018))  # fmt: skip
_BEGINNING = 4096  # bytes
_INFLATED = 16 * 1024 * 1024  # bytes
_NONE = (0, b"", 0, 0)
_SANE = 1024  # bytes of one of the first elements


class Element(NamedTuple):
    """tag: group and element, 0x00100010. vr: its type, b"PN"; b"" where it is implicit."""

    tag: int
    vr: bytes
    value: bytes


@dataclass(slots=True)
class Header:
    """pixels: an image follows. cut: within an element. many: it was not read to its end. odd: what
    follows the mark is no DICOM."""

    data: bytes = field(repr=False)
    pixels: bool = False
    cut: bool = False
    many: bool = False
    odd: bool = False

    def elements(self) -> Iterator[Element]:
        """All of them in order, those within others too; the containers themselves are left out."""
        at = PREAMBLE + len(MARK) if self.data.startswith(MARK, PREAMBLE) else 0
        self.odd = not begins(self.data[at : at + _BEGINNING])
        more = in_pixels = False
        read, syntax, order, explicit = 0, b"", "<", True
        meta = self.data[at : at + 2] == _META
        if not meta:
            order, explicit = _encoding(self.data, at)
        while at + 8 <= len(self.data):
            if meta and self.data[at : at + 2] != _META:
                meta = False
                if syntax.strip(b"\0 ") == _DEFLATED:
                    self.data, more = _inflated(self.data[at:])
                    at = 0
                order, explicit = _encoding(self.data, at)
                continue
            tag, vr, at, length = _head(self.data, at, order, explicit)
            group = tag >> 16
            read += 1
            if read > _MOST:
                self.many = True
                return
            if group == PIXELS or (in_pixels and tag == _FRAGMENT):
                in_pixels = in_pixels or length == _UNDEFINED
                self.pixels = True
                at += 0 if length == _UNDEFINED else length
                continue
            in_pixels = False
            if length == _UNDEFINED or group == _ITEMS or _nested(self.data, at, vr, length):
                continue
            if at + length > len(self.data):
                self.cut = True
            value = self.data[at : at + length]
            syntax = value if tag == _SYNTAX else syntax
            yield Element(tag, vr, value)
            at += length
        self.cut = self.cut or bool(self.data[at:].strip(b"\0"))
        self.many = more


def begins(data: bytes) -> bool:
    """Whether this is DICOM without a preamble: its first two elements are plausible."""
    if data[:2] not in (b"\2\0", b"\x08\0", b"\0\x08"):
        return False
    order, explicit = _encoding(data, 0)
    tag, _, at, length = _head(data[:_SANE], 0, order, explicit) if len(data) >= 16 else _NONE
    if tag not in _FIRST or length > _SANE or (not explicit and length % 2):
        return False
    if tag & 0xFFFF == 0 and length != 4:
        return False
    following = data[at + length : at + length + 12]
    if len(following) < 12:
        return False
    after, other, _, size = _head(following, 0, order, explicit)
    near = tag < after < 0x00400000 and after >> 16 in (2, 8, 16)
    return near and bool(other) == explicit and size <= _SANE


def _encoding(data: bytes, at: int) -> tuple[str, bool]:
    """Byte order and whether types are written, by what the next element looks like. Groups are
    small numbers, so the order is the one in which this one is."""
    little = data[at : at + 1] >= data[at + 1 : at + 2]
    return "<" if little else ">", data[at + 4 : at + 6] in _SHORT | _LONG


def _head(data: bytes, at: int, order: str, explicit: bool) -> tuple[int, bytes, int, int]:
    """Tag, type, where the value begins and its length. Types are missing from items, and from
    what a program did not know when it wrote the rest."""
    if explicit:
        group, element, vr, length = _EXPLICIT[order].unpack_from(data, at)
        if group != _ITEMS:
            if vr in _SHORT:
                return group << 16 | element, vr, at + 8, length
            if vr in _LONG and at + 12 <= len(data):
                length = _LENGTH[order].unpack_from(data, at + 8)[0]
                return group << 16 | element, vr, at + 12, length
    group, element, length = _IMPLICIT[order].unpack_from(data, at)
    return group << 16 | element, b"", at + 8, length


def _nested(data: bytes, at: int, vr: bytes, length: int) -> bool:
    """A sequence of known length. Its type may be unknown, but the first item tells."""
    return vr == b"SQ" or (vr in (b"", b"UN") and length >= 8 and data.startswith(_ITEM, at))


def _inflated(data: bytes) -> tuple[bytes, bool]:
    """What is in front of the pixels, and whether there is more."""
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    try:
        return unpacker.decompress(data, _INFLATED), not unpacker.eof
    except zlib.error:
        return b"", True
