"""S/MIME: CMS EnvelopedData (RFC 5652, RFC 8551), AES-256-CBC, to RSA certificates.

CBC and PKCS#1 v1.5 are what every client has long read; authenticated encryption is for recipients
known to read it. Elliptic curve certificates are not used (`cryptography` cannot address them):
to `Directory` they are no certificate, and the next channel is tried.

All original fields travel inside (RFC 9788): the payload is the original message with hp="cipher"
on its Content-Type, and HP-Outer fields that repeat what the outside shows. Where the original's
header is not plainly well formed the whole of it is enclosed as message/rfc822 instead.

A CMS shows to each recipient the certificates of all the others: whoever is not named in To or Cc
gets a message of his own, or Bcc would be told.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.serialization import Encoding, pkcs7
from cryptography.x509 import Certificate

from gateway.act import header
from gateway.act.method import Means, Method, Sealed
from gateway.act.outside import Outside
from gateway.errors import Temporary
from gateway.model import Mail

MIME = (
    ("MIME-Version", "1.0"),
    ("Content-Type", 'application/pkcs7-mime; smime-type=enveloped-data;\r\n name="smime.p7m"'),
    ("Content-Transfer-Encoding", "base64"),
    ("Content-Disposition", 'attachment; filename="smime.p7m"'),
)
_CIPHER = b';\r\n hp="cipher"\r\n'
_NO_TYPE = b'Content-Type: text/plain; charset=us-ascii; hp="cipher"\r\n'
_WRAPPED = b"Content-Type: message/rfc822\r\nContent-Disposition: inline\r\n\r\n"


def fits(means: Means, mail: Mail, recipient: str) -> bool:
    return means.certificates.find(recipient) is not None


def seal(
    means: Means, mail: Mail, outside: Outside, recipients: Sequence[str]
) -> tuple[Sealed, ...]:
    inside = payload(mail.content, outside)
    visible = tuple(r for r in recipients if r.lower() in outside.visible)
    hidden = tuple((r,) for r in recipients if r.lower() not in outside.visible)
    return tuple(
        Sealed(group, outside.head(MIME) + envelope(inside, _certificates(means, group)))
        for group in (visible, *hidden)
        if group
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


def envelope(inside: bytes, certificates: Sequence[Certificate]) -> bytes:
    """Base64 lines with CRLF."""
    builder = pkcs7.PKCS7EnvelopeBuilder().set_data(inside)
    builder = builder.set_content_encryption_algorithm(AES256)
    for certificate in certificates:
        builder = builder.add_recipient(certificate)
    sealed = builder.encrypt(Encoding.DER, [pkcs7.PKCS7Options.Binary])
    return base64.encodebytes(sealed).replace(b"\n", b"\r\n")


def _can_be_extended(raw: bytes) -> bool:
    """Whether a parameter put at the end would be one: no open string, no comment."""
    return raw.count(b'"') % 2 == 0 and not any(sign in raw for sign in (b"\\", b"(", b")"))


def _certificates(means: Means, group: Sequence[str]) -> list[Certificate]:
    found = [means.certificates.find(recipient) for recipient in group]
    if None in found:  # expired since it was chosen
        raise Temporary("a certificate went away")
    return [certificate for certificate in found if certificate is not None]


METHOD = Method("smime", fits, seal)
