"""Files compressed one by one: gzip (RFC 1952), bzip2, xz."""

from __future__ import annotations

import bz2
import lzma
import zlib
from collections.abc import Iterator

from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.zipped import Stream, pour
from gateway.model import Limits, Part, Place, Problem

_FREE = 1024 * 1024  # bytes unpacked before the ratio counts


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    stream: Stream
    if part.data.startswith(b"\x1f\x8b"):
        stream = zlib.decompressobj(16 + zlib.MAX_WBITS)
    elif part.data.startswith(b"BZh"):
        stream = bz2.BZ2Decompressor()
    else:
        stream = lzma.LZMADecompressor(memlimit=limits.member)
    most = min(limits.member, limits.bytes, max(_FREE, len(part.data) * limits.ratio))
    data, trouble = pour(stream, part.data, most)
    if trouble:
        yield Problem(trouble, Place(part.path), "a compressed file was not unpacked whole")
    rest = getattr(stream, "unused_data", b"")
    if rest.strip(b"\0"):  # a second file may follow the first
        yield Part(f"{part.path}!(2)", rest)
    if data or not trouble:
        yield Part(f"{part.path}!(1)", data)


EXTRACTOR = Extractor(("gzip", "bzip2", "xz"), extract)
