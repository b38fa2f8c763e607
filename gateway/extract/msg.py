"""Outlook messages (.msg): MS-OXMSG. A stream for each property, a storage for each attachment.

Our own walk, since the library tried lost names and contents of attachments. Messages within are
parts of their own, as are OLE objects.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Mapping

from gateway.extract import compound_copy, mapi
from gateway.extract.compound import Compound, Path
from gateway.extract.mapi import Property
from gateway.model import Limits, Medium, Part, Place, Problem, Text

MAIN = "__properties_version1.0"

_ATTACHMENT, _RECIPIENT = "__attach_version1.0_", "__recip_version1.0_"
_INSIDE = "__substg1.0_3701000D"
_stream = re.compile(r"__substg1\.0_([0-9A-Fa-f]{4})([0-9A-Fa-f]{4})(-[0-9A-Fa-f]{1,8})?")
_ENTRY = 16  # bytes of a property that fits into 8


def extract(file: Compound, part: Part, limits: Limits) -> Iterator[Text | Part | Problem]:
    folders = file.folders()
    own = _properties(folders[()], 32)
    names = mapi.charset(own)
    yield from mapi.message(part, own, names, limits)
    people: dict[str, None] = {}
    attachments = 0
    for storage in file.storages:
        if len(storage) != 1:
            continue
        if storage[0].startswith(_RECIPIENT):
            people |= dict.fromkeys(mapi.words(_properties(folders[storage], 8), names))
        elif storage[0].startswith(_ATTACHMENT):
            attachments += 1
            known = _properties(folders[storage], 8)
            inside = file.under((*storage, _INSIDE))
            yield from _attachment(known, inside, part, names, attachments)
    if people:
        yield Text(Place(part.path, "recipients"), "\n".join(people), Medium.HEADER)


def _attachment(
    own: list[Property], within: Mapping[Path, bytes], part: Part, names: str, number: int
) -> Iterator[Text | Part | Problem]:
    inside = dict(within)
    if not inside:
        yield from mapi.attachment(part, own, names, number)
        return
    path = f"{part.path}!({number})"
    if MAIN in (name for (name, *_) in inside):
        inside[(MAIN,)] = _as_file(inside.get((MAIN,), b""))
    yield Part(path, compound_copy.written(inside), names=mapi.names_of(own, names))


def _as_file(properties: bytes) -> bytes:
    """A message within has eight bytes less before its properties than one that is a file."""
    return properties[:24] + bytes(8) + properties[24:]


def _properties(folder: Mapping[str, bytes], header: int) -> list[Property]:
    found = []
    for name, data in folder.items():
        if match := _stream.fullmatch(name):
            number, kind = int(match[1], 16), int(match[2], 16)
            if not kind & mapi.SEVERAL or match[3]:  # a list, and then each value
                found.append(Property(number, kind & ~mapi.SEVERAL, data))
    fixed = folder.get(MAIN, b"")
    for at in range(header, len(fixed) - _ENTRY + 1, _ENTRY):
        kind, number = struct.unpack_from("<2H", fixed, at)
        if kind in (2, 3, 11):
            found.append(Property(number, kind, fixed[at + 8 : at + 16]))
    return found
