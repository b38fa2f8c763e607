"""ASN.1 in BER (X.690), as one walk over its elements: lengths definite or not, each byte once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

_CONSTRUCTED = 0x20
_DEEPEST = 64  # elements within elements; a signed message has some fifteen


class Broken(Exception):
    """The file ends within an element, or nests beyond reason."""


@dataclass(frozen=True, slots=True)
class Element:
    """tag: the first byte without the constructed bit; content is data[start:end] of a primitive
    one, and for a constructed one the elements that follow with a greater depth."""

    depth: int
    tag: int
    constructed: bool
    start: int
    end: int


def walk(data: bytes) -> Iterator[Element]:
    """The first element of the file and all within, cut where the file is. Raises Broken where it
    cannot go on, or at the end if something was cut."""
    cut = False
    ends: list[int | None] = []  # None: an end mark will tell
    at = 0
    while True:
        while ends and ends[-1] is not None and at >= ends[-1]:
            ends.pop()
        if at and not ends:
            break
        if data.startswith(b"\0\0", at) and ends and ends[-1] is None:
            ends.pop()
            at += 2
            continue
        tag, start, length = _header(data, at)
        end = len(data) if length is None else start + length
        cut, end = cut or end > len(data), min(end, len(data))
        constructed = bool(tag & _CONSTRUCTED)
        yield Element(len(ends), tag & ~_CONSTRUCTED, constructed, start, end)
        if len(ends) >= _DEEPEST or (length is None and not constructed):
            raise Broken
        at = start if constructed else end
        if constructed:
            ends.append(None if length is None else end)
    if cut:
        raise Broken


def _header(data: bytes, at: int) -> tuple[int, int, int | None]:
    """Tag, where the content starts, its length or None."""
    if at + 2 > len(data):
        raise Broken
    tag = data[at]
    at += 1
    if tag & 0x1F == 0x1F:  # a long tag, which CMS has none of
        while at < len(data) and data[at] & 0x80:
            at += 1
        at += 1
    if at >= len(data):
        raise Broken
    length = data[at]
    at += 1
    if length == 0x80:
        return tag, at, None
    if length & 0x80:
        size = length & 0x7F
        if size > 8 or at + size > len(data):
            raise Broken
        return tag, at + size, int.from_bytes(data[at : at + size], "big")
    return tag, at, length
