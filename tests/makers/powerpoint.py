"""PowerPoint 97 presentations (.ppt), written by hand from MS-PPT: records within records."""

from __future__ import annotations

import struct
import zlib

from gateway.extract.compound_copy import written

DOCUMENT, SLIDE, NOTES = 1000, 1006, 1008


def atom(kind: int, data: bytes, instance: int = 0) -> bytes:
    return struct.pack("<2HL", instance << 4, kind, len(data)) + data


def group(kind: int, *records: bytes) -> bytes:
    data = b"".join(records)
    return struct.pack("<2HL", 0xF, kind, len(data)) + data


def wide(text: str) -> bytes:
    return atom(0x0FA0, text.encode("utf-16-le"))


def narrow(text: str) -> bytes:
    return atom(0x0FA8, text.encode("latin-1"))


def word(text: str) -> bytes:
    return atom(0x0FBA, text.encode("utf-16-le"))


def packed_object(data: bytes) -> bytes:
    return atom(0x1011, struct.pack("<L", len(data)) + zlib.compress(data), 1)


def ppt(*records: bytes, encrypted: bool = False) -> bytes:
    token = 0xF3D1C4DF if encrypted else 0xE391C05F
    user = struct.pack("<2HLLL", 0, 0x0FF6, 20, 20, token) + bytes(64)
    data = group(DOCUMENT, *records)
    return written({("PowerPoint Document",): data, ("Current User",): user})
