"""A picture's pixels, in grey and within bounds, ready for the readers of words and codes.

Pillow decodes, from a short list of formats. The header is asked first for the size: what would
take too much memory is refused before a pixel is decoded, and a large JPEG is decoded small.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from io import BytesIO
from typing import TYPE_CHECKING

with suppress(ImportError):  # without the extra "ocr", nothing here is called
    from PIL import (
        AvifImagePlugin,
        Image,
        ImageChops,
        ImageFilter,
        ImageOps,
        UnidentifiedImageError,
    )

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

FORMATS = ("PNG", "JPEG", "TIFF", "GIF", "WEBP", "BMP", "ICO", "AVIF", "PPM", "JPEG2000")
_MOST_BYTES = (
    256 * 1024 * 1024
)  # of pixels as decoded: 64 million in colour, A0 at 300 dpi in one bit
MOST_PIXELS = 200_000_000  # of all pages of one file: more would not be read in time
_ENOUGH = 9_000_000  # pixels: A4 at 300 dpi; more costs time and shows no further letter
_FEW = 2_600_000  # pixels: A4 at 160 dpi, a screen; letters gain by being twice as large
_LARGER = 2  # times
_MOST_STRETCHED = 3  # a fax has 204 dots to the inch across, and 98 or 196 lines
_UNEVEN = 60  # grey values between the paper where it is lightest and darkest
_COARSE = 16  # pixels: larger than the strokes of letters
_FLAT = 16  # grey values from the darkest to the lightest: nothing to see
_JPEGS = ("JPEG", "MPO")  # of a telephone that adds a preview, or the depth of what it sees
_END_OF_JPEG = b"\xff\xd9"
_BYTES_OF = {"1": 1, "L": 1, "P": 1}  # a pixel in Pillow's memory, by mode; the others take four


class TooBig(Exception):
    """It would take too much memory. Says nothing of the picture."""


class Cut(Exception):
    """The file ends before the picture does. Says nothing of it."""


def warm() -> None:
    """Pillow loads its formats at the first picture otherwise, which no worker can."""
    Image.init()
    AvifImagePlugin.DEFAULT_MAX_THREADS = 1  # no worker may start a thread


def opened(data: bytes) -> Picture | None:
    """Its header read, no pixel as yet; None for what Pillow does not know. Raises at will."""
    with _bounded():
        try:
            return Image.open(BytesIO(data), formats=FORMATS)
        except UnidentifiedImageError:
            return None


def ended(data: bytes) -> bytes:
    """A JPEG with the end that it lacks: its decoder then gives every line that is there, and
    leaves the others grey."""
    return data + _END_OF_JPEG


@contextmanager
def _bounded() -> Iterator[None]:
    """Pillow looks at the size of every frame, and refuses those that would fill the memory."""
    try:
        yield
    except Image.DecompressionBombError:
        raise TooBig from None


def grey(picture: Picture) -> Picture:
    """The current frame in grey on white, the way up that its camera says, of a useful size."""
    width, height = picture.size
    if picture.format in _JPEGS and width * height > 4 * _ENOUGH:
        picture.draft("L", (width // 2, height // 2))  # decoded at a half, a quarter or an eighth
        width, height = picture.size
    if width * height * _BYTES_OF.get(picture.mode, 4) > _MOST_BYTES:
        raise TooBig
    _load(picture)
    across, down = map(float, picture.info.get("dpi", (1, 1)))
    shown = ImageOps.exif_transpose(_on_white(picture))
    if across > down > 0 and across / down < _MOST_STRETCHED:  # a fax of half the lines
        shown = shown.resize((shown.width, round(shown.height * across / down)))
    return flattened(ImageOps.autocontrast(_sized(shown)))


def png(grey: Picture) -> bytes:
    """For a part of its own."""
    out = BytesIO()
    grey.save(out, "PNG", compress_level=1)
    return out.getvalue()


def flattened(grey: Picture) -> Picture:
    """Without the shadow of whoever photographed the page: ink on even paper."""
    if min(grey.size) < 4 * _COARSE:
        return grey
    paper = grey.reduce(_COARSE).filter(ImageFilter.MaxFilter(3)).filter(ImageFilter.BoxBlur(2))
    darkest, lightest = _middle(paper.histogram())
    if lightest - darkest < _UNEVEN:
        return grey
    ink = ImageChops.subtract(paper.resize(grey.size, Image.Resampling.BILINEAR), grey)
    return ImageOps.autocontrast(ImageOps.invert(ink), cutoff=(0.1, 0))


def frames(picture: Picture) -> Iterator[Picture]:
    """The second and further pages of a fax, or pictures of an animation."""
    number = 1
    while True:
        try:
            with _bounded():
                picture.seek(number)
        except EOFError:
            return
        yield picture
        number += 1


def _load(picture: Picture) -> None:
    """Cut, of a JPEG alone: its decoder minds hardly anything but an end that comes too soon."""
    try:
        with _bounded():
            picture.load()
    except OSError:
        if picture.format in _JPEGS:
            raise Cut from None
        raise


def _on_white(picture: Picture) -> Picture:
    if not picture.has_transparency_data:
        return picture.convert("L")
    drawn = picture.convert("LA")
    ink, mask = drawn.getchannel("L"), drawn.getchannel("A")
    shown = Image.composite(ink, Image.new("L", ink.size, 255), mask)
    if _is_flat(shown):  # white letters on nothing
        shown = Image.composite(ink, Image.new("L", ink.size, 0), mask)
    return shown


def _middle(histogram: list[int]) -> tuple[int, int]:
    """The grey values between which four fifths of it lie."""
    tenth, seen = sum(histogram) // 10, 0
    found: list[int] = []
    for value, count in enumerate(histogram):
        seen += count
        while len(found) < 2 and seen > tenth * (1, 9)[len(found)]:
            found.append(value)
    return found[0], found[-1]


def _is_flat(picture: Picture) -> bool:
    seen = [value for value, count in enumerate(picture.histogram()) if count]
    return seen[-1] - seen[0] < _FLAT


def _sized(picture: Picture) -> Picture:
    width, height = picture.size
    pixels = width * height
    if pixels > _ENOUGH:
        scale = (_ENOUGH / pixels) ** 0.5
        smaller = max(1, int(width * scale)), max(1, int(height * scale))
        return picture.resize(smaller, Image.Resampling.BOX)
    if pixels < _FEW:
        larger = width * _LARGER, height * _LARGER
        return picture.resize(larger, Image.Resampling.BICUBIC)
    return picture
