"""Contents as files in one directory: the way for one machine, or for a file system of several.

Written as a new file (O_EXCL), fsynced, then its directory. A name that shows half of a content is
one that no row names yet: its writer was killed, and the sweep takes it.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import Connection

from gateway.store.blobs import is_name


class FileBlobs:
    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def prepare(self) -> None:
        self._directory.mkdir(mode=0o750, parents=True, exist_ok=True)

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        self.prepare()
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

    def size(self, name: str) -> int:
        return (self._directory / name).stat().st_size

    def still_has(self, name: str, connection: Connection) -> bool:
        return (self._directory / name).exists()

    def delete(self, names: Iterable[str]) -> int:
        deleted = 0
        for name in names:
            with contextlib.suppress(FileNotFoundError):
                (self._directory / name).unlink()
                deleted += 1
        if deleted:
            sync_directory(self._directory)
        return deleted

    def older_than(self, then: float) -> Iterator[str]:
        try:
            entries = os.scandir(self._directory)
        except FileNotFoundError:
            return
        with entries:
            for entry in entries:
                with contextlib.suppress(FileNotFoundError):
                    ours = is_name(entry.name) and entry.is_file(follow_symlinks=False)
                    if ours and entry.stat().st_mtime < then:
                        yield entry.name

    def free(self) -> int | None:
        """None where nothing was held yet."""
        try:
            return shutil.disk_usage(self._directory).free
        except FileNotFoundError:
            return None

    def close(self) -> None:
        """Nothing stays open."""


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
