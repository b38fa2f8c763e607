"""A 7z archive without its lock, for a reader that opens none.

Rule: 7zFormat.txt of the LZMA SDK; the lock (method 06F10701) is AES-256 in CBC under a key of many
rounds of SHA-256 over salt, password in UTF-16 and a counter. The packed streams are decrypted and
the header is written anew without that step. Where names are locked too, the header is one of those
streams. Nothing in the file tells a wrong password: what comes out must be tried.
Not here: folders whose lock is not the first step on a packed stream; no program writes them.
"""

from __future__ import annotations

import hashlib
import lzma
import zlib
from dataclasses import dataclass, replace

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

SIGNATURE = b"7z\xbc\xaf\x27\x1c"
_START = 32  # bytes of the start header: signature, version, where the header is, sums
_END, _HEADER, _STREAMS, _PACKED, _FOLDERS = 0, 1, 4, 6, 7  # marks of the header
_SIZE, _SUMS, _FOLDER, _UNPACKED, _ENCODED = 9, 10, 11, 12, 23
_LOCK, _COPY, _LZMA = b"\x06\xf1\x07\x01", b"\0", b"\x03\x01\x01"
_MOST_CODERS, _MOST_FOLDERS = 8, 10_000
_MOST_ROUNDS = 20  # as a power of two; 7-Zip writes 19, which takes a third of a second
_LARGEST_HEADER = 16 * 1024 * 1024  # bytes
_PIECE = 4096  # rounds hashed at a time
_BLOCK = 16  # bytes


class _Closed(Exception):
    """A wrong password, damage, or a lock that is not known here."""


@dataclass(frozen=True, slots=True)
class _Coder:
    """One step from packed to unpacked. inputs, outputs: how many streams go in and come out."""

    method: bytes
    inputs: int
    outputs: int
    properties: bytes


@dataclass(frozen=True, slots=True)
class _Folder:
    """Steps, how they are bound (input to output), which inputs are packed streams, sizes of each
    output, and the check sum of what comes out in the end."""

    coders: tuple[_Coder, ...]
    bound: tuple[tuple[int, int], ...]
    packed: tuple[int, ...]
    sizes: tuple[int, ...] = ()
    sum: bytes = b""

    @property
    def lock(self) -> int:
        """Which step is one, the first of them; below 0 where none is."""
        methods = [coder.method for coder in self.coders]
        return methods.index(_LOCK) if _LOCK in methods else -1


@dataclass(frozen=True, slots=True)
class _Streams:
    """at: of the first packed stream, from the end of the start header. sizes: in bytes."""

    at: int
    sizes: tuple[int, ...]
    folders: tuple[_Folder, ...]


def locked(data: bytes) -> bool:
    """Whether a password is asked for. False, too, where the header cannot be read."""
    try:
        header = _header_of(data)
        if header[:1] == bytes((_ENCODED,)):
            streams = _streams(_Reader(header, 1))
            if any(folder.lock >= 0 for folder in streams.folders):
                return True
            header = _unpacked(streams, data)
        streams, _ = _main(header)
    except (_Closed, IndexError, lzma.LZMAError):
        return False
    return any(folder.lock >= 0 for folder in streams.folders)


def opened(data: bytes, password: str) -> bytes | None:
    """The archive as it would be without a lock, if that is its password; None if it cannot be."""
    keys: dict[bytes, bytes] = {}
    try:
        header = _header_of(data)
        if header[:1] == bytes((_ENCODED,)):
            streams, packed = _without_lock(_streams(_Reader(header, 1)), data, password, keys)
            header = _unpacked(streams, bytes(_START) + packed)
        streams, rest = _main(header)
        streams, packed = _without_lock(streams, data, password, keys)
    except (_Closed, IndexError, lzma.LZMAError):
        return None
    return _written(streams, packed, rest)


