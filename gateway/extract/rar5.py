"""Headers of RAR 5 archives (RAR 5.0 archive format, technical note): what libarchive does not say.

It reads a locked member as if it were not, up to version 3.7; and volumes without a word.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

SIGNATURE = b"Rar!\x1a\x07\x01\0"
_MAIN, FILE, SERVICE, LOCK, _END = 1, 2, 3, 4, 5  # types of header
_COMMENT = b"\x03CMT"  # name of a service, after its length
EXTRA, DATA = 1, 2  # flags of any header: these areas follow it
_VOLUME = 1  # flag of the archive
LOCKED = 1  # type of a record in the extra area of a file


@dataclass(frozen=True, slots=True)
class Told:
    """volume: one part of several. closed: the headers are encrypted, or a member. locked: for
    each member, whether it is. comments: on the archive, never packed."""

    volume: bool
    closed: bool
    locked: tuple[bool, ...]
    comments: tuple[bytes, ...]


def read(data: bytes) -> Told:
    """As far as the headers go. Never raises."""
    volume = closed = False
    locked: list[bool] = []
    comments: list[bytes] = []
    at = len(SIGNATURE)
    while header := header_at(data, at):
        if header.type == _MAIN:
            volume = bool(number(data, header.body)[0] & _VOLUME)
        elif header.type == FILE:
            locked.append(any(kind == LOCKED for kind, _, _ in records(data, header)))
        elif header.type == SERVICE and _COMMENT in data[header.body : header.extra]:
            comments.append(data[header.end : header.next])
        elif header.type in (LOCK, _END):
            closed = header.type == LOCK
            break
        at = header.next
    return Told(volume, closed or any(locked), tuple(locked), tuple(comments))


@dataclass(frozen=True, slots=True)
class Header:
    """flags: of any header. body: where the fields of its type start. extra, end: of the area of
    records. next: behind the data that belong to it."""

    type: int
    flags: int
    body: int
    extra: int
    end: int
    next: int


def header_at(data: bytes, at: int) -> Header | None:
    """A check sum of four bytes, the size of what follows it, then the fields."""
    size, start = number(data, at + 4)
    if size == 0 or start + size > len(data):
        return None
    kind, here = number(data, start)
    flags, here = number(data, here)
    extra, here = number(data, here) if flags & EXTRA else (0, here)
    packed, here = number(data, here) if flags & DATA else (0, here)
    end = start + size
    return Header(kind, flags, here, max(start, end - extra), end, end + packed)


def records(data: bytes, header: Header) -> Iterator[tuple[int, int, int]]:
    """Of the extra area: type, where each begins (with its size) and ends."""
    at = header.extra
    while at < header.end:
        size, start = number(data, at)
        end = start + max(1, size)
        yield number(data, start)[0], at, end
        at = end


def number(data: bytes, at: int) -> tuple[int, int]:
    """Seven bits a byte, the lowest first; and where the next begins."""
    found = 0
    for shift in range(0, 70, 7):
        if at >= len(data):
            break
        byte = data[at]
        at += 1
        found |= (byte & 0x7F) << shift
        if not byte & 0x80:
            break
    return found, at
