"""How a page lies: which of its sides its lines follow, and how far they lean.

Lines of words make light and dark bands. The page is turned, very small, by a few degrees either
way, and the angle at which the bands are sharpest is its own (projection profiles; Postl, 1986).
Not here: upside down, which only reading can tell.
"""

from __future__ import annotations

from contextlib import suppress
from itertools import pairwise
from typing import TYPE_CHECKING, Any

with suppress(ImportError):  # without the extra "ocr", nothing here is called
    from PIL import Image, ImageChops, ImageFilter

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

_SIDE = 800  # pixels of the longer side: lines of words are still apart
_LEAN = 6.0  # degrees, either way
_COARSE, _FINE = 1.0, 0.25  # degrees from one trial to the next
_STRAIGHT = 0.3  # degrees: less does not trouble the reader
_BANDS, _BAND = 20, 4  # strips of a page, and how many make a band
_LOW = 1_000  # pixels: a fifth of less may hold no whole line
_CLEARLY = 1.2  # times sharper the other way: its lines run there


def turned(grey: Picture) -> Picture:
    """With its lines level."""
    angle = _angle(_strokes(grey))
    if abs(angle) <= _STRAIGHT:
        return grey
    if angle >= 45:
        grey, angle = grey.transpose(Image.Transpose.ROTATE_90), angle - 90
        if abs(angle) <= _STRAIGHT:
            return grey
    return grey.rotate(angle, Image.Resampling.BILINEAR, expand=True, fillcolor=255)


def band(grey: Picture) -> Picture:
    """The fifth of a page with most words in it: enough to see whether it stands on its feet."""
    if grey.height <= _LOW:
        return grey
    rows = _rows(_strokes(grey).convert("F"), _BANDS)
    top = max(range(_BANDS - _BAND + 1), key=lambda row: sum(rows[row : row + _BAND]))
    height = grey.height / _BANDS
    return grey.crop((0, round(top * height), grey.width, round((top + _BAND) * height)))


def _strokes(grey: Picture) -> Picture:
    """What is darker than its surroundings, light on black, very small: shadows and paper go."""
    small = grey.copy()
    small.thumbnail((_SIDE, _SIDE), Image.Resampling.BOX)
    around = small.filter(ImageFilter.BoxBlur(8))
    return ImageChops.subtract(around, small)


def _angle(strokes: Picture) -> float:
    """By which to turn it, counter-clockwise."""
    level, aside = strokes.convert("F"), strokes.transpose(Image.Transpose.ROTATE_90).convert("F")
    coarse = [step * _COARSE for step in range(-int(_LEAN), int(_LEAN) + 1)]
    here, there = _sharpest(level, coarse), _sharpest(aside, coarse)
    base, image, (_, best) = (
        (90, aside, there) if there[0] > _CLEARLY * here[0] else (0, level, here)
    )
    steps = round(_COARSE / _FINE)
    _, best = _sharpest(image, [best + step * _FINE for step in range(-steps, steps + 1)])
    return base + best


def _sharpest(image: Picture, angles: list[float]) -> tuple[float, float]:
    return max((_sharpness(image.rotate(angle)), -abs(angle), angle)[::2] for angle in angles)


def _sharpness(image: Picture) -> float:
    """How much one row of pixels differs from the next, whatever the shape: chance makes the means
    of many short rows differ more than those of a few long ones."""
    rows = _rows(image, image.height)
    return sum((one - other) ** 2 for one, other in pairwise(rows)) * image.width / image.height


def _rows(image: Picture, number: int) -> list[float]:
    """The mean of each row, or of each of so many strips."""
    means: Any = image.resize((1, number), Image.Resampling.BOX).get_flattened_data()
    return list(means)
