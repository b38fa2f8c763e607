"""Office files under a password: MS-OFFCRYPTO, written by hand for old workbooks."""

from __future__ import annotations

import hashlib
import io
import struct

from msoffcrypto.method.ecma376_agile import ECMA376Agile

from tests.makers.excel import record

OFFICE_ROUNDS = 100_000


def locked_package(data: bytes, password: str, rounds: int = 1_000) -> bytes:
    """A .docx or .xlsx as Office 2010 and later lock it, but for the number of rounds: each reading
    of the real one is a fifth of a second. The file says how many there are."""
    return bytes(ECMA376Agile.encrypt(password, io.BytesIO(data), spin_count=rounds))


def locked_workbook(stream: bytes, password: str) -> bytes:
    """The stream of a workbook under RC4 (2.3.6), as Excel 97 locks it."""
    salt, verifier = bytes(range(16)), bytes(range(16, 32))
    first = hashlib.md5(password.encode("utf-16-le")).digest()[:5]
    middle = hashlib.md5((first + salt) * 16).digest()[:5]
    proof = _rc4(_key(middle, 0), verifier + hashlib.md5(verifier).digest())
    head = struct.pack("<3H", 1, 1, 1) + salt + proof
    begin = 4 + struct.unpack_from("<H", stream, 2)[0]
    lock = record(0x2F, head)
    clear = bytearray(stream[:begin] + lock + stream[begin:])
    secret = bytearray(_enciphered(bytes(clear), middle))
    for start, end, kind in _records(clear):
        plain = 4 if kind not in (0x809, 0x2F) else end - start
        plain += 4 if kind == 0x85 else 0  # where a sheet begins stays in clear
        secret[start : start + plain] = clear[start : start + plain]
        if kind == 0x85:
            (at,) = struct.unpack_from("<L", clear, start + 4)
            struct.pack_into("<L", secret, start + 4, at + len(lock))
    return bytes(secret)


def _records(stream: bytes | bytearray) -> list[tuple[int, int, int]]:
    at, found = 0, []
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<2H", stream, at)
        found.append((at, at + 4 + size, kind))
        at += 4 + size
    return found


def _enciphered(data: bytes, middle: bytes) -> bytes:
    """Each 1024 bytes have a key."""
    return b"".join(
        _rc4(_key(middle, number), data[at : at + 1024])
        for number, at in enumerate(range(0, len(data), 1024))
    )


def _key(middle: bytes, block: int) -> bytes:
    return hashlib.md5(middle + struct.pack("<L", block)).digest()


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out, i, j = bytearray(), 0, 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)
