"""Files compressed one by one: gzip (RFC 1952), bzip2, xz, lzma; zstd, lz4, lzip, compress (.Z).

The first four by the standard library, the rest by libarchive where it is installed. Several
streams in one file follow each other, as the programs that read them agree. The name that gzip
keeps counts.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator

from gateway.extract import characters, libarchive
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.extract.pour import MEMORY, Stream, poured
from gateway.model import Limits, Part, Place, Problem, Trouble

_FREE = 1024 * 1024  # bytes unpacked before the ratio counts
_STREAMS = 10_000  # in one file; blocked gzip has one for each 64 KB
_STANDARD: dict[str, Callable[[], Stream]] = {
    "gzip": lambda: zlib.decompressobj(16 + zlib.MAX_WBITS),
    "bzip2": bz2.BZ2Decompressor,
    "xz": lambda: lzma.LZMADecompressor(memlimit=MEMORY),
    "lzma": lambda: lzma.LZMADecompressor(memlimit=MEMORY),
}
_BY_LIBRARY = ("zstd", "lz4", "lzip", "compress")
_ENDINGS = (".gz", ".bz2", ".xz", ".lzma", ".zst", ".lz4", ".lz", ".z")
_NAME_OF_GZIP = 8  # flag


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    kind = signed(part.data)
    most = min(limits.member, limits.bytes, max(_FREE, len(part.data) * limits.ratio))
    if kind in _BY_LIBRARY:
        data, trouble, rest = libarchive.unpacked(part.data, kind, most)
    else:
        data, trouble, rest = _streams(_STANDARD[kind], part.data, most)
    if trouble:
        yield Problem(trouble, Place(part.path), "a compressed file was not unpacked whole")
    if rest.strip(b"\0"):
        yield Part(f"{part.path}!(2)", rest)
    if data or not trouble:
        yield Part(f"{part.path}!(1)", data, names=_names(part, kind))


def _streams(
    new: Callable[[], Stream], packed: bytes, most: int
) -> tuple[bytes, Trouble | None, bytes]:
    """What all streams hold together, why not all, and what follows that is none."""
    out: list[bytes] = []
    at = 0
    for _ in range(_STREAMS):
        data, trouble, end = poured(new(), packed, at, most)
        if trouble is Trouble.DAMAGED and at and not data:  # padding, or something else altogether
            return b"".join(out), None, packed[at:] if packed[at:].strip(b"\0") else b""
        out.append(data)
        most -= len(data)
        at = end
        if trouble or at >= len(packed):
            return b"".join(out), trouble, b""
    return b"".join(out), Trouble.TOO_MANY, b""


def _names(part: Part, kind: str) -> tuple[str, ...]:
    """The name in the header of a gzip file, and its own without the ending."""
    names = [
        name[: -len(ending)]
        for name in part.names
        for ending in _ENDINGS
        if name.lower().endswith(ending)
    ]
    flags = part.data[3] if kind == "gzip" and len(part.data) > 10 else 0
    if flags & _NAME_OF_GZIP:
        at = 10
        if flags & 4:  # an extra field stands before the name
            at += 2 + int.from_bytes(part.data[10:12], "little")
        names += characters.readings(part.data[at : at + 1024].partition(b"\0")[0])
    return tuple(dict.fromkeys(filter(None, names)))


EXTRACTOR = Extractor((*_STANDARD, *_BY_LIBRARY), extract)
