"""Windows metafiles (EMF, WMF), the drawings of Office documents: MS-EMF, MS-WMF.

Words that are drawn as text are read, pictures within become parts. Words drawn as lines are not.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.extract import runs
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_PLACEABLE = b"\xd7\xcd\xc6\x9a"
_EMF_TEXTS = {83: 1, 84: 2}  # record types of text, and bytes of a character
_EMF_SMALL, _EMF_COMMENT, _EMF_END = 108, 70, 14
_EMF_PICTURES = {81: 48, 76: 84, 77: 84}  # where four numbers say where the picture stands
_WMF_TEXT, _WMF_LONG_TEXT, _WMF_END = 0x0521, 0x0A32, 0
_WMF_PICTURES = frozenset((0x0940, 0x0B41, 0x0F43))
_HEADER = struct.pack("<L", 40)  # of a picture: its own length first
_LOGO_BYTES = 5 * 1024  # a smaller picture is a logo or a rule

Line = tuple[int, str]  # how far down, and what


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    data = part.data
    lines: list[Line] = []
    pictures: list[bytes] = []
    read = _emf if data[40:44] == b" EMF" else _wmf
    whole = read(data[22:] if data.startswith(_PLACEABLE) else data, lines, pictures)
    if not whole:
        yield Problem(Trouble.DAMAGED, Place(part.path), "a drawing that is damaged")
    if text := _joined(lines):
        yield Text(Place(part.path), text, Medium.DOCUMENT)
    for number, picture in enumerate(pictures, 1):
        if len(picture) >= _LOGO_BYTES:
            yield Part(f"{part.path}!({number})", picture)


def _joined(lines: list[Line]) -> str:
    """Pieces at one height are one line; where they are single letters, without blanks."""
    found: list[list[str]] = []
    height: int | None = None
    for down, text in lines:
        if down != height:
            found.append([])
        found[-1].append(text)
        height = down
    letters = sum(len(text) for _, text in lines) <= 2 * len(lines)
    return "\n".join(("" if letters else " ").join(pieces) for pieces in found)


def _emf(data: bytes, lines: list[Line], pictures: list[bytes]) -> bool:
    """Whether it was followed to its end."""
    at = 0
    while at + 8 <= len(data):
        kind, size = struct.unpack_from("<2L", data, at)
        record = data[at : at + size]
        if kind == _EMF_END:
            return True
        if size < 8 or len(record) < size:
            return False
        if kind in _EMF_TEXTS and size >= 52:
            down, count, offset = struct.unpack_from("<3L", record, 40)
            text = record[offset : offset + count * _EMF_TEXTS[kind]]
            _say(lines, down, text, wide=kind == 84)
        elif kind == _EMF_SMALL and size >= 36:
            down, count, options = struct.unpack_from("<3L", record, 12)
            start = 36 if options & 0x100 else 52
            wide = not options & 0x200
            text = record[start : start + count * (1 + wide)]
            _say(lines, down, text, wide=wide)
        elif kind == _EMF_COMMENT:
            lines += ((0, text) for text in runs.wide(record))
        elif kind in _EMF_PICTURES and size >= _EMF_PICTURES[kind] + 16:
            header, length, bits, more = struct.unpack_from("<4L", record, _EMF_PICTURES[kind])
            pictures.append(_bitmap(record[header : header + length], record[bits : bits + more]))
        at += size
    return False


def _wmf(data: bytes, lines: list[Line], pictures: list[bytes]) -> bool:
    at = 18  # the header
    while at + 6 <= len(data):
        words, kind = struct.unpack_from("<LH", data, at)
        record = data[at : at + 2 * words]
        if kind == _WMF_END:
            return True
        if words < 3 or len(record) < 2 * words:
            return False
        if kind == _WMF_TEXT and len(record) >= 8:
            count = int.from_bytes(record[6:8], "little")
            after = 8 + count + count % 2
            down = int.from_bytes(record[after : after + 2], "little")
            _say(lines, down, record[8 : 8 + count], wide=False)
        elif kind == _WMF_LONG_TEXT and len(record) >= 14:
            down, _, count, options = struct.unpack_from("<4H", record, 6)
            start = 22 if options & 6 else 14
            _say(lines, down, record[start : start + count], wide=False)
        elif kind in _WMF_PICTURES:
            start = record.find(_HEADER, 6, 40)
            if start > 0:
                bits = start + 40 + _colours(record[start : start + 40])
                pictures.append(_bitmap(record[start:bits], record[bits:]))
        at += 2 * words
    return False


def _say(lines: list[Line], down: int, text: bytes, *, wide: bool) -> None:
    found = text.decode("utf-16-le" if wide else "cp1252", "replace").strip("\0")
    if found.strip():
        lines.append((down, found))


def _colours(header: bytes) -> int:
    """Bytes of the table of colours after the header of a picture."""
    if len(header) < 40:
        return 0
    bits, used = int.from_bytes(header[14:16], "little"), int.from_bytes(header[32:36], "little")
    return 4 * min(used or (1 << bits if bits <= 8 else 0), 256)


def _bitmap(header: bytes, bits: bytes) -> bytes:
    """A file of its own."""
    size = 14 + len(header) + len(bits)
    return struct.pack("<2sLHHL", b"BM", size, 0, 0, 14 + len(header)) + header + bits


EXTRACTOR = Extractor(("metafile",), extract)
