"""Certificates that a signed mail brings, once its signature is found good (RFC 8551; RFC 5652, 5).

multipart/signed, or application/pkcs7-mime with the mail inside; one signer; SHA-2. The signer's
certificate must bear the address in From and lead to an anchor; whatever else the mail brings for
that address is kept on the same terms: some sign with one certificate and read with another. What
the writer's program reads (SMIMECapabilities) is an attribute that he signed.

Never raises for what the mail is. Whether a certificate may be used is asked when it is.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message

from asn1crypto import cms
from cryptography import x509
from cryptography.hazmat.primitives import hashes

from gateway.act import header, outside, public_signature
from gateway.act.certificate_use import (
    CAPABILITIES,
    DAMAGED,
    MAX_CAPABILITIES,
    Known,
    addresses,
    is_authority,
)
from gateway.model import Mail

MAX_CONTENT = 32 * 1024 * 1024  # bytes; what a mail may have at most, mostly
MAX_SIGNATURE = 64 * 1024  # bytes, with its certificates: 5 KB. What ASN.1 hides is slow to read
MAX_OPAQUE = 128 * 1024  # the same, with the mail inside: a text alone
MAX_HEAD = 64 * 1024  # bytes looked at first
MAX_FIELD = 2048  # characters of a Content-Type, for the standard library's reader
MAX_CERTIFICATES = 16  # in one signature
_DETACHED = ("application/pkcs7-signature", "application/x-pkcs7-signature")
_OPAQUE = ("application/pkcs7-mime", "application/x-pkcs7-mime")
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
_PSS = "rsassa_pss"
_DAMAGED = (TypeError, KeyError, IndexError, AttributeError, RecursionError, *DAMAGED)

HasPath = Callable[[Known], bool]


@dataclass(frozen=True, slots=True, repr=False)
class _Signed:
    """content: what the signature is over; None: it is inside."""

    content: bytes | None
    signature: bytes


def may_be(content: bytes) -> bool:
    """Whether it is worth a closer look: of most mail, it is not."""
    head = content[:MAX_HEAD]
    return b"pkcs7" in head[: head.find(b"\r\n\r\n")].lower()


def brought(mail: Mail, has_path: HasPath) -> tuple[str, tuple[Known, ...]]:
    """The writer's address and what serves to write to him; () where nothing is proven."""
    shown = outside.of(mail) if len(mail.content) <= MAX_CONTENT else None
    if shown is None:
        return "", ()
    writer = shown.sender.lower()
    try:
        signed = _signed(mail.content)
        return (writer, tuple(_proven(signed, writer, has_path))) if signed else ("", ())
    except _DAMAGED:  # the standard library's reader of parameters raises, too
        return writer, ()


def _proven(signed: _Signed, writer: str, has_path: HasPath) -> list[Known]:
    outer = cms.ContentInfo.load(signed.signature, strict=True)
    if outer["content_type"].native != "signed_data":
        return []
    data = outer["content"]
    content = signed.content
    if content is None:
        content = data["encap_content_info"]["content"].native
    (info,) = data["signer_infos"]
    several = [
        x509.load_der_x509_certificate(one.chosen.dump())
        for one in list(data["certificates"])[:MAX_CERTIFICATES]
        if one.name == "certificate"
    ]
    chain = tuple(one for one in several if is_authority(one))
    signer = _signer(info, several)
    if signer is None or writer not in addresses(signer) or not has_path(Known(signer, b"", chain)):
        return []
    if not _is_good(info, signer, content):
        return []
    told = _capabilities(info)
    known = [Known(one, told, chain) for one in several if writer in addresses(one)]
    return [one for one in known if has_path(one)]


def _signer(info: cms.SignerInfo, several: Sequence[x509.Certificate]) -> x509.Certificate | None:
    sid = info["sid"]
    for one in several:
        if sid.name == "issuer_and_serial_number":
            found = sid.chosen["issuer"].dump() == one.issuer.public_bytes()
            found = found and sid.chosen["serial_number"].native == one.serial_number
        else:
            found = sid.chosen.native == _key_id(one)
        if found:
            return one
    return None


def _key_id(certificate: x509.Certificate) -> bytes:
    try:
        found = certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    except x509.ExtensionNotFound:
        return b""
    return found.value.digest


def _is_good(info: cms.SignerInfo, signer: x509.Certificate, content: bytes) -> bool:
    digest = str(info["digest_algorithm"]["algorithm"].native)
    if digest not in _HASHES:
        return False
    attributes = info["signed_attrs"]
    told = {one["type"].native: one["values"] for one in attributes or ()}
    right = hashlib.new(digest, content).digest()
    if not told or told["message_digest"][0].native != right:
        return False  # without attributes, those of another mail would pass for a content
    if told["content_type"][0].native != "data":
        return False
    over = b"\x31" + attributes.dump()[1:]  # RFC 5652, 5.4: signed as a SET, sent as [0]
    method = info["signature_algorithm"]
    chosen, pss = _HASHES[digest], method["algorithm"].native == _PSS
    if pss:
        chosen = _HASHES[str(method["parameters"]["hash_algorithm"]["algorithm"].native)]
    return public_signature.verifies(
        signer.public_key(), info["signature"].native, over, chosen, pss=pss
    )


def _capabilities(info: cms.SignerInfo) -> bytes:
    for one in info["signed_attrs"] or ():
        if one["type"].dotted == CAPABILITIES:
            told: bytes = one["values"][0].dump()
            return told if len(told) <= MAX_CAPABILITIES else b""
    return b""


def _signed(content: bytes) -> _Signed | None:
    head, body = header.split(content)
    fields = _mime(head)
    kind = fields.get_content_type()
    if kind in _OPAQUE and fields.get_param("smime-type") in ("signed-data", None):
        decoded = _decoded(fields, body, MAX_OPAQUE)
        return _Signed(None, decoded) if decoded else None
    if kind != "multipart/signed" or fields.get_param("protocol") not in _DETACHED:
        return None
    boundary = fields.get_boundary("")
    pieces = (b"\r\n" + body).split(b"\r\n--" + boundary.encode("utf-8", "replace"), 4)
    if not boundary or len(pieces) != 4 or not pieces[3].startswith(b"--"):
        return None
    first, second = (piece.partition(b"\r\n") for piece in pieces[1:3])
    if first[0].strip() or second[0].strip():
        return None
    head, body = header.split(second[2])
    signature = _decoded(_mime(head), body, MAX_SIGNATURE)
    return _Signed(first[2], signature) if signature else None


def _mime(head: bytes) -> Message:
    message = Message()
    for name, raw in header.read(head).fields:
        if name in (b"content-type", b"content-transfer-encoding") and len(raw) <= MAX_FIELD:
            value = raw.partition(b":")[2].replace(b"\r\n", b"").strip()
            if name.decode() not in message:
                message[name.decode()] = value.decode("utf-8", "replace")
    return message


def _decoded(fields: Message, body: bytes, most: int) -> bytes:
    """b"" for what is no base64, or too much."""
    encoding = str(fields.get("content-transfer-encoding", "")).strip().lower()
    if encoding != "base64" or len(body) > 2 * most:
        return b""
    try:
        found = base64.b64decode(body)
    except (binascii.Error, ValueError):
        return b""
    return found if len(found) <= most else b""
