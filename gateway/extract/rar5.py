"""Headers of RAR 5 archives (RAR 5.0 archive format, technical note): what libarchive does not say.

It reads a locked member as if it were not, up to version 3.7; and volumes without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"Rar!\x1a\x07\x01\0"
_MAIN, _FILE, _SERVICE, _LOCK, _END = 1, 2, 3, 4, 5  # types of header
_COMMENT = b"\x03CMT"  # name of a service, after its length
_EXTRA, _DATA = 1, 2  # flags of any header: these areas follow it
_VOLUME = 1  # flag of the archive
_LOCKED = 1  # type of a record in the extra area of a file


@dataclass(frozen=True, slots=True)
class Told:
    """volume: one part of several. locked: for each member, whether it is encrypted. comments: on
    the archive, never packed."""

    volume: bool
    locked: tuple[bool, ...]
    comments: tuple[bytes, ...]


def read(data: bytes) -> Told:
    """As far as the headers go. Never raises."""
    volume = False
    locked: list[bool] = []
    comments: list[bytes] = []
    at = len(SIGNATURE)
    while header := _header(data, at):
        if header.type == _MAIN:
            volume = bool(_number(data, header.body)[0] & _VOLUME)
        elif header.type == _FILE:
            locked.append(any(kind == _LOCKED for kind in _records(data, header)))
        elif header.type == _SERVICE and _COMMENT in data[header.body : header.extra]:
            comments.append(data[header.end : header.next])
        elif header.type in (_LOCK, _END):
            break
        at = header.next
    return Told(volume, tuple(locked), tuple(comments))


@dataclass(frozen=True, slots=True)
class _Header:
    """body: where the fields of its type start. extra, end: of the area of records."""

    type: int
    body: int
    extra: int
    end: int
    next: int


def _header(data: bytes, at: int) -> _Header | None:
    """A check sum of four bytes, the size of what follows it, then the fields."""
    size, start = _number(data, at + 4)
    if size == 0 or start + size > len(data):
        return None
    kind, here = _number(data, start)
    flags, here = _number(data, here)
    extra, here = _number(data, here) if flags & _EXTRA else (0, here)
    packed, here = _number(data, here) if flags & _DATA else (0, here)
    end = start + size
    return _Header(kind, here, max(start, end - extra), end, end + packed)


def _records(data: bytes, header: _Header) -> Iterator[int]:
    at = header.extra
    while at < header.end:
        size, start = _number(data, at)
        yield _number(data, start)[0]
        at = start + max(1, size)


def _number(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; and where the next begins."""
    number = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return number, at
