"""Formats that are known but not read: each is told, none is passed over in silence."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Part, Place, Problem, Trouble

_WHAT = {
    "ole": "an Office file of before 2007, or an Outlook message",
    "rtf": "a rich text file",
    "7z": "a 7z archive",
    "rar": "a rar archive",
    "tnef": "an Outlook winmail.dat",
    "p7m": "a signed S/MIME message",
    "dicom": "a DICOM image",
    "program": "a program",
    "sqlite": "a database",
    "pst": "an Outlook mailbox",
    "media": "sound or film",
    "zip": "a binary Excel workbook",
}
_KINDS = (*(kind for kind in _WHAT if kind != "zip"), "xlsb", "pgp", "binary")

# Object identifiers of CMS (RFC 5652): 1.2.840.113549.1.7, then
_CMS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07"
_SIGNED, _ENVELOPED = _CMS + b"\x02", _CMS + b"\x03"
_AUTHENTICATED = b"\x2a\x86\x48\x86\xf7\x0d\x01\x09\x10\x01\x17"  # AuthEnvelopedData, RFC 5083
_DETACHED = (b"\x30\x0b\x06\x09" + _CMS + b"\x01", b"\x30\x80\x06\x09" + _CMS + b"\x01\0\0")

_ENCRYPTED_OFFICE = "EncryptedPackage".encode("utf-16-le")  # MS-OFFCRYPTO 2.3.4.4


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    kind = signed(part.data)
    head = part.data[:512]
    if kind == "p7m" and _SIGNED in head and any(mark in head for mark in _DETACHED):
        return  # a signature apart from what it signs says nothing of its own
    if kind == "p7m" and (_ENVELOPED in head or _AUTHENTICATED in head):
        yield Problem(Trouble.ENCRYPTED, place, "an encrypted S/MIME message")
    elif kind == "pgp":
        yield Problem(Trouble.ENCRYPTED, place, "an encrypted OpenPGP message")
    elif kind == "ole" and _ENCRYPTED_OFFICE in part.data:
        yield Problem(Trouble.ENCRYPTED, place, "an encrypted Office document")
    else:
        what = _WHAT.get(kind, "a file of unknown format")
        yield Problem(Trouble.UNSUPPORTED, place, f"{what}, which is not read")


EXTRACTOR = Extractor(_KINDS, extract)
