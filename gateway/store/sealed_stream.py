"""A file sealed while it is written, and opened while it is read: `vault`'s streams, without end.

Whoever reads must read to the end: only there does it show that nothing was cut off.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.store.vault import CHUNK_BYTES, decrypted, derived, nonce


class SealingWriter:
    """Seals what is written into `file`, which stays open."""

    def __init__(self, file: BinaryIO, key: bytes, purpose: bytes) -> None:
        self._file = file
        self._aead = AESGCM(derived(key, purpose))
        self._waiting = bytearray()
        self._number = 0

    def write(self, data: bytes) -> None:
        self._waiting += data
        while len(self._waiting) > CHUNK_BYTES:  # the last one is marked: it waits for more
            self._put(bytes(self._waiting[:CHUNK_BYTES]), last=False)
            del self._waiting[:CHUNK_BYTES]

    def finish(self) -> None:
        """Once, after all was written: without it the stream counts as cut short."""
        self._put(bytes(self._waiting), last=True)

    def _put(self, chunk: bytes, *, last: bool) -> None:
        self._file.write(self._aead.encrypt(nonce(self._number, last), chunk, None))
        self._number += 1


class OpeningReader(io.RawIOBase):
    """Reading raises CannotOpen where the stream is damaged or cut short."""

    def __init__(self, file: BinaryIO, key: bytes, purpose: bytes) -> None:
        self._chunks: Iterator[bytes] = decrypted(key, purpose, file)
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        room = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._rest:
            following = next(self._chunks, None)
            if following is None:
                return 0
            self._rest = memoryview(following)
        taken = min(len(room), len(self._rest))
        room[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken
