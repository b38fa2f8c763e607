"""Archives that libarchive reads: 7z, rar (4 and 5), cab, iso, lha, cpio, ar, xar.

Members as parts, names as file names; solid archives too, save those of RAR 4. 7z and RAR 5 under
a password that stands in the mail are unlocked and read; those under another, and RAR 4, are told.
One part of a split archive is told as such, and what lies in it whole is read.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.extract import archive_lock, libarchive, passwords, rar5, split
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.extract.libarchive import Unreadable
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_FORMATS = {
    "7z": ("7zip",),
    "rar": ("rar", "rar5"),
    "cab": ("cab",),
    "iso": ("iso9660",),
    "lha": ("lha",),
    "cpio": ("cpio",),
    "ar": ("ar",),
    "xar": ("xar",),
}
_FREE = 1024 * 1024  # bytes unpacked before the ratio counts
_WHY_MEMBER = {
    Trouble.ENCRYPTED: "a member of the archive is encrypted",
    Trouble.UNSUPPORTED: "a member is packed in a way that cannot be read here",
    Trouble.TOO_BIG: "a member of the archive is too big once unpacked",
    Trouble.DAMAGED: "a member of the archive is damaged",
}
_WHY = {
    Trouble.ENCRYPTED: "the archive is encrypted",
    Trouble.UNSUPPORTED: "an archive of a kind that cannot be read here",
    Trouble.TOO_BIG: "the archive is too big once unpacked",
    Trouble.DAMAGED: "the archive is damaged",
}


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    kind = signed(part.data)
    cut = split.volume(part.data)
    if cut:
        yield Problem(Trouble.UNSUPPORTED, place, split.WHAT)
    if rest := part.data[split.end(part.data) :]:
        yield Problem(Trouble.AMBIGUOUS, place, "more follows the end of the archive")
        yield Part(f"{part.path}!(2)", rest)
    closed = archive_lock.closed(part.data)
    if closed and (found := archive_lock.opened(part, _FORMATS[kind], limits)):
        closed = False
        data, password = found
        if password:
            yield Problem(Trouble.OPENED, place, passwords.OPENED)
        part = replace(part, data=data)
    try:
        with libarchive.opened(part.data, _FORMATS[kind]) as archive:
            yield from _members(part, archive, limits)
    except Unreadable as error:
        trouble = Trouble.ENCRYPTED if closed else error.trouble  # a lock may look like damage
        if not (cut and trouble is Trouble.DAMAGED):  # of course it ends too soon
            yield Problem(trouble, place, _WHY[trouble])


def _members(part: Part, archive: libarchive.Archive, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    told = rar5.read(part.data if part.data.startswith(rar5.SIGNATURE) else b"")
    for comment in told.comments:
        yield Text(Place(part.path, "comment"), comment.decode("utf-8", "replace"), Medium.DOCUMENT)
    left = min(limits.bytes, max(_FREE, len(part.data) * limits.ratio))
    number = 0
    for number, entry in enumerate(archive.entries(), 1):
        if number > limits.parts:
            yield Problem(Trouble.TOO_MANY, place, "too many members")
            return
        path = f"{part.path}!{entry.names[0] if entry.names else f'({number})'}"
        data, trouble = b"", None
        if entry.encrypted or told.locked[number - 1 : number] == (True,):
            trouble = Trouble.ENCRYPTED
        elif entry.regular:
            data, trouble = archive.read(min(limits.member, left))
        left -= len(data)
        if trouble:
            yield Problem(trouble, Place(path), _WHY_MEMBER[trouble])
        if data or (entry.regular and not trouble):
            yield Part(path, data, names=entry.names)
        else:
            for name in entry.names:
                yield Text(Place(path), name, Medium.NAME)
        if trouble is Trouble.TOO_BIG:  # to skip the rest of it costs as much as to unpack it
            yield Problem(Trouble.TOO_BIG, place, _WHY[Trouble.TOO_BIG])
            return
    if number == 0:  # some programs find members where the header names none
        yield Problem(Trouble.DAMAGED, place, "an archive in which nothing was found")


EXTRACTOR = Extractor(tuple(_FORMATS), extract)
