"""Drawings of Windows: words drawn as text, pictures within, damage."""

import struct

import pytest

from gateway import inspection
from gateway.model import Limits, Trouble

NIR = "2 79 03 51 999 151 89"


def emf(*records: bytes, end: bool = True) -> bytes:
    head = struct.pack("<2L32s4s44x", 1, 88, b"", b" EMF")
    return head + b"".join(records) + (struct.pack("<2L12x", 14, 20) if end else b"")


def emf_text(text: str, down: int = 5) -> bytes:
    data = text.encode("utf-16-le")
    data += bytes(-len(data) % 4)
    head = struct.pack("<2L28xLLLL", 84, 52 + len(data), 0, down, len(text), 52)
    return head + data


def wmf(*records: bytes) -> bytes:
    return b"\1\0\t\0\0\3" + bytes(12) + b"".join(records) + struct.pack("<LH", 3, 0)


def wmf_text(text: str) -> bytes:
    data = text.encode("cp1252")
    data += bytes(len(data) % 2)
    return struct.pack("<LH4H", 7 + len(data) // 2, 0x0A32, 3, 4, len(text), 0) + data


def extracted(data):
    return list(inspection.extracts("", data, Limits(pictures=0)))


@pytest.mark.parametrize(
    "data",
    [
        emf(emf_text(NIR)),
        emf(*map(emf_text, NIR)),
        emf(
            struct.pack("<2L4xLLL", 108, 36 + 44, 5, len(NIR), 0x100)
            + bytes(12)
            + NIR.encode("utf-16-le").ljust(44, b"\0")
        ),
        emf(struct.pack("<2L", 70, 8 + 44) + NIR.encode("utf-16-le").ljust(44, b"\0")),
        wmf(wmf_text(NIR)),
        b"\xd7\xcd\xc6\x9a" + bytes(18) + wmf(wmf_text(NIR)),
        wmf(
            struct.pack("<LHH", 4 + 11 + 2, 0x0521, len(NIR))
            + NIR.encode().ljust(22, b"\0")
            + bytes(4)
        ),
    ],
)
def test_words_of_a_drawing_are_read(data):
    [part] = extracted(data)
    assert NIR.replace(" ", "") in part.text.replace(" ", "")
    assert (part.kind, part.problems) == ("metafile", ())


def test_a_picture_within_a_drawing_is_a_part():
    bits = bytes(60 * 60 * 3)
    header = struct.pack("<LllHHL16x", 40, 60, 60, 1, 24, 0)
    record = struct.pack("<2L40x4L16x", 81, 80 + 40 + len(bits), 80, 40, 120, len(bits))
    parts = extracted(emf(record + header + bits))
    assert [part.kind for part in parts] == ["metafile", "image"]


@pytest.mark.parametrize(
    "data", [emf(emf_text(NIR), end=False), emf(struct.pack("<2L", 84, 4)), wmf()[:-6]]
)
def test_a_drawing_without_its_end_is_told(data):
    assert {problem.kind for problem in extracted(data)[0].problems} == {Trouble.DAMAGED}
