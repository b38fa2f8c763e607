"""Members of a zip archive: PKWARE's APPNOTE.TXT, read under limits and with suspicion.

Programs disagree about odd archives: some follow the central directory at the end, others the local
headers. Both are read, and a difference is told. Our own reader, since the standard library's shows
only the last of two archives glued together, trusts sizes, and lists members before counting them.
"""

from __future__ import annotations

import bz2
import lzma
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Protocol

from gateway.model import Limits, Trouble

_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"

_local = struct.Struct("<4s5H3L2H")
_central = struct.Struct("<4s6H3L5H2L")
_end = struct.Struct("<4s4H2LH")

_LONGEST_COMMENT = 65_535  # bytes
_DESCRIPTOR = 24  # bytes, at most, that follow a member whose size was not known in advance
_FREE = 1024 * 1024  # bytes that a member may have before its ratio counts
_UTF8 = 0x800
_ENCRYPTED = 0x2041  # encrypted, strongly encrypted, hidden headers
_PIECE = 64 * 1024  # bytes unpacked at a time


@dataclass(frozen=True, slots=True)
class Member:
    """names: in the directory, and in the local header where it differs."""

    names: tuple[str, ...]
    method: int
    flags: int
    crc: int
    packed: int  # bytes
    size: int  # bytes
    start: int  # of the packed data

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED) or self.method == 99


@dataclass(slots=True)
class Archive:
    """doubts: fixed wording, what two programs would read differently. spare: bytes that the
    directory does not speak of, though they look like an archive."""

    data: bytes
    members: list[Member] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    spare: list[bytes] = field(default_factory=list)
    troubles: list[tuple[Trouble, str]] = field(default_factory=list)


def kind(data: bytes) -> str:
    """docx, xlsx, pptx, odf, xlsb or zip, by what is inside."""
    names = {member.name for member in open_archive(data, 2000).members}
    if "[Content_Types].xml" in names:
        for folder, found in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return "xlsb" if "xl/workbook.bin" in names else found
    if "content.xml" in names and "mimetype" in names:
        return "odf"
    return "zip"


def ends_well(data: bytes) -> bool:
    """Whether a zip directory stands at the end, whatever stands before it."""
    found = _directory(data)
    return found is not None and data.startswith(_CENTRAL, found[0])


def open_archive(data: bytes, most: int) -> Archive:
    """Never raises. At most `most` members."""
    archive = Archive(data)
    found = _directory(data)
    if found is None or (found[1] and not data.startswith(_CENTRAL, found[0])):
        archive.troubles.append((Trouble.DAMAGED, "an archive without its directory"))
        archive.members += _by_local_headers(data, 0, len(data), most)
        return archive
    start, count, shift = found
    spans = list(_by_directory(archive, start, shift, most))
    if len(archive.members) == most:
        archive.troubles.append((Trouble.TOO_MANY, "too many members"))
        return archive
    if len(spans) != count and not archive.troubles:
        archive.doubts.append("the archive holds more or less than it says")
    _between(archive, spans, start)
    return archive


def _directory(data: bytes) -> tuple[int, int, int] | None:
    """Where the central directory is, its number of members, and how far all is shifted."""
    end = data.rfind(_END, max(0, len(data) - _LONGEST_COMMENT - _end.size))
    if end < 0 or end + _end.size > len(data):
        return None
    _, _, _, _, count, size, offset, _ = _end.unpack_from(data, end)
    if 0xFFFF in (count,) or 0xFFFFFFFF in (size, offset):
        end64 = data.rfind(_END64, max(0, end - 4096), end)
        if end64 >= 0 and end64 + 56 <= len(data):
            count, size, offset = struct.unpack_from("<3Q", data, end64 + 32)
            end = end64
    start = end - size
    return (start, count, start - offset) if start >= 0 else None


def _by_directory(archive: Archive, at: int, shift: int, most: int) -> Iterator[tuple[int, int]]:
    """Fills the archive's members; yields the bytes that each takes."""
    data = archive.data
    while data.startswith(_CENTRAL, at) and len(archive.members) < most:
        if at + _central.size > len(data):
            archive.troubles.append((Trouble.DAMAGED, "the directory of the archive is damaged"))
            return
        fields = _central.unpack_from(data, at)
        flags, method, crc, packed, size = fields[3], fields[4], fields[7], fields[8], fields[9]
        name_size, extra_size, comment_size, offset = *fields[10:13], fields[16]
        extra = at + _central.size + name_size
        name = data[at + _central.size : extra]
        packed, size, offset = _wide(data[extra : extra + extra_size], packed, size, offset)
        at = extra + extra_size + comment_size
        header = offset + shift
        local = _local_header(data, header)
        if local is None:
            archive.troubles.append((Trouble.DAMAGED, "a member is not where it should be"))
            continue
        local_name, body = local
        names = [_decode(name, flags)]
        if local_name != name:
            archive.doubts.append("a member has two names")
            names.append(_decode(local_name, flags))
        archive.members.append(Member(tuple(names), method, flags, crc, packed, size, body))
        yield header, body + packed


