"""Volumes: a file that is one part of an archive cut into several (.z01, .7z.001, .part1.rar).

What a volume says of itself: RAR technical notes (4.x: archive flags; 5.0: main header), 7-Zip's
7zFormat.txt (start header), PKWARE's APPNOTE.TXT 4.4.1.5 and 8.5. The later ones of a 7z say
nothing, so for those the usual names are known as well. Volumes are not put together again.
"""

from __future__ import annotations

import re

from gateway.extract import rar5

WHAT = "a part of a split archive"

_SEVEN = b"7z\xbc\xaf\x27\x1c"
_SEVEN_HEADER = 32  # bytes
_RAR4 = b"Rar!\x1a\x07\0"
_ZIP = (b"PK\x07\x08PK\x03\x04",)
_VOLUME = 1  # flag of a RAR archive, version 4
_NAMED = re.compile(r"\.(?:z\d\d|r\d\d|\d{3}|part\d{1,3}\.rar|7z\.\d{3}|zip\.\d{3})$", re.I)


def named(names: tuple[str, ...]) -> bool:
    """Whether it is called like one: for what has no signature, and is unread anyway."""
    return any(_NAMED.search(name[-20:].strip()) for name in names)


def end(data: bytes) -> int:
    """Where it says that it ends: what follows belongs to something else. Only a 7z says so."""
    if data.startswith(_SEVEN) and len(data) >= _SEVEN_HEADER:
        return max(_SEVEN_HEADER, _end_of_seven(data))
    return len(data)


def _end_of_seven(data: bytes) -> int:
    offset = int.from_bytes(data[12:20], "little")
    size = int.from_bytes(data[20:28], "little")
    return _SEVEN_HEADER + offset + size


def volume(data: bytes) -> bool:
    """Whether it says so itself."""
    if data.startswith(_SEVEN) and len(data) >= _SEVEN_HEADER:
        return _end_of_seven(data) > len(data)
    if data.startswith(_RAR4):
        return len(data) > 11 and data[9] == 0x73 and bool(data[10] & _VOLUME)
    if data.startswith(rar5.SIGNATURE):
        return rar5.read(data).volume
    return data.startswith(_ZIP)
