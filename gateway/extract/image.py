"""Pictures: their words and their codes, where the extra "ocr" is installed.

Without it, a scan, a photograph or a screenshot is told as unread, since it may show anything. Only
what is too small to hold words is let go: the logos and rules of signatures.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from gateway.extract import barcode, ocr, picture
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.kind import signed
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_LOGO_SIDE = 100  # pixels, both sides; a line of text would have some ten letters
_RULE_SIDE = 8  # pixels, one side: no letter is so low
_LOGO_BYTES = 5 * 1024
_LOGO_PIXELS = 200_000  # of a file so small; a page of one bit a pixel may be as short
_GUESSED = 40  # letters that the engine guessed: handwriting, or a photograph of leaves


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    sides = size(part.data)
    if signed(part.data) == "image" and _says_nothing(sides):  # libmagic takes noise for pictures
        return
    if ocr.engine() is None or not limits.pictures:
        if len(part.data) >= _LOGO_BYTES or sides[0] * sides[1] > _LOGO_PIXELS:
            yield Problem(Trouble.NO_TEXT, place, "a picture, whose words were not read")
        return
    try:
        yield from _whole(part, part.data, limits)
    except picture.TooBig:
        yield Problem(Trouble.TOO_BIG, place, "a picture too large to be read")
    except picture.Cut:
        yield Problem(Trouble.CUT, place, "a picture cut short, read as far as it goes")
        yield from _whole(part, picture.ended(part.data), limits)


def _whole(part: Part, data: bytes, limits: Limits) -> Iterator[Text | Part | Problem]:
    shown = picture.opened(data)
    if shown is None:
        place = Place(part.path)
        yield Problem(Trouble.NO_TEXT, place, "a picture of a kind whose words are not read")
        return
    yield from _read(part, picture.grey(shown), limits)
    yield from _further(part, shown)


def _further(part: Part, shown: Picture) -> Iterator[Part | Problem]:
    """The pages of a fax after its first."""
    budget = picture.MOST_PIXELS
    for number, frame in enumerate(picture.frames(shown), 2):
        budget -= shown.width * shown.height
        if budget < 0:
            yield Problem(Trouble.TOO_MANY, Place(part.path), "too many pictures in one file")
            return
        yield Part(f"{part.path}!({number})", picture.png(picture.grey(frame)))


def _says_nothing(sides: tuple[int, int]) -> bool:
    return max(sides) <= _LOGO_SIDE or min(sides) <= _RULE_SIDE


def _read(part: Part, grey: Picture, limits: Limits) -> Iterator[Text | Problem]:
    if limits.pictures < 0:
        yield Problem(Trouble.TIMED_OUT, Place(part.path), "no time was left for a picture's words")
        return
    if not barcode.INSTALLED:
        yield Problem(Trouble.NO_TEXT, Place(part.path), "a picture, whose codes were not read")
    else:
        for number, code in enumerate(barcode.read(grey), 1):
            yield Text(Place(part.path, f"code {number}"), code, Medium.DOCUMENT)
    words = ocr.read(grey, limits.pictures)
    if words.sure:
        yield Text(Place(part.path), words.text, Medium.PICTURE)
    if words.late:
        yield Problem(
            Trouble.TIMED_OUT, Place(part.path), "a picture's words took too long to read"
        )
    elif not words.well and words.all - words.sure >= _GUESSED:
        yield Problem(Trouble.NO_TEXT, Place(part.path), "a picture whose words are hard to read")


def size(data: bytes) -> tuple[int, int]:
    """Width and height in pixels as the header says; unknown formats are taken for huge."""
    if data.startswith(b"\x89PNG") and len(data) >= 24:
        return struct.unpack_from(">2L", data, 16)
    if data.startswith(b"GIF8") and len(data) >= 10:
        return struct.unpack_from("<2H", data, 6)
    if data.startswith(b"BM") and len(data) >= 26:
        width, height = struct.unpack_from("<2l", data, 18)
        return abs(width), abs(height)
    if data.startswith(b"\xff\xd8"):
        return _jpeg(data)
    return 1 << 16, 1 << 16


def _jpeg(data: bytes) -> tuple[int, int]:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack_from(">2H", data, at + 5)
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 1 << 16, 1 << 16


EXTRACTOR = Extractor(("image",), extract)
