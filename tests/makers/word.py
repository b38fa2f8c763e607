"""Word 97 documents (.doc), written by hand from MS-DOC: the least that a reader follows."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from gateway.extract.compound import Path
from gateway.extract.compound_copy import written
from tests.makers.property_sets import property_set

STORIES = ("body", "footnote", "header", "macro", "comment", "endnote", "textbox", "header_textbox")
_TEXT = 0x800  # where text begins in the file


def doc(
    body: str = "x",
    *,
    wide: bool = False,
    left_behind: str = "",
    table: bytes = b"",
    encrypted: bool = False,
    title: str = "",
    comments: str = "",
    others: Mapping[Path, bytes] | None = None,
    **stories: str,
) -> bytes:
    """stories: by the names of STORIES. wide: two bytes a character. table: more in its stream."""
    texts = [({"body": body} | stories).get(name, "") for name in STORIES]
    texts = [text and text + "\r" for text in texts]
    pieces = [text for text in texts if text]
    data, places = bytearray(), list[int]()
    for text in pieces:
        places.append(_TEXT + len(data) if wide else (_TEXT + len(data)) * 2 | 0x40000000)
        data += text.encode("utf-16-le" if wide else "cp1252", "replace")
    data += left_behind.encode("cp1252")
    bounds = [0]
    for text in pieces:
        bounds.append(bounds[-1] + len(text))
    plc = struct.pack(f"<{len(bounds)}L", *bounds)
    plc += b"".join(struct.pack("<HLH", 0, place, 0) for place in places)
    clx = b"\1\2\0\0\0" + b"\2" + struct.pack("<L", len(plc)) + plc
    head = bytearray(_TEXT)
    flags = 0x0200 | (0x0100 if encrypted else 0) | (0x0004 if left_behind else 0)
    struct.pack_into("<2H", head, 0, 0xA5EC, 0xC1)
    struct.pack_into("<H", head, 10, flags)
    struct.pack_into("<2L", head, 0x18, _TEXT, _TEXT + len(data))
    struct.pack_into("<8L", head, 0x4C, *map(len, texts))
    struct.pack_into("<2L", head, 0x1A2, len(table), len(clx))
    streams: dict[Path, bytes] = {
        ("WordDocument",): bytes(head + data),
        ("1Table",): table + clx,
        ("\x05SummaryInformation",): property_set({2: title, 6: comments}),
    }
    return written(streams | dict(others or {}))


def word_95(body: str) -> bytes:
    """One run of text, one byte a character, and no table of pieces."""
    data = body.encode("cp1252")
    head = bytearray(0x400)
    struct.pack_into("<2H", head, 0, 0xA5DC, 104)
    struct.pack_into("<2L", head, 0x18, len(head), len(head) + len(data))
    struct.pack_into("<L", head, 0x34, len(data))
    return written({("WordDocument",): bytes(head) + data})


def packaged(name: str, data: bytes) -> bytes:
    """An Ole10Native stream: a file dragged into a document."""
    label = name.encode("cp1252") + b"\0"
    body = b"\2\0" + label + b"C:\\" + label + b"\0\0\3\0" + struct.pack("<L", len(label)) + label
    body += struct.pack("<L", len(data)) + data
    return struct.pack("<L", len(body)) + body
