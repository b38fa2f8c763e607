"""As much of BER (ITU-T X.690) as LDAP messages need: tags of one byte, definite lengths.

LDAP forbids the rest of it (RFC 4511, 5.1). Nothing here allocates by a length that was only
announced: `size_of` says how much a message has, for the reader to refuse.
"""

from __future__ import annotations

from dataclasses import dataclass

INTEGER, OCTETS, ENUMERATED, SEQUENCE, SET, BOOLEAN = 0x02, 0x04, 0x0A, 0x30, 0x31, 0x01
_CONSTRUCTED = 0x20
_LONGEST_LENGTH = 4  # bytes


class Malformed(ValueError):
    """Not BER as LDAP wants it."""


@dataclass(frozen=True, slots=True)
class Element:
    tag: int
    content: bytes

    @property
    def inner(self) -> tuple[Element, ...]:
        """What a constructed one holds."""
        if not self.tag & _CONSTRUCTED:
            raise Malformed
        found, at = [], 0
        while at < len(self.content):
            element, at = read(self.content, at)
            found.append(element)
        return tuple(found)

    @property
    def number(self) -> int:
        return int.from_bytes(self.content, "big", signed=True)


def element(tag: int, *contents: bytes) -> bytes:
    content = b"".join(contents)
    if len(content) < 0x80:
        return bytes((tag, len(content))) + content
    length = len(content).to_bytes((len(content).bit_length() + 7) // 8, "big")
    return bytes((tag, 0x80 | len(length))) + length + content


def integer(value: int, tag: int = INTEGER) -> bytes:
    return element(tag, value.to_bytes(value.bit_length() // 8 + 1, "big", signed=True))


def octets(value: bytes | str, tag: int = OCTETS) -> bytes:
    return element(tag, value.encode() if isinstance(value, str) else value)


def read(data: bytes, at: int = 0) -> tuple[Element, int]:
    """The element at a place, and where it ends."""
    header, length = size_of(data[at : at + 2 + _LONGEST_LENGTH])
    end = at + header + length
    if end > len(data):
        raise Malformed
    return Element(data[at], data[at + header : end]), end


def size_of(head: bytes) -> tuple[int, int]:
    """Bytes of an element's tag and length, and of its content; from its first six bytes, or all
    it has."""
    if len(head) < 2:
        raise Malformed
    if head[1] < 0x80:
        return 2, head[1]
    count = head[1] & 0x7F
    if not 1 <= count <= _LONGEST_LENGTH or len(head) < 2 + count:
        raise Malformed
    return 2 + count, int.from_bytes(head[2 : 2 + count], "big")
