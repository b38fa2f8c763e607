"""winmail.dat, what Outlook wraps a message in for other Outlooks: MS-OXTNEF.

Attributes one after the other; those of newer Outlooks hold properties as .msg files do. Bodies,
recipients, attachments with all their names, and messages within.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.extract import mapi, runs
from gateway.extract.characters import codec
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.mapi import Property
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_INTERFACE = 16  # bytes before an object: what it is an interface of, a message or a storage
# Bytes that a value takes, by its type.
_FIXED = {2: 4, 3: 4, 4: 4, 10: 4, 11: 4, 5: 8, 6: 8, 7: 8, 20: 8, 64: 8, 72: 16}
_MOST = 10_000  # properties, values, attachments


@dataclass(slots=True)
class _Attachment:
    properties: list[Property] = field(default_factory=list)


@dataclass(slots=True)
class _Message:
    """said: words of old attributes. whole: whether all could be followed."""

    properties: list[Property] = field(default_factory=list)
    recipients: list[Property] = field(default_factory=list)
    attachments: list[_Attachment] = field(default_factory=list)
    said: list[bytes] = field(default_factory=list)
    oem: str = "cp1252"
    whole: bool = True


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    found = _read(part.data)
    if not found.whole:
        yield Problem(Trouble.DAMAGED, Place(part.path), "a winmail.dat that is damaged")
    known = mapi.charset(found.properties)
    names = known if known != "cp1252" else found.oem
    yield from mapi.message(part, found.properties, names, limits)
    for number, attachment in enumerate(found.attachments, 1):
        yield from mapi.attachment(part, attachment.properties, names, number)
    others = [*mapi.words(found.recipients, names)]
    for data in found.said:
        others += runs.both(data)
    if said := dict.fromkeys(others):
        yield Text(Place(part.path, "recipients"), "\n".join(said), Medium.HEADER)


def _read(data: bytes) -> _Message:
    found, at = _Message(), 6
    while at + 9 <= len(data):
        identifier, _, size = struct.unpack_from("<2HL", data, at + 1)
        value = data[at + 9 : at + 9 + size]
        if data[at] not in (1, 2) or len(value) < size:
            found.whole = False
            if data[at] not in (1, 2):
                break
        _attribute(found, identifier, value)
        at += 9 + size + 2
    found.whole &= data[at : at + 1] not in (b"\1", b"\2") and at <= len(data)
    found.whole &= bool(found.properties or found.recipients or found.attachments or found.said)
    return found


def _attribute(found: _Message, identifier: int, value: bytes) -> None:
    """Old attributes become the properties that they stand for."""
    match identifier:
        case 0x9007:  # attOemCodepage
            page = int.from_bytes(value[:4], "little")
            found.oem = codec(f"cp{page}") or "cp1252"
        case 0x8004:  # attSubject
            found.properties.append(Property(mapi.SUBJECT, mapi.NARROW, value))
        case 0x800C:  # attBody
            found.properties.append(Property(mapi.BODY, mapi.NARROW, value))
        case 0x9003:  # attMsgProps
            found.whole &= _properties(value, 0, found.properties)[1]
        case 0x9004:  # attRecipTable
            found.whole &= _rows(value, found.recipients)
        case 0x9002:  # attAttachRendData, which begins an attachment
            if len(found.attachments) < _MOST:
                found.attachments.append(_Attachment())
            else:
                found.whole = False
        case 0x8010:  # attAttachTitle
            _last(found).properties.append(Property(0x3704, mapi.NARROW, value))
        case 0x800F:  # attAttachData
            _last(found).properties.append(Property(mapi.DATA, mapi.BINARY, value))
        case 0x9005:  # attAttachment
            _of_attachment(found, value)
        case 0x9001 | 0x8011 | 0x9006:  # a picture of the icon, versions
            pass
        case _:
            found.said.append(value)


def _last(found: _Message) -> _Attachment:
    if not found.attachments:
        found.attachments.append(_Attachment())
    return found.attachments[-1]


def _of_attachment(found: _Message, value: bytes) -> None:
    """Properties repeat the content: it is kept once, without the identifier before an object."""
    own: list[Property] = []
    found.whole &= _properties(value, 0, own)[1]
    last = _last(found).properties
    given = any(one.number == mapi.DATA and one.value for one in last)
    for one in own:
        if one.number != mapi.DATA:
            last.append(one)
        elif one.type == mapi.OBJECT:
            last[:] = [old for old in last if old.number != mapi.DATA]
            last.append(Property(mapi.DATA, mapi.BINARY, one.value[_INTERFACE:]))
        elif not given:
            last.append(one)


def _rows(data: bytes, found: list[Property]) -> bool:
    count, at = int.from_bytes(data[:4], "little"), 4
    for _ in range(min(count, _MOST)):
        at, whole = _properties(data, at, found)
        if not whole:
            return False
    return count <= _MOST


def _properties(data: bytes, at: int, found: list[Property]) -> tuple[int, bool]:
    """Where they end, and whether all could be followed."""
    count = int.from_bytes(data[at : at + 4], "little")
    at += 4
    for _ in range(min(count, _MOST)):
        if at + 4 > len(data):
            return at, False
        kind, number = struct.unpack_from("<2H", data, at)
        at = _after_name(data, at + 4) if number >= 0x8000 else at + 4
        one, several = kind & ~mapi.SEVERAL, bool(kind & mapi.SEVERAL)
        size = _FIXED.get(one)
        values = 1
        if several or size is None:
            values, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        for _ in range(min(values, _MOST)):
            length = size
            if length is None:
                length, at = int.from_bytes(data[at : at + 4], "little"), at + 4
            value = data[at : at + length]
            found.append(Property(number, one, value))
            if len(value) < length or values > _MOST or at > len(data):
                return at, False
            at += length + -length % 4
    return at, count <= _MOST


def _after_name(data: bytes, at: int) -> int:
    """Named properties: a family of 16 bytes, then a number or a name."""
    kind, length = struct.unpack_from("<2L", data.ljust(at + 24, b"\0"), at + 16)
    return at + 24 + (length + -length % 4 if kind else 0)


EXTRACTOR = Extractor(("tnef",), extract)
