"""PowerPoint 97 to 2003 (.ppt): MS-PPT. Every text atom of the tree of records, in file order.

A file that was saved without being rewritten keeps its earlier slides: they are read as well.
Slides, notes, masters and comments each are a text of their own.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from gateway.extract import runs
from gateway.extract.compound import Compound
from gateway.extract.pour import pour
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

MAIN = "PowerPoint Document"

_header = struct.Struct("<2HL")
_CHARACTERS, _BYTES, _STRING = 0x0FA0, 0x0FA8, 0x0FBA
_OBJECT = 0x1011
_TAGS = 0x138B  # holds records though it does not say so
_PROPERTIES = frozenset((0xF00B, 0xF121, 0xF122))  # of a shape: alternative texts
_SESSION = 0x2F14  # encrypted
_PLACES = {1000: "document", 1006: "slide", 1008: "notes", 1016: "master", 1010: "environment"}
_NO_WORDS = frozenset(("environment",))  # fonts and printers
_DEEPEST = 60
_MARKS = {0x0B: "\n", 0x0D: "\n", 0x00: "", 0x2A: "*"}


def encrypted(file: Compound) -> bool:
    return file.get("Current User")[12:16] == b"\xdf\xc4\xd1\xf3" or any(
        record.type == _SESSION for record in _records(file.get(MAIN))
    )


@dataclass(frozen=True, slots=True)
class _Record:
    """within: the type of the outermost record, and its number. start, end: of its data."""

    type: int
    instance: int
    within: tuple[int, int]
    start: int
    end: int


def _records(data: bytes) -> Iterator[_Record]:
    """Those that hold no other, in the order of the file. Ends at once where one is cut."""
    ends: list[int] = [len(data)]
    at, within, number = 0, (0, 0), 0
    while at + 8 <= len(data):
        while at >= ends[-1] and len(ends) > 1:
            ends.pop()
        options, kind, size = _header.unpack_from(data, at)
        start, end = at + 8, min(at + 8 + size, ends[-1])
        if len(ends) == 1:
            number += 1
            within = (kind, number)
        if (options & 0xF == 0xF or kind == _TAGS) and len(ends) < _DEEPEST:
            ends.append(end)
            at = start
        else:
            yield _Record(kind, options >> 4, within, start, end)
            at = end if end > at else at + 8


def cut(data: bytes) -> bool:
    """Whether one of the outermost records is not all there. What follows them may be rubbish."""
    at = 0
    while at + 8 <= len(data):
        _, kind, size = _header.unpack_from(data, at)
        at += 8 + size
        if at > len(data):
            return kind in _PLACES
    return False


def texts(file: Compound, part: Part, limits: Limits) -> Iterator[Text | Part | Problem]:
    data = file.get(MAIN)
    if cut(data):
        yield Problem(Trouble.DAMAGED, Place(part.path), "a presentation cut short")
    spots: dict[tuple[int, int], list[str]] = {}
    objects = 0
    for record in _records(data):
        if record.type == _OBJECT:
            objects += 1
            yield from _object(data, record, f"{part.path}!object{objects}", limits)
        elif words := [text for text in _words(data, record) if text]:
            spots.setdefault(record.within, []).extend(words)
    counts: dict[str, int] = {}
    for (kind, _), words in spots.items():
        name = _PLACES.get(kind, "elsewhere")
        if name not in _NO_WORDS:
            counts[name] = counts.get(name, 0) + 1
            place = Place(part.path, f"{name} {counts[name]}")
            yield Text(place, "\n".join(words), Medium.DOCUMENT)


def _words(data: bytes, record: _Record) -> Iterator[str]:
    content = data[record.start : record.end]
    if record.type in (_CHARACTERS, _STRING):
        yield content.decode("utf-16-le", "replace").translate(_MARKS).strip()
    elif record.type == _BYTES:
        yield content.decode("latin-1").translate(_MARKS).strip()
    elif record.type in _PROPERTIES:
        yield from runs.wide(content)


def _object(data: bytes, record: _Record, path: str, limits: Limits) -> Iterator[Part | Problem]:
    content = data[record.start : record.end]
    if record.instance == 1:
        packed = content[4:]
        most = min(limits.member, limits.bytes, max(1 << 20, len(packed) * limits.ratio))
        content, trouble = pour(zlib.decompressobj(), packed, most)
        if trouble:
            yield Problem(trouble, Place(path), "an embedded object was not unpacked whole")
    if content:
        yield Part(path, content)
