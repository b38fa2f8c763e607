"""7z and RAR 5 archives under a password: 7-Zip's own, and RAR written here by its technical note,
since no free program writes it."""

from __future__ import annotations

import hashlib
import shutil
import struct
import subprocess
import tempfile
import zlib
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from tests.makers.archives import vint

_ROUNDS = 4  # as a power of two; programs write 15
_SALT, _IV = bytes(range(16)), bytes(range(50, 66))


def seven_under(members: Mapping[str, bytes], password: str, *options: str) -> bytes | None:
    """By 7-Zip; None where it is not installed. Without a password: no lock. options: "-mhe=on"
    locks the names, too."""
    program = shutil.which("7zz")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        for name, data in members.items():
            (Path(folder) / name).write_bytes(data)
        subprocess.run(
            [program, "a", *([f"-p{password}"] if password else []), *options, "out.7z", *members],
            cwd=folder,
            check=True,
            capture_output=True,
        )
        return (Path(folder) / "out.7z").read_bytes()


def rar5_under(
    members: Mapping[str, bytes], password: str, *, names: bool = False, checked: bool = True
) -> bytes:
    """Stored. names: the headers are locked as well. checked: with the value that tells a wrong
    password at once, and sums bound to the password, as WinRAR writes by default."""
    key = _stretched(password, 1 << _ROUNDS)
    flags = 3 if checked else 0
    lock = vint(0) + vint(flags) + bytes((_ROUNDS,)) + _SALT + _IV
    lock += _check(password) if checked else b""
    record = vint(1) + lock
    extra = vint(len(record)) + record
    blocks = [_head(1, vint(0), b"", 0)]
    for name, data in members.items():
        raw, packed = name.encode(), _encrypted(data, key, _IV)
        body = vint(4) + vint(len(data)) + vint(0o644)
        body += struct.pack("<L", 0 if checked else zlib.crc32(data))
        body += vint(0) + vint(1) + vint(len(raw)) + raw
        blocks += [_head(2, body, extra, len(packed)), packed]
    blocks.append(_head(5, vint(0), b"", 0))
    if not names:
        return b"Rar!\x1a\x07\x01\0" + b"".join(blocks)
    sealed = b"".join(
        _IV + _encrypted(block, key, _IV) if block[4:] and _is_head(block) else block
        for block in blocks
    )
    about = vint(0) + vint(1) + bytes((_ROUNDS,)) + _SALT + _check(password)
    return b"Rar!\x1a\x07\x01\0" + _head(4, about, b"", 0) + sealed


def _is_head(block: bytes) -> bool:
    return struct.unpack_from("<L", block)[0] == zlib.crc32(block[4:])


def _head(kind: int, body: bytes, extra: bytes, packed: int) -> bytes:
    fields = vint(kind) + vint((1 if extra else 0) | (2 if packed else 0))
    fields += (vint(len(extra)) if extra else b"") + (vint(packed) if packed else b"")
    sized = vint(len(fields + body + extra)) + fields + body + extra
    return struct.pack("<L", zlib.crc32(sized)) + sized


def _check(password: str) -> bytes:
    long = _stretched(password, (1 << _ROUNDS) + 32)
    value = bytes(long[n] ^ long[n + 8] ^ long[n + 16] ^ long[n + 24] for n in range(8))
    return value + hashlib.sha256(value).digest()[:4]


def _stretched(password: str, rounds: int) -> bytes:
    return hashlib.pbkdf2_hmac("sha256", password.encode(), _SALT, rounds, 32)


def _encrypted(data: bytes, key: bytes, iv: bytes) -> bytes:
    return Cipher(AES(key), modes.CBC(iv)).encryptor().update(data + bytes(-len(data) % 16))
