"""Word 6 to 2003 (.doc): MS-DOC. All stories of the piece table, and what saving left behind.

The body, notes, headers, comments and text boxes follow one another in one sequence of characters,
which the piece table cuts into pieces of the file. Deletions under revision are in it. A file saved
in haste also keeps text that no piece refers to: it is given as such.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from itertools import pairwise

from gateway.extract import runs
from gateway.extract.compound import Compound
from gateway.model import Medium, Part, Place, Problem, Text, Trouble

MAIN = "WordDocument"

_WORD_8, _WORD_6 = 0xA5EC, 0xA5DC
_ENCRYPTED, _TABLE_1, _PIECES = 0x0100, 0x0200, 0x0004  # bits of the flags at 10
_STORIES = (
    "body", "footnotes", "headers", "macros", "comments", "endnotes", "text boxes",
    "text boxes of headers",
)  # fmt: skip
_MOST_PIECES = 1_000_000

# Marks of Word for cells, fields, objects, breaks and hyphens (MS-DOC 2.4.1).
_MARKS = {
    0x01: "", 0x02: "", 0x03: "", 0x04: "", 0x05: "", 0x07: "\t", 0x08: "", 0x0B: "\n", 0x0C: "\n",
    0x0D: "\n", 0x0E: "\n", 0x13: " ", 0x14: " ", 0x15: " ", 0x1E: "-", 0x1F: "", 0x00: "",
}  # fmt: skip


def encrypted(file: Compound) -> bool:
    head = file.get(MAIN)[10:12]
    return bool(int.from_bytes(head, "little") & _ENCRYPTED)


def texts(file: Compound, part: Part) -> Iterator[Text | Problem]:
    data = file.get(MAIN)
    place = Place(part.path)
    if len(data) < 0x80 or struct.unpack_from("<H", data)[0] not in (_WORD_8, _WORD_6):
        yield Problem(Trouble.DAMAGED, place, "a Word file without its beginning, or too old")
        return
    new = struct.unpack_from("<H", data)[0] == _WORD_8
    flags = struct.unpack_from("<H", data, 10)[0]
    table = file.get("1Table" if flags & _TABLE_1 else "0Table") if new else data
    pieces = _pieces(data, table, new=new)
    if not pieces:
        start, end = struct.unpack_from("<2L", data, 0x18)
        pieces = [(start, min(end, len(data)), False)] if not new and start < end else []
    if not pieces:
        yield Problem(Trouble.DAMAGED, place, "a Word file without its table of pieces")
    if any(end > len(data) for _, end, _ in pieces):
        yield Problem(Trouble.DAMAGED, place, "a Word file cut short")
    text = "".join(
        data[start:end].decode("utf-16-le" if wide else "cp1252", "replace")
        for start, end, wide in pieces
    )
    yield from _stories(data, text, part, new=new)
    yield from _beside(file, part, table if new else b"")
    if flags & _PIECES or not new:
        yield from _left_behind(data, pieces, part)


def _pieces(data: bytes, table: bytes, *, new: bool) -> list[tuple[int, int, bool]]:
    """Start and end in the file, and whether characters take two bytes."""
    where = 0x1A2 if new else 0x160
    if len(data) < where + 8:
        return []
    at, size = struct.unpack_from("<2L", data, where)
    end = min(at + size, len(table))
    while at < end and table[at] == 1:  # properties of pieces
        at += 3 + int.from_bytes(table[at + 1 : at + 3], "little")
    if at + 5 > end or table[at] != 2:
        return []
    length = min(struct.unpack_from("<L", table, at + 1)[0], end - at - 5)
    count = min((length - 4) // 12, _MOST_PIECES)
    if count < 1:
        return []
    bounds = struct.unpack_from(f"<{count + 1}L", table, at + 5)
    first = at + 5 + 4 * (count + 1)
    found: list[tuple[int, int, bool]] = []
    left = 4 * len(data)  # pieces may share text, but not for ever
    for number, (start, stop) in enumerate(pairwise(bounds)):
        place = struct.unpack_from("<L", table, first + 8 * number + 2)[0]
        wide = new and not place & 0x40000000
        offset = place & 0x3FFFFFFF
        offset = offset if wide or not new else offset // 2
        size = max(0, stop - start) * (2 if wide else 1)
        left -= size
        if left < 0:
            return [*found, (offset, len(data) + 1, wide)]  # told as cut short
        found.append((offset, offset + size, wide))
    return found


def _stories(data: bytes, text: str, part: Part, *, new: bool) -> Iterator[Text]:
    """Lengths of the stories stand at 0x4C (at 0x34 before Word 97), in characters."""
    at = 0
    lengths = struct.unpack_from("<8L", data, 0x4C if new else 0x34)
    for name, length in zip(_STORIES, lengths, strict=True):
        story = _clean(text[at : at + length])
        if story:
            yield Text(Place(part.path, name), story, Medium.DOCUMENT)
        at = min(at + length, len(text))
    if rest := _clean(text[at:]):
        yield Text(Place(part.path, "after the end"), rest, Medium.DOCUMENT)


def _clean(text: str) -> str:
    return text.translate(_MARKS).strip()


def _beside(file: Compound, part: Part, table: bytes) -> Iterator[Text]:
    """Authors of comments and changes, bookmarks, fields of forms, drawings, hidden variables."""
    words = dict.fromkeys((*runs.wide(table), *runs.wide(file.get("Data"))))
    if words:
        yield Text(Place(part.path, "names and drawings"), "\n".join(words), Medium.DOCUMENT)


def _left_behind(data: bytes, pieces: list[tuple[int, int, bool]], part: Part) -> Iterator[Text]:
    at, words = 0x200, list[str]()
    last = struct.unpack_from("<L", data, 0x1C)[0]
    for start, end, _ in [*sorted(pieces), (last, last, False)]:
        words += runs.both(data[at:start])
        at = max(at, end)
    if words:
        text = "\n".join(dict.fromkeys(words))
        yield Text(Place(part.path, "left behind by saving"), text, Medium.DOCUMENT)
