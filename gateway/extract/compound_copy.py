"""A compound file of given streams: what Office keeps as a storage within another, as a file.

MS-CFB 2, version 4 with sectors of 4096 bytes, all entries of a storage linked in one line. For our
own extractors and for decryption; not for other programs' eyes.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from itertools import pairwise

from gateway.extract.compound import SIGNATURE, Path

_SECTOR = 4096  # bytes
_MINI = 64  # bytes
_CUTOFF = 4096  # bytes: smaller streams stand in small sectors
_END, _FREE, _FAT = 0xFFFFFFFE, 0xFFFFFFFF, 0xFFFFFFFD
_STORAGE, _STREAM, _ROOT = 1, 2, 5


def written(streams: Mapping[Path, bytes]) -> bytes:
    sectors: list[bytes] = []
    table: list[int] = []
    small, chain = _small(streams)
    starts = {
        path: _append(sectors, table, data)
        for path, data in streams.items()
        if len(data) >= _CUTOFF
    } | {path: start for path, (start, _) in chain.items()}
    mini_table = b"".join(following for _, following in chain.values())
    root = (_append(sectors, table, small), len(small))
    mini_start = _append(sectors, table, mini_table, b"\xff")
    directory = _append(sectors, table, _directory(streams, starts, root))
    count = 0
    while count * (_SECTOR // 4) < len(table) + count:
        count += 1
    fat = list(range(len(table), len(table) + count))
    table += [_FAT] * count
    table += [_FREE] * (-len(table) % (_SECTOR // 4))
    header = struct.pack(
        "<8s16sHHHHH6s9L",
        SIGNATURE, b"", 0x3E, 4, 0xFFFE, 12, 6, b"",
        0, count, directory, 0, _CUTOFF, mini_start, -(-len(mini_table) // _SECTOR), _END, 0,
    )  # fmt: skip
    header += struct.pack("<109L", *fat, *[_FREE] * (109 - len(fat)))
    body = b"".join(sectors) + struct.pack(f"<{len(table)}L", *table)
    return header.ljust(_SECTOR, b"\0") + body


def _append(sectors: list[bytes], table: list[int], data: bytes, fill: bytes = b"\0") -> int:
    """The first sector; the mark for none when there is nothing to keep."""
    if not data:
        return _END
    start, count = len(table), -(-len(data) // _SECTOR)
    table += [*range(start + 1, start + count), _END]
    sectors.append(data.ljust(count * _SECTOR, fill))
    return start


def _small(streams: Mapping[Path, bytes]) -> tuple[bytes, dict[Path, tuple[int, bytes]]]:
    """The stream of small sectors; for each path its first one and its piece of their table."""
    pieces: list[bytes] = []
    chain: dict[Path, tuple[int, bytes]] = {}
    at = 0
    for path, data in streams.items():
        if 0 < len(data) < _CUTOFF:
            count = -(-len(data) // _MINI)
            pieces.append(data.ljust(count * _MINI, b"\0"))
            following = struct.pack(f"<{count}L", *range(at + 1, at + count), _END)
            chain[path] = (at, following)
            at += count
    return b"".join(pieces), chain


def _directory(
    streams: Mapping[Path, bytes], starts: Mapping[Path, int], root: tuple[int, int]
) -> bytes:
    paths = dict.fromkeys(path[:depth] for path in streams for depth in range(1, len(path) + 1))
    order: list[Path] = [(), *paths]
    children: dict[Path, list[int]] = {}
    for number, path in enumerate(order):
        if path:
            children.setdefault(path[:-1], []).append(number)
    following = {one: other for siblings in children.values() for one, other in pairwise(siblings)}
    entries = []
    for number, path in enumerate(order):
        if path in streams:
            kind, start, size = _STREAM, starts.get(path, _END), len(streams[path])
        else:
            kind, (start, size) = (_STORAGE, (0, 0)) if path else (_ROOT, root)
        name = (path[-1] if path else "Root Entry").encode("utf-16-le")[:62]
        child = children.get(path, [_FREE])[0]
        following_one = following.get(number, _FREE)
        entries.append(_entry(name, kind, following_one, child, start, size))
    empty = _entry(b"", 0, _FREE, _FREE, 0, 0)
    return b"".join(entries) + empty * (-len(entries) % (_SECTOR // 128))


def _entry(name: bytes, kind: int, following: int, child: int, start: int, size: int) -> bytes:
    length = len(name) + 2 if name else 0
    links = struct.pack("<3L", _FREE, following, child)
    head = struct.pack("<64sHBB", name, length, kind, 1)
    return head + links + bytes(36) + struct.pack("<LQ", start, size)
