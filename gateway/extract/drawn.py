"""Pictures in the drawings of Office 97 files (MS-ODRAW 2.2.23), wherever they stand.

Found by the head of their records rather than by following the drawing, whose way differs between
Word, Excel and PowerPoint.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator

from gateway.extract.pour import pour
from gateway.model import Limits

# Version and instance, then the types of pictures, F01A to F01F, F029, F02A.
_HEAD = re.compile(rb"[\x00-\xff][\x10-\x7f][\x1a-\x1f\x29\x2a]\xf0", re.DOTALL)
_METAFILES = frozenset((0xF01A, 0xF01B, 0xF01C))
_TWO_NAMES = frozenset((0x3D5, 0x217, 0x543, 0x46B, 0x6E3, 0x6E1, 0x7A9, 0x6E5))  # two MD4 of it
_SHORTEST = 32  # bytes
_MOST = 2_000


def pictures(data: bytes, limits: Limits) -> Iterator[bytes]:
    """Each once, as a file of its own."""
    at = 0
    for _ in range(_MOST):
        found = _HEAD.search(data, at)
        if found is None:
            return
        at = found.start()
        options, kind, size = struct.unpack_from("<2HL", data.ljust(at + 8, b"\0"), at)
        if options & 0xF or size < _SHORTEST or at + 8 + size > len(data):
            at += 1
            continue
        body = at + 8 + 16 * (2 if options >> 4 in _TWO_NAMES else 1)
        picture = _picture(data[body : at + 8 + size], kind, limits)
        if picture:
            yield picture
        at = at + 8 + size if picture else at + 1


def _picture(data: bytes, kind: int, limits: Limits) -> bytes:
    if kind in _METAFILES:
        packed = data[34:]
        if data[32:33] == b"\xfe":
            return packed
        if not packed.startswith(b"\x78"):
            return b""
        most = min(limits.member, limits.bytes, max(1 << 20, len(packed) * limits.ratio))
        return pour(zlib.decompressobj(), packed, most)[0]
    if kind == 0xF01F:
        header = int.from_bytes(data[1:5], "little")
        whole = struct.pack("<2sLHHL", b"BM", len(data) + 13, 0, 0, 14 + header)
        return whole + data[1:] if header in (12, 40, 108, 124) else b""
    start = data[1:5]
    return data[1:] if start.startswith((b"\x89PNG", b"\xff\xd8\xff", b"II*\0", b"MM\0*")) else b""
