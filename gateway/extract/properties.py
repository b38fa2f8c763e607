"""Property sets, the title, author and custom properties of Office 97 files: MS-OLEPS.

Every string of every set, whatever it is called.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from gateway.extract.characters import codec

_CODEPAGE = 1  # identifier of the property
_DICTIONARY = 0
_SHORT, _VARIANT, _BSTR, _NARROW, _WIDE, _BLOB = 2, 12, 8, 30, 31, 65
_VECTOR = 0x1000
_MOST = 10_000  # properties of a set, values of one
_APPLICATION = 18  # the program that wrote it: the same in every file


def strings(data: bytes) -> Iterator[str]:
    """Of one stream. Stops where it is damaged: offsets lead nowhere."""
    if len(data) < 28:
        return
    count = min(struct.unpack_from("<L", data, 24)[0], 4)
    for number in range(count):
        at = 28 + number * 20 + 16
        if at + 4 <= len(data):
            yield from _set(data, struct.unpack_from("<L", data, at)[0])


def _set(data: bytes, start: int) -> Iterator[str]:
    if start + 8 > len(data):
        return
    count = min(struct.unpack_from("<L", data, start + 4)[0], _MOST)
    found: dict[int, int] = {}
    for at in range(start + 8, min(start + 8 + count * 8, len(data) - 7), 8):
        identifier, offset = struct.unpack_from("<2L", data, at)
        found[identifier] = start + offset
    charset = _charset(data, found.get(_CODEPAGE, len(data)))
    for identifier, at in found.items():
        if identifier == _DICTIONARY:
            yield from _names(data, at, charset)
        elif identifier != _APPLICATION and at + 4 <= len(data):
            kind = struct.unpack_from("<H", data, at)[0]
            yield from (text for text in _values(data, at + 4, kind, charset) if text)


def _charset(data: bytes, at: int) -> str:
    if at + 6 > len(data) or struct.unpack_from("<H", data, at)[0] != _SHORT:
        return "cp1252"
    page = struct.unpack_from("<H", data, at + 4)[0]
    named = {1200: "utf-16-le", 65001: "utf-8", 10000: "mac_roman"}.get(page, f"cp{page}")
    return codec(named) or "cp1252"


def _names(data: bytes, at: int, charset: str) -> Iterator[str]:
    """Of custom properties."""
    count = min(int.from_bytes(data[at : at + 4], "little"), _MOST)
    at += 4
    for _ in range(count):
        if at + 8 > len(data):
            return
        length = struct.unpack_from("<L", data, at + 4)[0]
        if charset.startswith("utf-16"):
            length = length * 2 + -(length * 2) % 4
        yield data[at + 8 : at + 8 + length].decode(charset, "replace").strip("\0")
        at += 8 + length


def _values(data: bytes, at: int, kind: int, charset: str) -> Iterator[str]:
    if not kind & _VECTOR:
        text, _ = _value(data, at, kind, charset)
        yield text
        return
    count = min(int.from_bytes(data[at : at + 4], "little"), _MOST)
    at += 4
    for _ in range(count):
        one = kind & ~_VECTOR
        if one == _VARIANT:
            one, at = int.from_bytes(data[at : at + 4], "little"), at + 4
        text, size = _value(data, at, one, charset)
        if not size:
            return
        yield text
        at += size


def _value(data: bytes, at: int, kind: int, charset: str) -> tuple[str, int]:
    """The words of one value, and its length in bytes, 0 where that is not known."""
    if at + 4 > len(data):
        return "", 0
    length = struct.unpack_from("<L", data, at)[0]
    if kind in (_NARROW, _BSTR):
        text = data[at + 4 : at + 4 + length].decode(charset, "replace")
        padding = -length % 4 if charset.startswith("utf") else 0
        return text.partition("\0")[0].strip(), 4 + length + padding
    if kind == _WIDE:
        text = data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")
        return text.strip("\0 "), 4 + 2 * length + -2 * length % 4
    if kind == _BLOB:  # links of the document: strings of two bytes a character
        text = data[at + 4 : at + 4 + length].decode("utf-16-le", "replace")
        return "".join(c if c.isprintable() else " " for c in text).strip(), 4 + length
    return "", {_SHORT: 4, 3: 4, 11: 4, 5: 8, 64: 8}.get(kind, 0)
