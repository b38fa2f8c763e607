"""DER, as much of it as is written here (X.690): elements out of elements.

Reading is asn1crypto's; what we write is a handful of structures, of up to 25 MB, whose every byte
is ours to choose.
"""

from __future__ import annotations

INTEGER, BITS, OCTETS, OID, SEQUENCE = 0x02, 0x03, 0x04, 0x06, 0x30
CONSTRUCTED = 0xA0  # context-specific; its number is added
PRIMITIVE = 0x80
NULL = b"\5\0"


def element(tag: int, content: bytes) -> bytes:
    length = len(content)
    if length < 0x80:
        return bytes((tag, length)) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return b"".join((bytes((tag, 0x80 | len(size))), size, content))


def sequence(*elements: bytes) -> bytes:
    return element(SEQUENCE, b"".join(elements))


def set_of(*elements: bytes) -> bytes:
    return element(0x31, b"".join(sorted(elements)))


def explicit(number: int, content: bytes) -> bytes:
    return element(CONSTRUCTED | number, content)


def integer(value: int) -> bytes:
    """Not negative."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def octets(content: bytes) -> bytes:
    return element(OCTETS, content)


def bits(content: bytes) -> bytes:
    """Whole bytes."""
    return element(BITS, b"\0" + content)


def oid(dotted: str) -> bytes:
    first, second, *rest = (int(number) for number in dotted.split("."))
    out = bytearray()
    for number in (first * 40 + second, *rest):
        digits = [number & 0x7F]
        while number := number >> 7:
            digits.append(0x80 | number & 0x7F)
        out += bytes(reversed(digits))
    return element(OID, bytes(out))


def algorithm(dotted: str, parameters: bytes = b"") -> bytes:
    """AlgorithmIdentifier. parameters: b"" where there must be none."""
    return sequence(oid(dotted), parameters)