def _wide(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Zip64: values that did not fit stand in the extra field, in this order."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == 1:
            wide = [
                int.from_bytes(extra[i : i + 8], "little")
                for i in range(at + 4, at + 4 + length, 8)
            ]
            values = [
                wide.pop(0) if value == 0xFFFFFFFF and wide else value
                for value in (size, packed, offset)
            ]
            return values[1], values[0], values[2]
        at += 4 + length
    return packed, size, offset


def _local_header(data: bytes, at: int) -> tuple[bytes, int] | None:
    """The name in the local header, and where the data begins."""
    if at < 0 or not data.startswith(_LOCAL, at) or at + _local.size > len(data):
        return None
    fields = _local.unpack_from(data, at)
    name_end = at + _local.size + fields[9]
    return data[at + _local.size : name_end], name_end + fields[10]


def _between(archive: Archive, spans: list[tuple[int, int]], end: int) -> None:
    """What the directory leaves out: glued archives, hidden members. And members that overlap,
    which only bombs have."""
    at = 0
    for start, stop in [*sorted(spans), (end, end)]:
        if start < at:
            archive.troubles.append((Trouble.TOO_BIG, "members of the archive overlap"))
            return
        gap = archive.data[at:start]
        if len(gap) > _DESCRIPTOR and _LOCAL in gap:
            archive.doubts.append("the archive holds more than its directory says")
            archive.spare.append(gap)
        at = stop


def _by_local_headers(data: bytes, at: int, end: int, most: int) -> Iterator[Member]:
    """Members of a truncated archive, one after the other."""
    for _ in range(most):
        at = data.find(_LOCAL, at, end)
        local = _local_header(data, at) if at >= 0 else None
        if local is None:
            return
        fields = _local.unpack_from(data, at)
        flags, method, crc, packed, size = fields[2], fields[3], fields[6], fields[7], fields[8]
        name, body = local
        if not packed:  # told only after the data
            following = data.find(_LOCAL, body, end)
            packed = (following if following >= 0 else end) - body
        yield Member((_decode(name, flags),), method, flags, crc, packed, size, body)
        at = body + packed


def _decode(name: bytes, flags: int) -> str:
    try:
        return name.decode("utf-8")
    except UnicodeDecodeError:
        return name.decode("cp437", "replace") if not flags & _UTF8 else name.decode("latin-1")


def unpack(archive: Archive, member: Member, limits: Limits) -> tuple[bytes, Trouble | None]:
    """What could be unpacked, and why it is not all. Never raises, never exceeds the limits."""
    if member.encrypted:
        return b"", Trouble.ENCRYPTED
    packed = archive.data[member.start : member.start + member.packed]
    most = min(limits.member, limits.bytes, max(_FREE, len(packed) * limits.ratio))
    match member.method:
        case 0:
            data, trouble = packed[:most], Trouble.TOO_BIG if len(packed) > most else None
        case 8:
            data, trouble = pour(zlib.decompressobj(-zlib.MAX_WBITS), packed, most)
        case 12:
            data, trouble = pour(bz2.BZ2Decompressor(), packed, most)
        case 95:
            data, trouble = pour(lzma.LZMADecompressor(), packed, most)
        case _:
            return b"", Trouble.UNSUPPORTED
    if trouble is None and member.crc and zlib.crc32(data) != member.crc:
        trouble = Trouble.DAMAGED
    return data, trouble


class Stream(Protocol):
    """What the decompressors of the standard library have in common."""

    @property
    def eof(self) -> bool: ...

    def decompress(self, data: bytes, max_length: int, /) -> bytes: ...


def pour(stream: Stream, packed: bytes, most: int) -> tuple[bytes, Trouble | None]:
    """Unpack piece by piece, at most `most` bytes, keeping what came before a failure."""
    out: list[bytes] = []
    total = 0
    try:
        for at in range(0, len(packed), _PIECE):
            out.append(stream.decompress(packed[at : at + _PIECE], most - total + 1))
            total += len(out[-1])
            if total > most:
                return b"".join(out)[:most], Trouble.TOO_BIG
            if stream.eof:
                break
    except (zlib.error, lzma.LZMAError, OSError, EOFError):
        return b"".join(out), Trouble.DAMAGED
    return b"".join(out), None if stream.eof else Trouble.DAMAGED
