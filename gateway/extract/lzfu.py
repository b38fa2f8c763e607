"""Compressed RTF, the formatted body that Outlook keeps: MS-OXRTFCP."""

from __future__ import annotations

import struct

_PACKED, _PLAIN = b"LZFu", b"MELA"
_WINDOW = 4096  # bytes
_FIRST = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern "
    b"\\fscript \\fdecor MS Sans SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0"
    b"\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u\\tab\\tx"
)  # what the window holds before the first byte (2.2.1)


def unpacked(data: bytes, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes, and whether that is all of it."""
    if len(data) < 16:
        return b"", not data.strip(b"\0")
    packed, size = struct.unpack_from("<2L", data)
    magic, body = data[8:12], data[16 : packed + 4]
    if magic == _PLAIN:
        return body[: min(size, most)], len(body) >= size and size <= most
    if magic != _PACKED:
        return b"", False
    window = bytearray(_FIRST.ljust(_WINDOW, b"\0"))
    write, at, found = len(_FIRST), 0, bytearray()
    while at < len(body) and len(found) <= most:
        flags = body[at]
        at += 1
        for bit in range(8):
            if flags >> bit & 1:
                if at + 2 > len(body):
                    return bytes(found), len(found) >= size
                token = int.from_bytes(body[at : at + 2], "big")
                at += 2
                read, length = token >> 4, (token & 15) + 2
                if read == write:  # the end
                    return bytes(found), len(found) >= size
                piece = bytearray()
                for _ in range(length):
                    byte = window[read]
                    piece.append(byte)
                    window[write] = byte
                    read, write = (read + 1) % _WINDOW, (write + 1) % _WINDOW
                found += piece
            elif at < len(body):
                found.append(body[at])
                window[write] = body[at]
                at, write = at + 1, (write + 1) % _WINDOW
    return bytes(found[:most]), size <= len(found) <= most
