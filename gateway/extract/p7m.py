"""Signed files and messages (.p7m, smime.p7m): what is signed, read as a part of its own.

CMS, RFC 5652: SignedData with its content within (an opaque S/MIME message, a PDF or a zip signed
as CAdES), CompressedData (RFC 3274); DER or BER, PEM or base64. A signature apart from what it
signs (smime.p7s) and a list of certificates say nothing of their own. What is enveloped is
encrypted. Signatures are not checked: that is the recipient's business.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from gateway.extract import ber, unbased
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.pour import pour
from gateway.model import Limits, Part, Place, Problem, Trouble

_CMS = bytes.fromhex("2a864886f70d0107")  # 1.2.840.113549.1.7
_SMIME = bytes.fromhex("2a864886f70d01091001")  # 1.2.840.113549.1.9.16.1
_DATA, _SIGNED, _COMPRESSED = _CMS + b"\1", _CMS + b"\2", _SMIME + b"\x09"
_SEALED = (_CMS + b"\3", _CMS + b"\4", _CMS + b"\6", _SMIME + b"\x17")  # enveloped, encrypted
_SEQUENCE, _OCTETS, _OBJECT, _EXPLICIT = 0x10, 0x04, 0x06, 0x80
_FREE = 1024 * 1024  # bytes uncompressed before the ratio counts
_ENDINGS = (".p7m", ".p7s", ".p7", ".cms", ".m7m", ".tsd")
_ENTITY = (b"content-", b"mime-version")


@dataclass(slots=True)
class _Read:
    """What one walk found. apart: there is no content, on purpose."""

    kind: bytes = b""
    content: list[bytes] = field(default_factory=list)
    apart: bool = True
    whole: bool = True


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    found = _read(_binary(part.data))
    if found.kind in _SEALED:
        yield Problem(Trouble.ENCRYPTED, place, "an encrypted S/MIME message")
        return
    if found.kind not in (_DATA, _SIGNED, _COMPRESSED):
        yield Problem(Trouble.UNSUPPORTED, place, "a cryptographic file that is not read")
        return
    data = b"".join(found.content)
    if found.kind == _COMPRESSED:
        most = min(limits.member, max(_FREE, len(data) * limits.ratio))
        data, trouble = pour(zlib.decompressobj(), data, most)
        if trouble:
            yield Problem(trouble, place, "a compressed message was not read whole")
    if not found.whole:
        yield Problem(Trouble.DAMAGED, place, "a signed file is damaged")
    if not found.apart:
        yield Part(f"{part.path}!(1)", _entity(data), names=_names(part))


def _binary(data: bytes) -> bytes:
    """Out of PEM or bare base64."""
    if data[:1] == b"0":
        return data
    lines = data.split(b"\n")
    if data.startswith(b"-----"):
        lines = [line for line in lines if not line.startswith(b"-----") and b":" not in line]
    return unbased.decode(b"".join(lines))


def _read(data: bytes) -> _Read:
    """The content lies at depth 5 of SignedData, after the type at depth 4; a content written in
    pieces has them one deeper. Elements that come later (certificates) lie higher first."""
    found = _Read()
    inside = False  # the sequence that wraps the content
    here = False  # the content itself
    try:
        for element in ber.walk(data):
            if element.depth == 1 and element.tag == _OBJECT:
                found.kind = data[element.start : element.end]
                if found.kind in _SEALED:
                    return found
            elif found.kind == _DATA and element.depth >= 2:
                found.apart = False
                found.content += [data[element.start : element.end]] * (not element.constructed)
            elif element.depth <= 3:
                here, inside = False, element.depth == 3 and element.tag == _SEQUENCE
            elif element.depth == 4 and inside:
                here = element.tag == _EXPLICIT
                found.apart = found.apart and not here
            elif here and not element.constructed:
                found.content.append(data[element.start : element.end])
    except ber.Broken:
        found.whole = False
    return found


def _entity(data: bytes) -> bytes:
    """A MIME entity as a mail of its own; S/MIME signs it without the fields of a mail."""
    if data[:20].lower().startswith(_ENTITY):
        return b"MIME-Version: 1.0\r\n" + data
    return data


def _names(part: Part) -> tuple[str, ...]:
    """ "facture.pdf.p7m" holds "facture.pdf"; "smime.p7m" tells nothing."""
    return tuple(
        name[: -len(ending)]
        for name in part.names
        for ending in _ENDINGS
        if name.lower().endswith(ending) and "." in name[: -len(ending)]
    )


EXTRACTOR = Extractor(("p7m",), extract)
