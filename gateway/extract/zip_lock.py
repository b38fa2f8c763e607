"""Locked members of zip archives, opened with a guess: traditional encryption and AES.

Rule: APPNOTE 6.1 (PKWARE traditional), "AE-1 and AE-2" of WinZip for method 99. Both keep a few
bits by which a wrong password is known at once. Not here: PKWARE's strong encryption.
"""

from __future__ import annotations

import hashlib
import hmac
import zlib

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from gateway.extract.zipped import Member, extra_field

_STRONG = 0x2040  # flags
_AES = 99  # method
_AES_FIELD = 0x9901
_SALT = {1: 8, 2: 12, 3: 16}  # bytes, by strength; the key has twice as many
_ROUNDS = 1000
_TAG = 10  # bytes of the check sum behind the data
_CHARSETS = ("utf-8", "cp1252", "cp850")  # what a password is in is nowhere said
_SLOW = 4 * 1024 * 1024  # bytes; traditional encryption takes a second for two megabytes here

_CRC = tuple(zlib.crc32(bytes((byte,)), 0xFFFFFFFF) ^ 0xFFFFFFFF for byte in range(256))


def open_with(password: str, packed: bytes, member: Member) -> tuple[bytes, int] | None:
    """The bytes in clear, still packed, and by which method; None if it is the wrong password."""
    if member.flags & _STRONG:
        return None
    for secret in dict.fromkeys(_in_bytes(password)):
        opened = _aes(secret, packed, member) if member.method == _AES else None
        if member.method != _AES and (clear := _traditional(secret, packed, member)) is not None:
            opened = clear, member.method
        if opened:
            return opened
    return None


def _in_bytes(password: str) -> list[bytes]:
    return [password.encode(charset, "ignore") for charset in _CHARSETS]


def _aes(secret: bytes, packed: bytes, member: Member) -> tuple[bytes, int] | None:
    """Salt, two bytes to know the password by, data, tag. The counter is little-endian, which the
    library has not, so blocks of the key stream are made by hand."""
    field = extra_field(member.extra, _AES_FIELD)
    if field is None or len(field) < 7 or field[4] not in _SALT:
        return None
    salt = _SALT[field[4]]
    size = 2 * salt
    keys = hashlib.pbkdf2_hmac("sha1", secret, packed[:salt], _ROUNDS, 2 * size + 2)
    data = packed[salt + 2 : -_TAG]
    if keys[2 * size :] != packed[salt : salt + 2]:
        return None
    tag = hmac.digest(keys[size : 2 * size], data, "sha1")[:_TAG]
    if not hmac.compare_digest(tag, packed[-_TAG:]):
        return None
    blocks = range(1, len(data) // 16 + 2)
    counters = b"".join([number.to_bytes(16, "little") for number in blocks])
    stream = Cipher(AES(keys[:size]), modes.ECB()).encryptor().update(counters)[: len(data)]  # noqa: S305
    clear = int.from_bytes(data, "little") ^ int.from_bytes(stream, "little")
    return clear.to_bytes(len(data), "little"), int.from_bytes(field[5:7], "little")


def _traditional(secret: bytes, packed: bytes, member: Member) -> bytes | None:
    """Twelve bytes first, of which the last is known."""
    keys = (0x12345678, 0x23456789, 0x34567890)
    for byte in secret:
        keys = _next(keys, byte)
    head, keys = _stream(packed[:12], keys)
    if len(head) < 12 or head[11] != member.check or len(packed) > _SLOW:
        return None
    return _stream(packed[12:], keys)[0]


def _next(keys: tuple[int, int, int], byte: int) -> tuple[int, int, int]:
    first, second, third = keys
    first = (first >> 8) ^ _CRC[(first ^ byte) & 0xFF]
    second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
    third = (third >> 8) ^ _CRC[(third ^ (second >> 24)) & 0xFF]
    return first, second, third


def _stream(data: bytes, keys: tuple[int, int, int]) -> tuple[bytes, tuple[int, int, int]]:
    """The three keys inlined: a call for each byte would double the time."""
    first, second, third = keys
    table = _CRC
    out = bytearray(len(data))
    for at, byte in enumerate(data):
        two = third | 2
        byte ^= ((two * (two ^ 1)) >> 8) & 0xFF
        out[at] = byte
        first = (first >> 8) ^ table[(first ^ byte) & 0xFF]
        second = ((second + (first & 0xFF)) * 134775813 + 1) & 0xFFFFFFFF
        third = (third >> 8) ^ table[(third ^ (second >> 24)) & 0xFF]
    return bytes(out), (first, second, third)
