"""Tag lists, key records and the two algorithms that DKIM and ARC share.

RFC 6376 (3.2: tag=value lists; 3.6: keys in DNS), RFC 8301 (no SHA-1, RSA from 1024 bits on),
RFC 8463 (Ed25519 over the SHA-256 of what is signed). Knows no mail and asks no DNS.
"""

from __future__ import annotations

import base64
import binascii
import hashlib

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key

RSA, ED25519 = b"rsa-sha256", b"ed25519-sha256"
MIN_BITS = 1024  # RFC 8301, 3.2: verifiers treat a shorter key as no signature
MAX_BITS = 4096  # RFC 8301, 3.2: what verifiers must know; a larger one only costs time
MAX_TAGS = 64
MAX_RECORD_BYTES = 4096  # of a key in DNS; 4096 bits have 740
_LINE = 72  # characters of base64 a line

PrivateKey = RSAPrivateKey | Ed25519PrivateKey
PublicKey = RSAPublicKey | Ed25519PublicKey


def tags_of(value: bytes) -> dict[bytes, bytes] | None:
    """The tags of a field's value or of a record; None where it is no tag list."""
    found: dict[bytes, bytes] = {}
    pieces = value.strip().removesuffix(b";").split(b";", MAX_TAGS)
    for piece in pieces:
        name, equals, said = piece.partition(b"=")
        name = name.strip()
        if not equals or not name.isalnum() or name in found or len(found) == MAX_TAGS:
            return None
        found[name] = said.strip()
    return found


def unfolded(value: bytes) -> bytes:
    """Of tags in which blanks mean nothing (b, bh, h, p)."""
    return b"".join(value.split())


def decoded(value: bytes) -> bytes | None:
    """Base64 with blanks anywhere; None where it is not."""
    try:
        return base64.b64decode(unfolded(value), validate=True)
    except (binascii.Error, ValueError):
        return None


def algorithm_of(key: PrivateKey | PublicKey) -> bytes:
    return RSA if isinstance(key, RSAPrivateKey | RSAPublicKey) else ED25519


def sign(key: PrivateKey, data: bytes) -> bytes:
    if isinstance(key, RSAPrivateKey):
        return key.sign(data, PKCS1v15(), SHA256())
    return key.sign(hashlib.sha256(data).digest())


def verifies(key: PublicKey, algorithm: bytes, signature: bytes, data: bytes) -> bool:
    """Whether the signature is right, and of the algorithm it claims."""
    if algorithm != algorithm_of(key):
        return False
    try:
        if isinstance(key, RSAPublicKey):
            key.verify(signature, data, PKCS1v15(), SHA256())
        else:
            key.verify(signature, hashlib.sha256(data).digest())
    except InvalidSignature:
        return False
    return True


def key_of(record: bytes, *, whole: bool = True) -> PublicKey | None:
    """The key of a TXT record; None where it is revoked, not for mail, weak or no key at all.

    whole: it signs for its domain itself, not for one below (3.6.1, t=s).
    """
    tags = tags_of(record) if len(record) <= MAX_RECORD_BYTES else None
    if tags is None or tags.get(b"v", b"DKIM1") != b"DKIM1":
        return None
    if not _admits(tags, b"h", b"sha256") or not _admits(tags, b"s", b"email"):
        return None
    raw = decoded(tags.get(b"p", b""))
    if not raw or (not whole and b"s" in unfolded(tags.get(b"t", b"")).split(b":")):
        return None
    try:
        if tags.get(b"k", b"rsa") == b"ed25519":
            return Ed25519PublicKey.from_public_bytes(raw)
        key = load_der_public_key(raw)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        return None
    fits = isinstance(key, RSAPublicKey) and MIN_BITS <= key.key_size <= MAX_BITS
    return key if fits and isinstance(key, RSAPublicKey) else None


def _admits(tags: dict[bytes, bytes], tag: bytes, wanted: bytes) -> bool:
    """A list of what a key is for, all where it is not said."""
    return tag not in tags or bool({b"*", wanted} & set(unfolded(tags[tag]).split(b":")))


def folded_base64(raw: bytes) -> bytes:
    text = base64.b64encode(raw)
    return b"\r\n ".join(text[at : at + _LINE] for at in range(0, len(text), _LINE))


def folded_names(names: list[bytes]) -> bytes:
    """Of h=: RFC 6376 lets blanks stand around its colons."""
    lines, line = [], b""
    for name in names:
        if line and len(line) + len(name) > _LINE:
            lines.append(line)
            line = b""
        line += name + b":"
    return b"\r\n ".join([*lines, line.removesuffix(b":")])
