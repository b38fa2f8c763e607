"""Property sets of Office 97 files, written by hand from MS-OLEPS."""

from __future__ import annotations

import struct
from collections.abc import Mapping


def property_set(values: Mapping[int, str]) -> bytes:
    """Strings by their number (2 is the title, 4 the author), in Windows-1252."""
    bodies = {1: struct.pack("<2HL", 2, 0, 1252)} | {
        number: struct.pack("<2L", 30, len(text) + 1) + text.encode("cp1252") + b"\0"
        for number, text in values.items()
        if text
    }
    at, index, data = 8 + 8 * len(bodies), b"", b""
    for number, body in bodies.items():
        index += struct.pack("<2L", number, at + len(data))
        data += body + bytes(-len(body) % 4)
    own = struct.pack("<2L", at + len(data), len(bodies)) + index + data
    return struct.pack("<2HL16sL16sL", 0xFFFE, 0, 0x20105, b"", 1, b"\xe0" * 16, 48) + own
