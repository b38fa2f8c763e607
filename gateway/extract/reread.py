"""Lines with long numbers, read again: what the engine makes of a digit is partly chance.

It reads a line of words by their likelihood, and a line of figures has none: a "3" is a "2" at one
size and right at another. So each line that may hold an account or a social-security number is cut
out and read three more times: without its grain, at half its size, and blurred. What comes out
differently is put below the line; which of the readings is right, check digits tell elsewhere.

Lines without long numbers are never read again, and of a page full of figures the first alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, Any

with suppress(ImportError):  # without the extra "ocr", nothing here is called
    import tesserocr
    from PIL import Image, ImageFilter

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_MOST = 12  # lines of a page: forms have three or four, and each costs a fifth of a second
_SECONDS = 1.0  # for one reading of one line, which takes 0.06
# As long as an account without its bank, whatever the engine made of some of its digits.
_LONG = re.compile(r"[0-9OIlSBZG](?:[ .\-/|:]{0,3}[0-9A-Z]){12}", re.ASCII)
_FEWEST = 9  # digits
_NO_DIGIT = re.compile(r"[^0-9]+", re.ASCII)


def with_others(reader: Any, page: Picture, text: str) -> str:
    """The text of a page that the engine has just read, the other readings of its lines in it."""
    for line, box in list(_lines(reader)):
        seen = {line}
        around = _cut(page, box)
        for way in (_smooth, _half, _soft):
            read = _read(reader, way(around))
            if read and read not in seen:
                seen.add(read)
        if others := sorted(seen - {line}):
            text = text.replace(line, "\n".join((line, *others)), 1)
    return text


def _lines(reader: Any) -> Iterator[tuple[str, tuple[int, int, int, int]]]:
    """The first lines with long numbers, and where they stand."""
    found, level = reader.GetIterator(), tesserocr.RIL.TEXTLINE
    many = 0
    while found and many < _MOST:
        line = _text(found, level)
        box = found.BoundingBox(level)
        if box and _LONG.search(line) and len(_NO_DIGIT.sub("", line)) >= _FEWEST:
            many += 1
            yield line, box
        if not found.Next(level):
            return


def _text(found: Any, level: int) -> str:
    """Nothing for a line without a letter, which the engine refuses to give."""
    try:
        text: str = found.GetUTF8Text(level)
    except RuntimeError:
        return ""
    return text.strip()


def _cut(page: Picture, box: tuple[int, int, int, int]) -> Picture:
    """A line with white around it, and no other line."""
    left, top, right, bottom = box
    high = bottom - top
    return page.crop(
        (
            max(0, left - high),
            max(0, top - high // 3),
            min(page.width, right + high),
            min(page.height, bottom + high // 3),
        )
    )


def _smooth(line: Picture) -> Picture:
    return line.filter(ImageFilter.MedianFilter(3))


def _half(line: Picture) -> Picture:
    return _sized(line, 0.5)


def _soft(line: Picture) -> Picture:
    return _sized(line.filter(ImageFilter.GaussianBlur(0.8)), 0.7)


def _sized(line: Picture, scale: float) -> Picture:
    size = max(1, round(line.width * scale)), max(1, round(line.height * scale))
    return line.resize(size, Image.Resampling.BICUBIC)


def _read(reader: Any, line: Picture) -> str:
    reader.SetPageSegMode(tesserocr.PSM.SINGLE_LINE)
    reader.SetImage(line)
    if not reader.Recognize(round(_SECONDS * 1000)):
        return ""
    text: str = reader.GetUTF8Text()
    return text.strip()
