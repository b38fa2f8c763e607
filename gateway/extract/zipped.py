"""Members of a zip archive: PKWARE's APPNOTE.TXT, read under limits and with suspicion.

Programs disagree about odd archives: some follow the central directory at the end, others the local
headers. Both are read, and a difference is told. Our own reader, since the standard library's shows
only the last of two archives glued together, trusts sizes, and lists members before counting them.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from gateway.extract import split
from gateway.model import Trouble

_LOCAL = b"PK\x03\x04"
_CENTRAL = b"PK\x01\x02"
_END = b"PK\x05\x06"
_END64 = b"PK\x06\x06"
_LOCATOR = b"PK\x06\x07"  # 20 bytes before the end, where there is an _END64

_local = struct.Struct("<4s5H3L2H")
_central = struct.Struct("<4s6H3L5H2L")
_end = struct.Struct("<4s4H2LH")

_LONGEST_COMMENT = 65_535  # bytes
_DESCRIPTOR = 24  # bytes, at most, that follow a member whose size was not known in advance
_STREAMED = 8  # sizes and check sum follow the data
_UNICODE_NAME = 0x7075  # extra field, APPNOTE 4.6.9: another name than in the header
_ENCRYPTED = 0x2041  # encrypted, strongly encrypted, hidden headers


@dataclass(frozen=True, slots=True)
class Member:
    """names: in the directory, and in the local header or in Unicode where these differ.

    extra: fields of the directory, or of the local header.
    check: the last byte of what old encryption puts before the data (APPNOTE 6.1.6).
    """

    names: tuple[str, ...]
    method: int
    flags: int
    crc: int
    packed: int  # bytes
    size: int  # bytes
    start: int  # of the packed data
    extra: bytes = b""
    check: int = 0

    @property
    def name(self) -> str:
        return self.names[0]

    @property
    def encrypted(self) -> bool:
        return bool(self.flags & _ENCRYPTED) or self.method == 99


@dataclass(slots=True)
class Archive:
    """comments: on the archive and on its members. doubts: fixed wording, what two programs would
    read differently. spare: bytes that the directory does not speak of, though they look like an
    archive."""

    data: bytes
    members: list[Member] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    spare: list[bytes] = field(default_factory=list)
    comments: list[bytes] = field(default_factory=list)
    troubles: list[tuple[Trouble, str]] = field(default_factory=list)


def kind(data: bytes) -> str:
    """docx, xlsx, pptx, odf, xlsb or zip, by what is inside."""
    names = {member.name for member in open_archive(data, 2000).members}
    if "[Content_Types].xml" in names:
        for folder, found in (("word/", "docx"), ("xl/", "xlsx"), ("ppt/", "pptx")):
            if any(name.startswith(folder) for name in names):
                return "xlsb" if "xl/workbook.bin" in names else found
    if "mimetype" in names and not names.isdisjoint(("content.xml", "encrypted-package")):
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
    if split.volume(data) or (found and _disk(data)):
        archive.troubles.append((Trouble.UNSUPPORTED, split.WHAT))
    if found is None or (found[1] and not data.startswith(_CENTRAL, found[0])):
        if not archive.troubles:
            archive.troubles.append((Trouble.DAMAGED, "an archive without its directory"))
        archive.members += _by_local_headers(data, 0, len(data), most)
        return archive
    start, count, shift = found
    archive.comments.append(data[data.rfind(_END) + _end.size :])
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
    wide = count == 0xFFFF or 0xFFFFFFFF in (size, offset)
    if wide or data.startswith(_LOCATOR, end - 20):  # some write both ends for small archives, too
        end64 = data.rfind(_END64, max(0, end - 4096), end)
        if end64 >= 0 and end64 + 56 <= len(data):
            if wide:
                count, size, offset = struct.unpack_from("<3Q", data, end64 + 32)
            end = end64
    start = end - size
    return (start, count, start - offset) if start >= 0 else None


def _disk(data: bytes) -> int:
    """The number of this volume, counted from 0."""
    number = _end.unpack_from(data, data.rfind(_END))[1]
    return number if number != 0xFFFF else 0  # of zip64: told elsewhere, and nobody splits so


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
        fields_beside = data[extra : extra + extra_size]
        packed, size, offset = _wide(fields_beside, packed, size, offset)
        at = extra + extra_size + comment_size
        archive.comments.append(data[at - comment_size : at])
        header = offset + shift
        local = _local_member(data, header)
        if local is None:
            archive.troubles.append((Trouble.DAMAGED, "a member is not where it should be"))
            continue
        names = _names(name, flags, fields_beside)
        if set(names) != set(local.names) and names[-1:] != list(local.names[-1:]):
            archive.doubts.append("a member has two names")
            names += local.names
        check = (fields[5] if flags & _STREAMED else crc >> 16) >> 8
        member = Member(
            _once(names), method, flags, crc, packed, size, local.start, fields_beside, check
        )
        archive.members.append(member)
        if _another(member, local):
            archive.doubts.append("a member is described in two ways")
            archive.members.append(local)
        yield header, local.start + packed


def _another(member: Member, local: Member) -> bool:
    """Whether the local header makes something else of it. It may leave what came later at zero."""
    if (member.method, member.encrypted) != (local.method, local.encrypted):
        return True
    return not local.flags & _STREAMED and any(
        here and here != there
        for here, there in ((local.packed, member.packed), (local.crc, member.crc))
    )


def extra_field(extra: bytes, wanted: int) -> bytes | None:
    """The value of one extra field, APPNOTE 4.5.1."""
    at = 0
    while at + 4 <= len(extra):
        tag, length = struct.unpack_from("<2H", extra, at)
        if tag == wanted:
            return extra[at + 4 : at + 4 + length]
        at += 4 + length
    return None


def _wide(extra: bytes, packed: int, size: int, offset: int) -> tuple[int, int, int]:
    """Zip64: values that did not fit stand in the extra field, in this order."""
    field = extra_field(extra, 1)
    if field is None:
        return packed, size, offset
    wide = [int.from_bytes(field[at : at + 8], "little") for at in range(0, len(field), 8)]
    values = [
        wide.pop(0) if value == 0xFFFFFFFF and wide else value for value in (size, packed, offset)
    ]
    return values[1], values[0], values[2]


def _local_member(data: bytes, at: int) -> Member | None:
    """The member that a local header describes; packed is 0 where that is told only after it."""
    if at < 0 or not data.startswith(_LOCAL, at) or at + _local.size > len(data):
        return None
    _, _, flags, method, time, _, crc, packed, size, long, more = _local.unpack_from(data, at)
    start = at + _local.size + long + more
    extra = data[start - more : start]
    packed, size, _ = _wide(extra, packed, size, 0)
    check = (time if flags & _STREAMED else crc >> 16) >> 8
    names = _once(_names(data[at + _local.size : start - more], flags, extra))
    return Member(names, method, flags, crc, packed, size, start, extra, check)


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
        member = _local_member(data, at) if at >= 0 else None
        if member is None:
            return
        if not member.packed:
            following = data.find(_LOCAL, member.start, end)
            member = replace(member, packed=(following if following >= 0 else end) - member.start)
        yield member
        at = member.start + member.packed


def _names(name: bytes, flags: int, extra: bytes) -> list[str]:
    """Unicode Path: a version, the check sum of the name it stands for, the name."""
    unicode = extra_field(extra, _UNICODE_NAME)
    if unicode and unicode[1:5] == zlib.crc32(name).to_bytes(4, "little"):
        return [*_decode(unicode[5:]), *_decode(name)]
    return _decode(name)


def _decode(name: bytes) -> list[str]:
    """What the flag for UTF-8 says is not believed: the bytes tell."""
    try:
        return [name.decode("utf-8")]
    except UnicodeDecodeError:
        return [name.decode(charset, "replace") for charset in ("cp850", "cp1252")]


def _once(names: list[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