class _Reader:
    """Fields of a header, one after the other. Raises _Closed or IndexError beyond its end."""

    def __init__(self, data: bytes, at: int = 0) -> None:
        self.data, self.at = data, at

    def byte(self) -> int:
        self.at += 1
        return self.data[self.at - 1]

    def take(self, size: int) -> bytes:
        taken = self.data[self.at : self.at + size]
        self.at += size
        if len(taken) < size:
            raise _Closed
        return taken

    def number(self) -> int:
        """The ones at the top of the first byte say how many follow, the lowest of them first; what
        is left of it comes on top."""
        first = self.byte()
        width = 8 - (first ^ 0xFF).bit_length()
        low = int.from_bytes(self.take(width), "little")
        return low | (first & (0x7F >> width)) << (8 * width)

    def count(self, most: int) -> int:
        number = self.number()
        if number > most:
            raise _Closed
        return number

    def expect(self, mark: int) -> None:
        if self.byte() != mark:
            raise _Closed

    def sums(self, count: int) -> list[bytes]:
        """A check sum of each, or nothing for those that have none."""
        if self.byte():
            return [self.take(4) for _ in range(count)]
        bits = self.take(-(-count // 8))
        return [self.take(4) if bits[n // 8] & 0x80 >> n % 8 else b"" for n in range(count)]


def _header_of(data: bytes) -> bytes:
    at = _START + int.from_bytes(data[12:20], "little")
    size = int.from_bytes(data[20:28], "little")
    header = data[at : at + size]
    if not 0 < size == len(header) <= _LARGEST_HEADER:
        raise _Closed
    return header


def _main(header: bytes) -> tuple[_Streams, bytes]:
    """What is said of the streams, and the rest of the header as it stands."""
    reader = _Reader(header)
    reader.expect(_HEADER)
    reader.expect(_STREAMS)
    streams = _streams(reader)
    return streams, header[reader.at :]


def _streams(reader: _Reader) -> _Streams:
    reader.expect(_PACKED)
    at, count = reader.number(), reader.count(len(reader.data))
    sizes: tuple[int, ...] = ()
    while (mark := reader.byte()) != _END:
        if mark == _SIZE:
            sizes = tuple(reader.number() for _ in range(count))
        elif mark == _SUMS:
            reader.sums(count)
        else:
            raise _Closed
    reader.expect(_FOLDERS)
    reader.expect(_FOLDER)
    number = reader.count(_MOST_FOLDERS)
    reader.expect(0)  # the folders are described here rather than elsewhere
    folders = [_folder(reader) for _ in range(number)]
    reader.expect(_UNPACKED)
    folders = [
        replace(one, sizes=tuple(reader.number() for c in one.coders for _ in range(c.outputs)))
        for one in folders
    ]
    if (mark := reader.byte()) == _SUMS:
        sums = reader.sums(number)
        folders = [replace(one, sum=sum_) for one, sum_ in zip(folders, sums, strict=True)]
        mark = reader.byte()
    if mark != _END or len(sizes) != count or sum(len(one.packed) for one in folders) != count:
        raise _Closed
    return _Streams(at, sizes, tuple(folders))


def _folder(reader: _Reader) -> _Folder:
    coders = []
    for _ in range(reader.count(_MOST_CODERS)):
        flags = reader.byte()
        method = reader.take(flags & 0x0F)
        inputs, outputs = (reader.count(32), reader.count(32)) if flags & 0x10 else (1, 1)
        properties = reader.take(reader.count(256)) if flags & 0x20 else b""
        coders.append(_Coder(method, inputs, outputs, properties))
    inputs, outputs = sum(c.inputs for c in coders), sum(c.outputs for c in coders)
    bound = tuple((reader.number(), reader.number()) for _ in range(outputs - 1))
    free = [number for number in range(inputs) if number not in {into for into, _ in bound}]
    if len(free) > 1:
        free = [reader.number() for _ in free]
    return _Folder(tuple(coders), bound, tuple(free))


def _without_lock(
    streams: _Streams, data: bytes, password: str, keys: dict[bytes, bytes]
) -> tuple[_Streams, bytes]:
    """The same streams one after the other, decrypted, and what is said of them then."""
    reader = _Reader(data, _START + streams.at)
    packed: list[bytes] = []
    folders = []
    for folder in streams.folders:
        first = len(packed)
        packed += [reader.take(size) for size in streams.sizes[first : first + len(folder.packed)]]
        while folder.lock >= 0:
            entry, size = _entry(folder)
            clear = _decrypted(packed[first + entry], folder, password, keys)
            if any(clear[size:]):  # what fills the last block
                raise _Closed
            packed[first + entry] = clear[:size]
            folder = _stepped_over(folder)
        folders.append(folder)
    return _Streams(0, tuple(map(len, packed)), tuple(folders)), b"".join(packed)


def _entry(folder: _Folder) -> tuple[int, int]:
    """Which of its packed streams is locked, and how long it is in clear."""
    into, out = _ends(folder)
    if folder.coders[folder.lock].inputs != 1 or into not in folder.packed:
        raise _Closed
    return folder.packed.index(into), folder.sizes[out]


def _ends(folder: _Folder) -> tuple[int, int]:
    """The numbers of the lock's input and output."""
    before = folder.coders[: folder.lock]
    return sum(c.inputs for c in before), sum(c.outputs for c in before)


def _stepped_over(folder: _Folder) -> _Folder:
    """Without the lock; the step that took what came out of it takes the packed stream."""
    into, out = _ends(folder)
    if len(folder.coders) == 1:
        return replace(folder, coders=(_Coder(_COPY, 1, 1, b""),))
    takers = [taker for taker, giver in folder.bound if giver == out]
    if len(takers) != 1 or folder.coders[folder.lock].outputs != 1:
        raise _Closed
    packed = [takers[0] if number == into else number for number in folder.packed]
    return replace(
        folder,
        coders=tuple(c for number, c in enumerate(folder.coders) if number != folder.lock),
        bound=tuple(
            (taker - (taker > into), giver - (giver > out))
            for taker, giver in folder.bound
            if giver != out
        ),
        packed=tuple(number - (number > into) for number in packed),
        sizes=tuple(size for number, size in enumerate(folder.sizes) if number != out),
    )


def _decrypted(data: bytes, folder: _Folder, password: str, keys: dict[bytes, bytes]) -> bytes:
    properties = folder.coders[folder.lock].properties.ljust(2, b"\0")
    first, second = properties[:2]
    salt = 2 + (first >> 7) + (second >> 4)
    iv = properties[salt : salt + (first >> 6 & 1) + (second & 15)].ljust(_BLOCK, b"\0")
    name = properties[:salt]
    if name not in keys:
        if keys:
            raise _Closed  # no program uses two; each takes a third of a second
        keys[name] = _key(first & 0x3F, properties[2:salt], password)
    whole = data[: len(data) // _BLOCK * _BLOCK]
    return Cipher(AES(keys[name]), modes.CBC(iv)).decryptor().update(whole)


def _key(rounds: int, salt: bytes, password: str) -> bytes:
    if rounds > _MOST_ROUNDS:
        raise _Closed
    secret = salt + password.encode("utf-16-le", "ignore")
    digest = hashlib.sha256()
    for first in range(0, 1 << rounds, _PIECE):
        counted = range(first, min(first + _PIECE, 1 << rounds))
        digest.update(b"".join([secret + number.to_bytes(8, "little") for number in counted]))
    return digest.digest()


def _unpacked(streams: _Streams, data: bytes) -> bytes:
    """A header that is packed: by one step, since no program takes more for it."""
    if len(streams.folders) != 1 or len(streams.folders[0].coders) != 1:
        raise _Closed
    (folder,), (size,) = streams.folders, streams.folders[0].sizes
    packed = _Reader(data, _START + streams.at).take(streams.sizes[0])
    (coder,) = folder.coders
    if coder.method not in (_COPY, _LZMA) or size > _LARGEST_HEADER:
        raise _Closed
    clear = packed if coder.method == _COPY else _lzma(packed, coder.properties, size)
    if folder.sum and zlib.crc32(clear).to_bytes(4, "little") != folder.sum:
        raise _Closed
    return clear


def _lzma(packed: bytes, properties: bytes, size: int) -> bytes:
    digits = properties[0]
    form = {
        "id": lzma.FILTER_LZMA1,
        "dict_size": max(4096, min(size, int.from_bytes(properties[1:5], "little"))),
        "lc": digits % 9,
        "lp": digits // 9 % 5,
        "pb": digits // 45,
    }
    return lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=[form]).decompress(packed, size)


def _written(streams: _Streams, packed: bytes, rest: bytes) -> bytes:
    header = bytes((_HEADER, _STREAMS)) + _described(streams) + rest
    where = b"".join(
        number.to_bytes(size, "little")
        for number, size in ((len(packed), 8), (len(header), 8), (zlib.crc32(header), 4))
    )
    start = SIGNATURE + b"\0\4" + zlib.crc32(where).to_bytes(4, "little") + where
    return start + packed + header


def _described(streams: _Streams) -> bytes:
    folders = streams.folders
    out = bytes((_PACKED,)) + _numbers(streams.at, len(streams.sizes))
    out += bytes((_SIZE,)) + _numbers(*streams.sizes) + bytes((_END, _FOLDERS, _FOLDER))
    out += _numbers(len(folders)) + b"\0" + b"".join(map(_folded, folders))
    out += bytes((_UNPACKED,)) + b"".join(_numbers(*folder.sizes) for folder in folders)
    if any(folder.sum for folder in folders):
        known = [bool(folder.sum) for folder in folders]
        bits = bytearray(-(-len(known) // 8))
        for number, has in enumerate(known):
            bits[number // 8] |= 0x80 >> number % 8 if has else 0
        out += bytes((_SUMS, 0)) + bits + b"".join(folder.sum for folder in folders)
    return out + bytes((_END,))


def _folded(folder: _Folder) -> bytes:
    out = _numbers(len(folder.coders))
    for coder in folder.coders:
        several = (coder.inputs, coder.outputs) != (1, 1)
        flags = len(coder.method) | (0x10 if several else 0) | (0x20 if coder.properties else 0)
        out += bytes((flags,)) + coder.method
        out += _numbers(coder.inputs, coder.outputs) if several else b""
        out += _numbers(len(coder.properties)) + coder.properties if coder.properties else b""
    out += b"".join(_numbers(*pair) for pair in folder.bound)
    return out + (_numbers(*folder.packed) if len(folder.packed) > 1 else b"")


def _numbers(*numbers: int) -> bytes:
    """Each in one byte or in nine."""
    return b"".join(
        bytes((number,)) if number < 0x80 else b"\xff" + number.to_bytes(8, "little")
        for number in numbers
    )
