"""Zip archives: members as parts, their names as file names, what the directory hides as well."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.extract import characters, passwords, unzip, zipped
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_WHY = {
    Trouble.ENCRYPTED: "zip member is encrypted",
    Trouble.UNSUPPORTED: "zip member packed by an unknown method",
    Trouble.TOO_BIG: "zip member too big once unpacked",
    Trouble.DAMAGED: "zip member is damaged",
}


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    archive = zipped.open_archive(part.data, limits.parts)
    for kind, detail in archive.troubles:
        yield Problem(kind, place, detail)
    for doubt in dict.fromkeys(archive.doubts):
        yield Problem(Trouble.AMBIGUOUS, place, doubt)
    for comment in filter(None, archive.comments):
        for text in characters.readings(comment):
            yield Text(Place(part.path, "comment"), text, Medium.DOCUMENT)
    for number, spare in enumerate(archive.spare, 1):
        yield Part(f"{part.path}!({number})", spare)
    keys = unzip.keys(archive, part.passwords)
    if any(keys):
        yield Problem(Trouble.OPENED, place, passwords.OPENED)
    for member in archive.members:
        path = f"{part.path}!{member.name}"
        data, trouble = unzip.unpack(archive, member, limits, keys)
        limits = replace(limits, bytes=limits.bytes - len(data))
        yield from _member(path, member, data, trouble)


def _member(
    path: str, member: zipped.Member, data: bytes, trouble: Trouble | None
) -> Iterator[Extracted]:
    folder = member.name.endswith("/") and not data
    if trouble:
        yield Problem(trouble, Place(path), _WHY[trouble])
    if data or not (trouble or folder):
        yield Part(path, data, names=member.names)
    else:
        for name in member.names:
            yield Text(Place(path), name, Medium.NAME)


EXTRACTOR = Extractor(("zip",), extract)
