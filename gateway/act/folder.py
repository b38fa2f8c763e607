"""A folder of what recipients open their mail with, one file or several each, read when it changes.

What a file holds, and for whom, is the reader's business; a file that it cannot read holds nothing.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class _File(Generic[T]):
    stamp: tuple[int, int]  # mtime in ns, size
    held: tuple[tuple[str, T], ...]


class Folder(Generic[T]):
    """path: None for none at all. read: (address in small letters, thing) of one file.

    Looks again when the folder changed; a file rewritten in place is noticed when an address that
    it served is asked for.
    """

    def __init__(
        self,
        path: Path | None,
        suffixes: Sequence[str],
        read: Callable[[Path], Iterable[tuple[str, T]]],
    ) -> None:
        self._path = path
        self._suffixes = tuple(suffixes)
        self._read = read
        self._files: dict[Path, _File[T]] = {}
        self._by_address: dict[str, list[Path]] = {}
        self._seen: tuple[int, int] | None = None
        self._turn = threading.Lock()  # asked by threads that seal, and by the loop

    def of(self, address: str) -> list[T]:
        address = address.lower()
        with self._turn:
            if not self._is_current(address):
                self._scan()
            return [
                thing
                for path in self._by_address.get(address, ())
                for owner, thing in self._files[path].held
                if owner == address
            ]

    def all(self) -> list[tuple[str, T]]:
        with self._turn:
            if stamp(self._path) != self._seen:
                self._scan()
            return [one for file in self._files.values() for one in file.held]

    def _is_current(self, address: str) -> bool:
        paths = self._by_address.get(address, ())
        return stamp(self._path) == self._seen and all(
            stamp(path) == self._files[path].stamp for path in paths
        )

    def _scan(self) -> None:
        self._seen = stamp(self._path)  # before listing: a later change is seen next time
        files: dict[Path, _File[T]] = {}
        by_address: dict[str, list[Path]] = {}
        for path in self._listed():
            seen, known = stamp(path), self._files.get(path)
            if known is None or known.stamp != seen:
                known = _File(seen, tuple(self._read(path)))
            files[path] = known
            for address in dict.fromkeys(owner for owner, _ in known.held):
                by_address.setdefault(address, []).append(path)
        self._files, self._by_address = files, by_address

    def _listed(self) -> list[Path]:
        try:
            found = sorted(self._path.iterdir()) if self._path else []
        except OSError:  # gone, or not ours to read: nobody has anything
            return []
        return [path for path in found if path.suffix.lower() in self._suffixes and path.is_file()]


def stamp(path: Path | None) -> tuple[int, int]:
    """What differs once a file or a folder was written to."""
    try:
        status = os.stat(path) if path else None
    except OSError:
        return (0, 0)
    return (status.st_mtime_ns, status.st_size) if status else (0, 0)
