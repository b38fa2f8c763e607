"""BinHex 4.0, RFC 1741: a Macintosh file in letters. Both forks come out; sums are not checked.

Its alphabet is that of base64 under other letters, so base64 does the work.
"""

from __future__ import annotations

import binascii
import struct
from collections.abc import Iterator

MARK = b"with binhex"  # "(This file must be converted with BinHex 4.0)", in lower case

_ALPHABET = b"!\"#$%&'()*+,-012345689@ABCDEFGHIJKLMNPQRSTUVXYZ[`abcdefhijklmpqr"
_BASE64 = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_TO_BASE64 = bytes.maketrans(_ALPHABET, _BASE64)
_NOT_IN_IT = bytes(set(range(256)) - set(_ALPHABET))
_REPEAT = b"\x90"
_MOST = 16 * 1024 * 1024  # bytes of one file once its runs are written out: 255 times as many fit


def files(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Name and content of the file in a text, if there is one."""
    mark = data.lower().find(MARK)
    start = data.find(b":", mark) if mark >= 0 else _first_colon(data)
    if start < 0:
        return
    end = data.find(b":", start + 1)
    letters = data[start + 1 : end if end >= 0 else len(data)]
    dense = letters.translate(_TO_BASE64, _NOT_IN_IT)
    packed = binascii.a2b_base64(dense[: len(dense) // 4 * 4] + _rest(dense))
    plain = _repeated(packed)
    length = plain[0] if plain else 0
    header = plain[1 + length : 22 + length]
    if len(header) < 21:
        yield b"", plain
        return
    size, resource = struct.unpack(">II", header[11:19])
    content = plain[length + 22 :]
    yield plain[1 : 1 + length], content[:size] or content[: size + resource]


def _first_colon(data: bytes) -> int:
    """Where it begins when nothing announces it: at the start of a line."""
    return 0 if data.startswith(b":") else data.find(b"\n:") + 1 or -1


def _rest(dense: bytes) -> bytes:
    rest = dense[len(dense) // 4 * 4 :]
    return rest + b"=" * (4 - len(rest)) if len(rest) > 1 else b""


def _repeated(packed: bytes) -> bytes:
    """Runs written out: 0x90 and a count repeat the byte before; a count of 0 is 0x90 itself."""
    first, *others = packed.split(_REPEAT)
    out = bytearray(first)
    for piece in others:
        count = piece[0] if piece else 0
        if count == 0:
            out += _REPEAT
        elif out:
            out += out[-1:] * (count - 1)
        out += piece[1:]
        if len(out) > _MOST:
            break
    return bytes(out)
