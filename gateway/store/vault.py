"""Sealing: what the SMTP side can write and only an officer can read.

    sealed  = wrapped ‖ stream
    wrapped = "VGS1" ‖ count (1 byte) ‖ count x ( key id (8 bytes) ‖ HPKE enc ‖ ct (80 bytes) )
    stream  = chunks of at most 1 MiB, each AES-256-GCM with its 16-byte tag

A fresh 32-byte key for each sealing, HPKE-sealed (RFC 9180, base mode, X25519, HKDF-SHA256,
AES-256-GCM) to every officer key, `context` being its info: what is moved to another place does
not open. The stream is that of STREAM (Hoang, Reyhanitabar, Rogaway, Vizár, 2015) as age uses it:
the nonce is the number of the chunk (11 bytes) and whether it is the last (1 byte), so chunks
can be neither cut off, swapped nor repeated. One key may carry several streams, each under a key
derived for its purpose: the wrapped key stands in a row and erasing it erases them all.

Not here: signatures. Who can write into the store can also seal into it.
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from gateway.store.keys import ID_BYTES, OpeningKey, SealingKey

CHUNK_BYTES = 1024 * 1024
TAG_BYTES = 16
_KEY_BYTES = 32
_MAGIC = b"VGS1"
_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.AES_256_GCM)
_HPKE_BYTES = KEM.X25519.enc_length() + _KEY_BYTES + TAG_BYTES
_ENTRY_BYTES = ID_BYTES + _HPKE_BYTES
_MOST_KEYS = 255  # the count is one byte


class CannotOpen(Exception):
    """No key of ours opens it, or it is damaged. The text never quotes what is inside."""


class UnderLock(CannotOpen):
    """The content of a mail whose key an officer's sign-in unlocks, and nobody here has."""


def seal(plain: bytes, keys: Sequence[SealingKey], context: bytes) -> bytes:
    key, wrapped = wrap(keys, context)
    return wrapped + b"".join(encrypt(key, b"", plain))


def open_sealed(sealed: bytes, keys: Sequence[OpeningKey], context: bytes) -> bytes:
    size = _wrapped_bytes(sealed)
    key = unwrap(sealed[:size], keys, context)
    return decrypt(key, b"", io.BytesIO(sealed[size:]))


def wrap(keys: Sequence[SealingKey], context: bytes) -> tuple[bytes, bytes]:
    """A fresh key, and the same wrapped for each of `keys`."""
    key = os.urandom(_KEY_BYTES)
    return key, wrapped_for(key, keys, context)


def wrap_anew(
    wrapped: bytes, opening: Sequence[OpeningKey], keys: Sequence[SealingKey], context: bytes
) -> bytes:
    """The key that `opening` opens, wrapped for each of `keys`. Raises CannotOpen."""
    return wrapped_for(unwrap(wrapped, opening, context), keys, context)


def unwrap(wrapped: bytes, keys: Sequence[OpeningKey], context: bytes) -> bytes:
    if len(wrapped) != _wrapped_bytes(wrapped):
        raise CannotOpen("the sealed key is damaged")
    ours = {bytes.fromhex(key.id): key for key in keys}
    for start in range(len(_MAGIC) + 1, len(wrapped), _ENTRY_BYTES):
        key = ours.get(wrapped[start : start + ID_BYTES])
        if key is not None:
            entry = wrapped[start + ID_BYTES : start + _ENTRY_BYTES]
            try:
                return _SUITE.decrypt(entry, key.private, info=context)
            except (InvalidTag, ValueError):
                raise CannotOpen("the sealed key is damaged") from None
    raise CannotOpen("sealed to other keys than ours")


def wrapped_in(stream: BinaryIO) -> bytes:
    """The wrapped key that a stream begins with. Raises CannotOpen."""
    head = stream.read(len(_MAGIC) + 1)
    size = _wrapped_bytes(head)
    wrapped = head + stream.read(size - len(head))
    if len(wrapped) != size:
        raise CannotOpen("the sealed key is damaged")
    return wrapped


def keys_of(wrapped: bytes) -> frozenset[str]:
    """Ids of the keys that open it."""
    if len(wrapped) != _wrapped_bytes(wrapped):
        raise CannotOpen("the sealed key is damaged")
    starts = range(len(_MAGIC) + 1, len(wrapped), _ENTRY_BYTES)
    return frozenset(wrapped[start : start + ID_BYTES].hex() for start in starts)


def encrypt(key: bytes, purpose: bytes, plain: bytes) -> Iterator[bytes]:
    """Chunk by chunk: a mail of 50 MB never stands twice in memory."""
    aead = AESGCM(derived(key, purpose))
    whole = memoryview(plain)
    last = max(0, len(plain) - 1) // CHUNK_BYTES
    for number in range(last + 1):
        chunk = whole[number * CHUNK_BYTES : (number + 1) * CHUNK_BYTES]
        yield aead.encrypt(nonce(number, number == last), chunk, None)


def decrypt(key: bytes, purpose: bytes, stream: BinaryIO) -> bytes:
    """What `encrypt` made with this key for this purpose. Raises CannotOpen."""
    return b"".join(decrypted(key, purpose, stream))


def decrypted(key: bytes, purpose: bytes, stream: BinaryIO) -> Iterator[bytes]:
    """The same, chunk by chunk: whoever stops before the end has not seen whether it is whole."""
    aead = AESGCM(derived(key, purpose))
    number, chunk = 0, stream.read(CHUNK_BYTES + TAG_BYTES)
    while True:
        following = stream.read(CHUNK_BYTES + TAG_BYTES)
        try:
            plain = aead.decrypt(nonce(number, not following), chunk, None)
        except (InvalidTag, ValueError):
            raise CannotOpen("the sealed content is damaged") from None
        yield plain
        if not following:
            return
        number, chunk = number + 1, following


def wrapped_for(key: bytes, keys: Sequence[SealingKey], context: bytes) -> bytes:
    if not 0 < len(keys) <= _MOST_KEYS:
        raise ValueError(f"sealing to {len(keys)} keys")
    entries = (
        bytes.fromhex(each.id) + _SUITE.encrypt(key, each.public, info=context) for each in keys
    )
    return _MAGIC + bytes([len(keys)]) + b"".join(entries)


def nonce(number: int, last: bool) -> bytes:
    """Of a chunk of a stream."""
    return number.to_bytes(11, "big") + bytes([last])


def derived(key: bytes, purpose: bytes) -> bytes:
    """A key for one purpose alone."""
    return HKDFExpand(SHA256(), _KEY_BYTES, b"vaguemestre stream " + purpose).derive(key)


def _wrapped_bytes(sealed: bytes) -> int:
    if not sealed.startswith(_MAGIC) or len(sealed) <= len(_MAGIC):
        raise CannotOpen("not sealed by us, or by a later version")
    return len(_MAGIC) + 1 + sealed[len(_MAGIC)] * _ENTRY_BYTES
