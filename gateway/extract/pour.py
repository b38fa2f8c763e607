"""Unpacking by a decompressor of the standard library, piece by piece, within a bound."""

from __future__ import annotations

import lzma
import zlib
from typing import Protocol

from gateway.model import Trouble

MEMORY = 160 * 1024 * 1024  # bytes for one LZMA dictionary: `xz -9` asks for 65 MB, 7-Zip for more
_PIECE = 64 * 1024  # bytes unpacked at a time


class Stream(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...

    @property
    def unused_data(self) -> bytes: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def pour(stream: Stream, packed: bytes, most: int) -> tuple[bytes, Trouble | None]:
    """At most `most` bytes, keeping what came before a failure; what follows the end is left."""
    data, trouble, _ = poured(stream, packed, 0, most)
    return data, trouble


def poured(stream: Stream, packed: bytes, at: int, most: int) -> tuple[bytes, Trouble | None, int]:
    """The same from `at` on, and where the stream ended."""
    out: list[bytes] = []
    total = 0
    try:
        while at < len(packed) and not stream.eof:
            piece = packed[at : at + _PIECE]
            out.append(stream.decompress(piece, most - total + 1))
            total += len(out[-1])
            at += len(piece)
            if total > most:
                return b"".join(out)[:most], Trouble.TOO_BIG, at
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return b"".join(out), Trouble.DAMAGED, at
    if not stream.eof:
        return b"".join(out), Trouble.DAMAGED, at
    return b"".join(out), None, at - len(stream.unused_data)
