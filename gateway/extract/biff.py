"""The records of Excel 5 to 2003: MS-XLS 2.1.4. A type, a length, data; long ones are continued."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

CONTINUE = 0x003C
FILEPASS = 0x002F
_header = struct.Struct("<2H")


@dataclass(frozen=True, slots=True)
class Record:
    """at: where it stands in the stream. pieces: its data, then those of what continues it."""

    at: int
    type: int
    pieces: tuple[bytes, ...]

    @property
    def data(self) -> bytes:
        return self.pieces[0]

    @property
    def whole(self) -> bytes:
        return b"".join(self.pieces)


def records(stream: bytes) -> Iterator[Record]:
    at, end = 0, len(stream)
    while at + 4 <= end:
        start = at
        kind, size = _header.unpack_from(stream, at)
        if not kind and not size:  # padding between or after the sheets
            at += 4
            continue
        pieces = [stream[at + 4 : at + 4 + size]]
        at += 4 + size
        while at + 4 <= end:
            following, size = _header.unpack_from(stream, at)
            if following != CONTINUE:
                break
            pieces.append(stream[at + 4 : at + 4 + size])
            at += 4 + size
        yield Record(start, kind, tuple(pieces))


def cut(stream: bytes) -> bool:
    """Whether the last record is not all there."""
    at = 0
    while at + 4 <= len(stream):
        at += 4 + _header.unpack_from(stream, at)[1]
    return at > len(stream)


class Strings:
    """Strings of Excel 97 in a record that may be continued anywhere, even within one.

    Where characters are cut, what follows begins with a byte that says how wide they are.
    """

    def __init__(self, pieces: tuple[bytes, ...], at: int = 0) -> None:
        self._pieces = pieces
        self._number = 0
        self._at = at

    @property
    def over(self) -> bool:
        self._settle()
        return self._number >= len(self._pieces)

    def _settle(self) -> None:
        while self._number < len(self._pieces) and self._at >= len(self._pieces[self._number]):
            self._number += 1
            self._at = 0

    def _take(self, size: int) -> bytes:
        """Across pieces; short at the end."""
        taken = b""
        while size > 0 and not self.over:
            some = self._pieces[self._number][self._at : self._at + size]
            taken += some
            size -= len(some)
            self._at += len(some)
        return taken

    def byte(self) -> int:
        return int.from_bytes(self._take(1), "little")

    def double(self) -> float:
        (value,) = struct.unpack("<d", self._take(8).ljust(8, b"\0"))
        return float(value)

    def next(self, *, short: bool = False) -> str:
        """short: its length takes one byte."""
        length = int.from_bytes(self._take(1 if short else 2), "little")
        flags = int.from_bytes(self._take(1), "little")
        formatted = int.from_bytes(self._take(2), "little") if flags & 8 else 0
        spoken = int.from_bytes(self._take(4), "little") if flags & 4 else 0
        text = self.characters(length, wide=bool(flags & 1))
        self._skip(4 * formatted)
        if spoken:
            self._skip(spoken)
        return text

    def characters(self, length: int, *, wide: bool) -> str:
        found: list[str] = []
        while length > 0 and not self.over:
            if self._at == 0 and self._number and found:
                wide = bool(self._pieces[self._number][0] & 1)
                self._at = 1
            piece = self._pieces[self._number]
            size = 2 if wide else 1
            some = piece[self._at : self._at + length * size]
            if not some:
                break
            found.append(some.decode("utf-16-le" if wide else "latin-1", "replace"))
            self._at += len(some)
            length -= -(-len(some) // size)
            self._settle_within()
        return "".join(found)

    def _settle_within(self) -> None:
        if self._at >= len(self._pieces[self._number]):
            self._number += 1
            self._at = 0

    def _skip(self, size: int) -> None:
        while size > 0 and not self.over:
            here = min(size, len(self._pieces[self._number]) - self._at)
            self._at += here
            size -= here


def compact(value: int) -> float:
    """RK numbers: 30 bits of an integer or of a float, perhaps divided by a hundred."""
    if value & 2:
        number = float((value & 0xFFFFFFFC) // 4 - (1 << 30 if value & 0x80000000 else 0))
    else:
        (number,) = struct.unpack("<d", struct.pack("<Q", (value & 0xFFFFFFFC) << 32))
    return number / 100 if value & 1 else number
