"""Binary Excel workbooks (.xlsb), written by hand from MS-XLSB: the least that a reader follows."""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence

from tests.makers.documents import zip_of

Cell = str | float


def record(kind: int, data: bytes = b"") -> bytes:
    """Type and length in groups of seven bits."""
    head = bytes((kind,)) if kind < 128 else bytes((kind & 0x7F | 0x80, kind >> 7))
    size, length = b"", len(data)
    while length > 127:
        size, length = size + bytes((length & 0x7F | 0x80,)), length >> 7
    return head + size + bytes((length,)) + data


def string(text: str) -> bytes:
    return struct.pack("<L", len(text)) + text.encode("utf-16-le")


def _sheet(rows: Sequence[Sequence[Cell]], shared: list[str], more: bytes) -> bytes:
    data = record(129) + record(145)
    for y, row in enumerate(rows):
        data += record(0, struct.pack("<LLHHBL", y, 0, 300, 0, 0, 0))
        for x, cell in enumerate(row):
            where = struct.pack("<LL", x, 0)
            if isinstance(cell, str):
                shared.append(cell)
                data += record(7, where + struct.pack("<L", len(shared) - 1))
            else:
                data += record(5, where + struct.pack("<d", cell))
    return data + record(146) + more + record(130)


def xlsb(
    sheets: Mapping[str, Sequence[Sequence[Cell]]],
    *,
    hidden: str = "",
    after: bytes = b"",
    unused: str = "",
    comment: str = "",
) -> bytes:
    """after: records of the first sheet, after its cells."""
    shared: list[str] = []
    files: dict[str, bytes] = {}
    book, relations = record(131) + record(143), ""
    for number, (name, rows) in enumerate(sheets.items(), 1):
        file = f"worksheets/sheet{number}.bin"
        files[f"xl/{file}"] = _sheet(rows, shared, after if number == 1 else b"")
        head = struct.pack("<LL", 2 if name == hidden else 0, number)
        book += record(156, head + string(f"rId{number}") + string(name))
        relations += f'<Relationship Id="rId{number}" Target="{file}"/>'
    shared += [unused] if unused else []
    table = record(159, struct.pack("<LL", len(shared), len(shared)))
    table += b"".join(record(19, b"\0" + string(text)) for text in shared) + record(160)
    if comment:
        files["xl/comments1.bin"] = record(628) + record(637, b"\0" + string(comment)) + record(629)
    return zip_of(
        {
            "[Content_Types].xml": b"<Types/>",
            "xl/workbook.bin": book + record(144) + record(132),
            "xl/_rels/workbook.bin.rels": f"<Relationships>{relations}</Relationships>".encode(),
            "xl/sharedStrings.bin": table,
            **files,
        }
    )
