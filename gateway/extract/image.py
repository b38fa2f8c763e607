"""Pictures: none is read yet; only what is too small to hold words is let go.

A scan, a photograph or a screenshot may show anything, so it is told as unread.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Part, Place, Problem, Trouble

_LOGO_BYTES = 5 * 1024  # a smaller file is a logo or a rule
_LOGO_SIDE = 100  # pixels, both sides; a line of text would have some ten letters


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    small = len(part.data) < _LOGO_BYTES or max(size(part.data)) <= _LOGO_SIDE
    if not (small and signed(part.data) == "image"):  # libmagic also takes noise for a picture
        yield Problem(Trouble.NO_TEXT, Place(part.path), "a picture, whose words were not read")


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels as the header says; unknown formats are taken for huge."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        return struct.unpack_from(">2L", data, 16)
    if data.startswith(b"GIF8") and len(data) >= 10:
        return struct.unpack_from("<2H", data, 6)
    if data.startswith(b"BM") and len(data) >= 26:
        width, height = struct.unpack_from("<2l", data, 18)
        return abs(width), abs(height)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return 1 << 16, 1 << 16


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">2H", data, at + 5)
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 1 << 16, 1 << 16


EXTRACTOR = Extractor(("image",), extract)
