"""S/MIME (RFC 8551): the mail as one CMS, which those with the right keys open.

AES-256-CBC and PKCS#1 v1.5 are what every program has long read; AES-256-GCM and OAEP are for those
known to read them. Programs of 2023 (NSS 3.87) fail on a CMS that names a single recipient by an
elliptic curve, even for the others; hence those of one mail are served by what they read:
authenticated encryption, RSA, curves.

All original fields travel inside (RFC 9788): the payload is the original message with hp="cipher"
on its Content-Type, and HP-Outer fields that repeat what the outside shows. Where the original's
header is not plainly well formed the whole of it is enclosed as message/rfc822 instead. Where the
gateway signs, it signs that payload, and the signature is enciphered with it.

A CMS shows to each recipient the certificates of all the others: whoever is not named in To or Cc
gets a message of his own, or Bcc would be told.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from gateway.act import cms, header
from gateway.act.cms_recipient import Reader
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside
from gateway.errors import Temporary
from gateway.model import Mail

_CIPHER = b';\r\n hp="cipher"\r\n'
_NO_TYPE = b'Content-Type: text/plain; charset=us-ascii; hp="cipher"\r\n'
_WRAPPED = b"Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n"


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    return means.certificates.find(recipient) is not None


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    inside = payload(mail.content, outside)
    if means.certificates.signer:
        inside = means.certificates.signer(inside)
    return tuple(
        Sealed(group, outside.head(mime(readers)) + envelope(inside, readers))
        for group, readers in _groups(means, outside, recipients)
    )


def mime(readers: Sequence[Reader]) -> tuple[tuple[str, str], ...]:
    kind = "authEnveloped-data" if cms.is_authenticated(readers) else "enveloped-data"
    return (
        ("MIME-Version", "1.0"),
        ("Content-Type", f'application/pkcs7-mime; smime-type={kind};\r\n name="smime.p7m"'),
        ("Content-Transfer-Encoding", "base64"),
        ("Content-Disposition", 'attachment; filename="smime.p7m"'),
    )


def payload(content: bytes, outside: Outside) -> bytes:
    """The original with header protection; its body byte for byte."""
    head, body = header.split(content)
    read = header.read(head)
    types = [raw for name, raw in read.fields if name == b"content-type"]
    if read.odd or len(types) > 1 or any(not _can_be_extended(raw) for raw in types):
        return _WRAPPED + content
    fields = [
        raw.rstrip(b"\r\n\t ;") + _CIPHER if name == b"content-type" else raw
        for name, raw in read.fields
        if name != b"hp-outer"
    ]
    if not types:
        fields.append(_NO_TYPE)
    fields += [f"HP-Outer: {name}: {value}\r\n".encode() for name, value in outside.fields]
    return b"".join((*fields, b"\r\n", body))


def envelope(inside: bytes, readers: Sequence[Reader]) -> bytes:
    """Base64 lines with CRLF."""
    return base64.encodebytes(cms.envelope(inside, readers)).replace(b"\n", b"\r\n")


def _groups(
    means: Means, outside: Outside, recipients: Sequence[str]
) -> Iterator[tuple[tuple[str, ...], list[Reader]]]:
    """Who shares a message: those who see each other, and read the same."""
    groups: dict[str, list[tuple[str, Reader]]] = {}
    for recipient in recipients:
        reader = means.certificates.find(recipient)
        if reader is None:  # expired since it was chosen
            raise Temporary("a certificate went away")
        shared = recipient.lower() in outside.visible
        key = _read_by(reader) if shared else recipient
        groups.setdefault(key, []).append((recipient, reader))
    for group in groups.values():
        yield tuple(recipient for recipient, _ in group), [reader for _, reader in group]


def _read_by(reader: Reader) -> str:
    if reader.gcm:
        return "gcm"
    return "rsa" if isinstance(reader.certificate.public_key(), RSAPublicKey) else "curve"


def _can_be_extended(raw: bytes) -> bool:
    """Whether a parameter put at the end would be one: no open string, no comment."""
    return raw.count(b'"') % 2 == 0 and not any(sign in raw for sign in (b"\\", b"(", b")"))


METHOD = Method("smime", fits, seal, "aucun certificat utilisable (vaguemestre certificates check)")
