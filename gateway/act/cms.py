"""A CMS that only its recipients open: EnvelopedData (RFC 5652, 6) in AES-256-CBC, or
AuthEnvelopedData (RFC 5083, RFC 5084) in AES-256-GCM.

What is in a CBC envelope can be bent by whoever carries it; GCM tells. It is for mails whose
recipients are all known to read it: a program that does not shows nothing at all.
Encoded whole in memory: a mail of 25 MB takes some 75 MB for half a second.
"""

from __future__ import annotations

import os
from collections.abc import Sequence

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.padding import PKCS7

from gateway.act import cms_recipient, der
from gateway.act.cms_recipient import Reader

_DATA = der.oid("1.2.840.113549.1.7.1")
_ENVELOPED = der.oid("1.2.840.113549.1.7.3")
_AUTH_ENVELOPED = der.oid("1.2.840.113549.1.9.16.1.23")
_CBC, _GCM = "2.16.840.1.101.3.4.1.42", "2.16.840.1.101.3.4.1.46"
_KEY_BYTES = 32
_NONCE_BYTES, _TAG_BYTES = 12, 16  # RFC 5084, 3.2: the nonce it recommends, the longest tag


def is_authenticated(readers: Sequence[Reader]) -> bool:
    return all(reader.gcm for reader in readers)


def envelope(inside: bytes, readers: Sequence[Reader]) -> bytes:
    """ContentInfo, in DER, for these and nobody else."""
    key = os.urandom(_KEY_BYTES)
    infos = [cms_recipient.info(reader, key) for reader in readers]
    if is_authenticated(readers):
        return _auth_enveloped(inside, key, infos)
    return _enveloped(inside, key, infos)


def _enveloped(inside: bytes, key: bytes, infos: Sequence[bytes]) -> bytes:
    start = os.urandom(16)
    padder = PKCS7(128).padder()
    cipher = Cipher(algorithms.AES256(key), modes.CBC(start)).encryptor()
    sealed = b"".join(
        (cipher.update(padder.update(inside)), cipher.update(padder.finalize()), cipher.finalize())
    )
    version = 0 if all(cms_recipient.is_transported(one) for one in infos) else 2
    content = _encrypted(der.algorithm(_CBC, der.octets(start)), sealed)
    return _content_info(_ENVELOPED, der.integer(version), der.set_of(*infos), content)


def _auth_enveloped(inside: bytes, key: bytes, infos: Sequence[bytes]) -> bytes:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(key).encrypt(nonce, inside, None)
    parameters = der.sequence(der.octets(nonce), der.integer(_TAG_BYTES))
    content = _encrypted(der.algorithm(_GCM, parameters), sealed[:-_TAG_BYTES])
    tag = der.octets(sealed[-_TAG_BYTES:])
    return _content_info(_AUTH_ENVELOPED, der.integer(0), der.set_of(*infos), content, tag)


def _encrypted(method: bytes, sealed: bytes) -> bytes:
    return der.sequence(_DATA, method, der.element(der.PRIMITIVE, sealed))


def _content_info(kind: bytes, *fields: bytes) -> bytes:
    return der.sequence(kind, der.explicit(0, der.sequence(*fields)))
