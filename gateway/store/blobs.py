"""Large sealed contents as files in one directory, named at random.

A blob is durable before the row that names it is committed: write, fsync the file, fsync the
directory, then the row. So a blob without a row is nobody's, whatever killed us in between;
`gateway.retain` removes it. Blobs hold ciphertext only; the key stands in the row.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

NAME_BYTES = 16  # random, so that no name ever comes twice
_READ_BYTES = 1024 * 1024


class Blobs:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep them under a `new_name()`; durable on return, or not there at all."""
        self._directory.mkdir(mode=0o750, parents=True, exist_ok=True)
        path = self._directory / name
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        try:
            with open(descriptor, "wb", 0):
                for chunk in chunks:
                    _write_all(descriptor, chunk)
                os.fsync(descriptor)
            sync_directory(self._directory)
        except BaseException:
            with contextlib.suppress(OSError):
                path.unlink()
            raise

    def open(self, name: str) -> BinaryIO:
        return open(self._directory / name, "rb")

    def exists(self, name: str) -> bool:
        return (self._directory / name).exists()

    def delete(self, names: Iterable[str]) -> int:
        """Durable on return; how many were there."""
        deleted = 0
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (self._directory / name).unlink()
                deleted += 1
        if deleted:
            sync_directory(self._directory)
        return deleted

    def older_than(self, then: float) -> Iterator[str]:
        """Names of blobs last written before `then` (seconds since the epoch)."""
        try:
            entries = os.scandir(self._directory)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    if entry.is_file(follow_symlinks=False) and entry.stat().st_mtime < then:
                        yield entry.name


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """All that is left of it."""
    while chunk := stream.read(_READ_BYTES):
        yield chunk


def new_name() -> str:
    return os.urandom(NAME_BYTES).hex()


def sync_directory(directory: Path) -> None:
    """A new name is only durable once its directory is."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    """os.write may take less than it was given, on a full disk above all."""
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
