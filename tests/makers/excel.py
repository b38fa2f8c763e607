"""Excel 97 workbooks (.xls), written by hand from MS-XLS: the least that a reader follows."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from gateway.extract.compound import Path
from gateway.extract.compound_copy import written

BEGIN, END = 0x0809, 0x000A
Cell = str | float | int


def record(kind: int, data: bytes = b"") -> bytes:
    return struct.pack("<2H", kind, len(data)) + data


def string(text: str, *, short: bool = False) -> bytes:
    """One byte a character where that is enough."""
    wide = any(character > "\xff" for character in text)
    head = struct.pack("<BB" if short else "<HB", len(text), wide)
    return head + text.encode("utf-16-le" if wide else "latin-1")


def note(row: int, column: int, author: str) -> bytes:
    return record(0x1C, struct.pack("<4H", row, column, 0, 1) + string(author) + b"\0")


def box(text: str, *, cut: int = 0) -> bytes:
    """The text of a note or a drawing. cut: after how many characters it goes on elsewhere."""
    head = struct.pack("<HH6sHHL", 0x212, 0, b"", len(text), 16, 0)
    pieces = [text[:cut], text[cut:]] if cut else [text]
    parts = (record(0x3C, b"\0" + piece.encode("latin-1")) for piece in pieces)
    return record(0x1B6, head) + b"".join(parts) + record(0x3C, bytes(16))


def sheet(rows: Sequence[Sequence[Cell]], shared: list[str], more: bytes = b"") -> bytes:
    """Strings are shared, whole numbers below 2^29 compact, others floating."""
    data = record(BEGIN, struct.pack("<2H12x", 0x0600, 0x0010))
    for y, row in enumerate(rows):
        for x, cell in enumerate(row):
            where = struct.pack("<3H", y, x, 0)
            if isinstance(cell, str):
                shared.append(cell)
                data += record(0xFD, where + struct.pack("<L", len(shared) - 1))
            elif isinstance(cell, int) and abs(cell) < 1 << 29:
                data += record(0x27E, where + struct.pack("<L", (cell << 2 | 2) & 0xFFFFFFFF))
            else:
                data += record(0x203, where + struct.pack("<d", cell))
    return data + more + record(END)


def workbook(
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    *,
    hidden: str = "",
    beside: bytes = b"",
    whole: bytes = b"",
    unused: str = "",
    cut: int = 0,
) -> bytes:
    """The stream. beside: records of the first sheet; whole: of the workbook. cut: bytes of shared
    strings after which they go on in another record."""
    shared: list[str] = []
    bodies = []
    for number, rows in enumerate(sheets.values()):
        bodies.append(sheet(rows, shared, beside if not number else b""))
    shared += [unused] if unused else []
    strings = struct.pack("<2L", len(shared), len(shared)) + b"".join(map(string, shared))
    style = record(0xE0, struct.pack("<2H16x", 0, 0))
    table = record(0xFC, strings[:cut] if cut else strings)
    table += record(0x3C, b"\0" + strings[cut:]) if cut else b""
    begin = record(BEGIN, struct.pack("<2H12x", 0x0600, 0x0005)) + whole + style
    size = sum(len(record(0x85, bytes(6) + string(name, short=True))) for name in sheets)
    at = len(begin) + size + len(table) + 4
    for name, body in zip(sheets, bodies, strict=True):
        state = 2 if name == hidden else 0
        begin += record(0x85, struct.pack("<LBB", at, state, 0) + string(name, short=True))
        at += len(body)
    return begin + table + record(END) + b"".join(bodies)


def xls(stream: bytes, others: Mapping[Path, bytes] | None = None) -> bytes:
    return written({("Workbook",): stream} | dict(others or {}))
