"""Compound files, the small file systems of Office 97 and Outlook: MS-CFB.

Our own reader, since the library at hand follows the directory by recursion and refuses a cut file
whole. Every chain is bounded by the size of the file, and a sector is not given twice, so that
loops and shared chains cost no more than an honest file of the same size.
"""

from __future__ import annotations

import struct
from bisect import bisect_left
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

SIGNATURE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_NONE = 0xFFFFFFFA  # this and above are marks, not sectors
_FREE = 0xFFFFFFFF
_HEADER = 512  # bytes
_IN_HEADER = 109  # sectors of the allocation table that the header lists
_ENTRY = 128  # bytes of the directory
_MINI = 64  # bytes of a small sector
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_DEEPEST = 40  # storages within storages
_entry = struct.Struct("<64sHBBLLL16sL8s8sLQ")

# By what the root holds, in this order.
_KINDS = (
    ("EncryptedPackage", "locked"),
    ("WordDocument", "doc"),
    ("Workbook", "xls"),
    ("Book", "xls"),
    ("WORKBOOK", "xls"),
    ("BOOK", "xls"),
    ("PowerPoint Document", "ppt"),
    ("__properties_version1.0", "msg"),
)

Path = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Entry:
    name: str
    kind: int
    left: int
    right: int
    child: int
    start: int
    size: int  # bytes


@dataclass(slots=True)
class Compound:
    """streams: by path, "ObjectPool", "_1", "Package". damaged: not all could be read.

    storages: the paths of all that hold streams, but the root.
    """

    streams: dict[Path, bytes] = field(default_factory=dict)
    storages: list[Path] = field(default_factory=list)
    damaged: bool = False
    _sorted: list[Path] = field(default_factory=list)  # the paths of streams

    def get(self, *path: str) -> bytes:
        return self.streams.get(path, b"")

    def under(self, storage: Path) -> Mapping[Path, bytes]:
        """The streams of a storage and below, by their paths in it."""
        if len(self._sorted) != len(self.streams):
            self._sorted[:] = sorted(self.streams)
        depth, found = len(storage), dict[Path, bytes]()
        for at in range(bisect_left(self._sorted, storage), len(self._sorted)):
            path = self._sorted[at]
            if path[:depth] != storage:
                break
            found[path[depth:]] = self.streams[path]
        return found

    def folders(self) -> dict[Path, dict[str, bytes]]:
        """What each storage holds itself, the root among them."""
        found: dict[Path, dict[str, bytes]] = {path: {} for path in ((), *self.storages)}
        for path, data in self.streams.items():
            found.setdefault(path[:-1], {})[path[-1]] = data
        return found


def kind(data: bytes) -> str:
    """doc, xls, ppt, msg, locked (an encrypted package), or ole for any other."""
    root = {path[0] for path, _ in _tree(_Sectors(data).directory(), []) if len(path) == 1}
    return next((word for name, word in _KINDS if name in root), "ole")


def read(data: bytes) -> Compound:
    """Never raises. What is damaged is read as far as it goes."""
    found = Compound()
    sectors = _Sectors(data)
    entries = sectors.directory()
    places = list(_tree(entries, found.storages))
    known = {entry for _, entry in places}
    lost = [entry for at, entry in enumerate(entries) if entry.kind == _STREAM and at not in known]
    root = entries[0] if entries else _Entry("", 0, _FREE, _FREE, _FREE, _FREE, 0)
    small = sectors.stream(root.start, root.size)
    for path, at in places:
        entry = entries[at]
        if entry.kind == _STREAM:
            found.streams[path] = _content(sectors, small, entry)
    for entry in lost:  # in no storage: no program shows them
        found.streams.setdefault((entry.name,), _content(sectors, small, entry))
    found.damaged = sectors.damaged or not entries or bool(lost)
    return found


def _content(sectors: _Sectors, small: bytes, entry: _Entry) -> bytes:
    if entry.size >= sectors.cutoff:
        return sectors.stream(entry.start, entry.size)
    return sectors.small(small, entry.start, entry.size)


def _tree(entries: list[_Entry], storages: list[Path]) -> Iterator[tuple[Path, int]]:
    """Every entry that the root leads to, with its path; each once, whatever the links say."""
    seen = {0}
    waiting: list[tuple[Path, int]] = [((), entries[0].child)] if entries else []
    while waiting:
        folder, at = waiting.pop()
        if at >= len(entries) or at in seen:
            continue
        seen.add(at)
        entry = entries[at]
        path = (*folder, entry.name)
        waiting += [(folder, entry.right), (folder, entry.left)]
        if entry.kind == _STORAGE and len(path) <= _DEEPEST:
            storages.append(path)
            waiting.append((path, entry.child))
        if entry.kind in (_STORAGE, _STREAM):
            yield path, at


