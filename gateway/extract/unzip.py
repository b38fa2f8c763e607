"""One member of a zip archive, unpacked: the methods of APPNOTE 4.4.5, under limits.

Not here: shrunk, reduced, imploded, deflate64, PPMd and whatever comes later, which are told.
"""

from __future__ import annotations

import bz2
import lzma
import zlib
from operator import attrgetter

from gateway.extract import libarchive, zip_lock
from gateway.extract.pour import MEMORY, pour
from gateway.extract.zipped import Archive, Member
from gateway.model import Limits, Trouble

_FREE = 1024 * 1024  # bytes that a member may have before its ratio counts
_TRIALS = 3  # members on which a password is tried
_ENDS_WITH_A_MARK = 2  # flag of LZMA members: their size is not needed


def keys(archive: Archive, passwords: tuple[str, ...]) -> tuple[str, ...]:
    """Those of the passwords, and the empty one, that open members: tried on the smallest only, or
    the guesses would cost more than all the rest."""
    locked = sorted((m for m in archive.members if m.encrypted), key=attrgetter("packed"))
    return tuple(
        password
        for password in ("", *passwords)
        if any(_opened(archive, member, password, _FREE) for member in locked[:_TRIALS])
    )


def unpack(
    archive: Archive, member: Member, limits: Limits, keys: tuple[str, ...] = ()
) -> tuple[bytes, Trouble | None]:
    """What could be unpacked, and why it is not all. Never raises, never exceeds the limits."""
    packed = _packed(archive, member)
    most = min(limits.member, limits.bytes, max(_FREE, len(packed) * limits.ratio))
    if not member.encrypted:
        return _checked(packed, member.method, member, most)
    for password in keys:
        if opened := _opened(archive, member, password, most):
            return opened
    return b"", Trouble.ENCRYPTED


def _packed(archive: Archive, member: Member) -> bytes:
    return archive.data[member.start : member.start + member.packed]


def _opened(
    archive: Archive, member: Member, password: str, most: int
) -> tuple[bytes, Trouble | None] | None:
    """None where the password is wrong: old encryption tells so for certain only by rubbish."""
    opened = zip_lock.open_with(password, _packed(archive, member), member)
    if opened is None:
        return None
    clear, method = opened
    data, trouble = _checked(clear, method, member, most)
    return None if trouble in (Trouble.DAMAGED, Trouble.UNSUPPORTED) else (data, trouble)


def _checked(packed: bytes, method: int, member: Member, most: int) -> tuple[bytes, Trouble | None]:
    data, trouble = _by_method(packed, method, member, most)
    if trouble is None and member.crc and zlib.crc32(data) != member.crc:
        trouble = Trouble.DAMAGED
    return data, trouble


def _by_method(
    packed: bytes, method: int, member: Member, most: int
) -> tuple[bytes, Trouble | None]:
    match method:
        case 0:
            return packed[:most], Trouble.TOO_BIG if len(packed) > most else None
        case 8:
            return pour(zlib.decompressobj(-zlib.MAX_WBITS), packed, most)
        case 12:
            return pour(bz2.BZ2Decompressor(), packed, most)
        case 14:
            stream = lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=MEMORY)
            return pour(stream, _alone(packed, member), most)
        case 93:
            return libarchive.unpacked(packed, "zstd", most)[:2]
        case 95:
            return pour(lzma.LZMADecompressor(memlimit=MEMORY), packed, most)
    return b"", Trouble.UNSUPPORTED


def _alone(packed: bytes, member: Member) -> bytes:
    """As an .lzma file: APPNOTE 5.8 puts a version and the length of the properties first."""
    length = int.from_bytes(packed[2:4], "little")
    size = b"\xff" * 8 if member.flags & _ENDS_WITH_A_MARK else member.size.to_bytes(8, "little")
    return packed[4 : 4 + length] + size + packed[4 + length :]
