"""Macros of Office files as text: MS-OVBA 2.4.1. A macro may hold data, and names its author.

A module's source stands compressed behind compiled code; it is found by how every source begins.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract.compound import Compound
from gateway.model import Medium, Part, Place, Problem, Text, Trouble

_BEGINS = b"\0Attribut"  # "Attribute VB_Name", of which a flag byte precedes the first 8 letters
_CHUNK = 4096  # bytes, unpacked
_FOLDER = "VBA"
_MOST = 16 * 1024 * 1024  # bytes of source in one module: no one writes more


def texts(file: Compound, part: Part) -> Iterator[Text | Problem]:
    for path, data in file.streams.items():
        start = data.find(_BEGINS) - 3
        if _FOLDER not in path[:-1] or start < 0:
            continue
        place = Place(part.path, f"macro {path[-1]}")
        source, whole = unpacked(data[start:])
        yield Text(place, source.decode("cp1252", "replace"), Medium.DOCUMENT)
        if not whole:
            yield Problem(Trouble.DAMAGED, place, "a macro is damaged")


def unpacked(data: bytes) -> tuple[bytes, bool]:
    """And whether it was read to its end. At most 4096 bytes come of each chunk's three or more."""
    found, at = bytearray(), 1
    if data[:1] != b"\1":
        return b"", False
    while at + 2 <= len(data) and len(found) < _MOST:
        head = int.from_bytes(data[at : at + 2], "little")
        end = at + (head & 0xFFF) + 3
        if head >> 12 & 7 != 3:
            return bytes(found), False
        if head & 0x8000:
            _chunk(data[at + 2 : end], found)
        else:
            found += data[at + 2 : end]
        at = end
    return bytes(found), at <= len(data) and len(found) < _MOST


def _chunk(data: bytes, found: bytearray) -> None:
    start, at = len(found), 0
    while at < len(data):
        flags = data[at]
        at += 1
        for bit in range(8):
            if at >= len(data) or len(found) - start >= _CHUNK:
                break
            if not flags >> bit & 1:
                found.append(data[at])
                at += 1
                continue
            token = int.from_bytes(data[at : at + 2], "little")
            at += 2
            bits = max((len(found) - start - 1).bit_length(), 4)  # of how far back to look
            length = (token & (0xFFFF >> bits)) + 3
            back = (token >> (16 - bits)) + 1
            if back > len(found) - start:
                return
            piece = bytes(found[-back:])  # the copy may go on into itself
            found += (piece * (length // back + 1))[:length]