class _Sectors:
    """The sectors of a file, and the tables that chain them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.damaged = len(data) < _HEADER
        header = data[:_HEADER].ljust(_HEADER, b"\xff")
        shift = struct.unpack_from("<H", header, 30)[0]
        self.size = 1 << shift if shift in (9, 12) else 512
        self.cutoff = min(struct.unpack_from("<L", header, 56)[0], 4096)
        self._left = len(data) // self.size + 2  # sectors that may still be given
        self._given = bytearray(self._left)  # by number, whether it was
        self._left_small = 0
        self._start, mini_start = struct.unpack_from("<L", header, 48)[0], header[60:64]
        self._table = self._allocation(header)
        mini = self.stream(int.from_bytes(mini_start, "little"), None)
        self._mini = struct.unpack(f"<{len(mini) // 4}L", mini[: len(mini) // 4 * 4])

    def _allocation(self, header: bytes) -> tuple[int, ...]:
        """Which sector follows each. Its own sectors are listed in the header and beyond."""
        listed = list(struct.unpack_from(f"<{_IN_HEADER}L", header, 76))
        more, per = struct.unpack_from("<L", header, 68)[0], self.size // 4
        seen: set[int] = set()
        while more < _NONE and more not in seen:
            seen.add(more)
            sector = self._sector(more)
            if len(sector) < self.size:
                self.damaged = True
                break
            *some, more = struct.unpack(f"<{per}L", sector)
            listed += some
        pieces = []
        for number in dict.fromkeys(listed):
            if number < _NONE:
                piece = self._sector(number)
                self.damaged |= len(piece) < self.size
                pieces.append(piece.ljust(self.size, b"\xff") if piece else b"")
        table = b"".join(pieces)
        return struct.unpack(f"<{len(table) // 4}L", table)

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self.size
        return self.data[at : at + self.size]

    def directory(self) -> list[_Entry]:
        data = self.stream(self._start, None)
        return [
            self._parsed(_entry.unpack_from(data, at))
            for at in range(0, len(data) - _ENTRY + 1, _ENTRY)
        ]

    def _parsed(self, fields: tuple[bytes | int, ...]) -> _Entry:
        name, length, kind, _, left, right, child, _, _, _, _, start, size = fields
        assert isinstance(name, bytes)
        short = name[: max(0, min(int(length), 64) - 2)].decode("utf-16-le", "replace")
        if self.size == 512:  # the upper half may be noise (MS-CFB 2.6.1)
            size = int(size) & 0xFFFFFFFF
        return _Entry(short, int(kind), int(left), int(right), int(child), int(start), int(size))

    def stream(self, start: int, size: int | None) -> bytes:
        """size: in bytes; None for as long as the chain goes."""
        runs: list[bytes] = []
        wanted = self._left if size is None else -(-size // self.size)
        table, at, got = self._table, start, 0
        while at < _NONE and got < wanted and self._left > 0:
            first, count = at, 1
            while got + count < wanted and at < len(table) and table[at] == at + 1:
                at, count = at + 1, count + 1
            at = table[at] if at < len(table) else _FREE
            got += count
            self._left -= count
            self.damaged |= any(self._given[first : first + count])
            self._given[first : first + count] = b"\1" * len(self._given[first : first + count])
            begin = (first + 1) * self.size
            runs.append(self.data[begin : begin + count * self.size])
        data = b"".join(runs)
        if size is None:
            self.damaged |= self._left <= 0
            return data
        self.damaged |= len(data) < size and bool(size)
        return data[:size]

    def small(self, container: bytes, start: int, size: int) -> bytes:
        """A stream below the cut-off, in sectors of 64 bytes within the root's stream."""
        if not self._left_small:
            self._left_small = len(container) // _MINI + 2
        pieces, table, at = [], self._mini, start
        for _ in range(-(-size // _MINI)):
            if at >= len(table) or self._left_small <= 1:
                break
            self._left_small -= 1
            pieces.append(container[at * _MINI : (at + 1) * _MINI])
            at = table[at]
        data = b"".join(pieces)[:size]
        self.damaged |= len(data) < size
        return data
