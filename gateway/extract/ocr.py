"""Reading the words of a picture: Tesseract's engine, in this process and from memory.

The engine and the French data are loaded once, before the wall is up; every worker inherits them.
The first reading is of the picture as it stands; what it does not read surely is tried upside down,
sideways, and as words scattered about. Lines with long numbers are read more than once.

Not here: handwriting, languages other than French (its letters serve for most of Latin script),
and columns (a line is read across the page, which is what a table wants).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

try:
    import tesserocr
    from PIL import Image, ImageChops, ImageFilter, ImageOps
except ImportError:  # the extra "ocr" is not installed: pictures are told as unread
    tesserocr = None

from gateway.extract import picture, reread, upright

if TYPE_CHECKING:
    from PIL.Image import Image as Picture

INSTALLED = tesserocr is not None  # the library; its data is another matter
# Where Debian keeps the data of its releases; nothing else is looked at.
DATA = ("/usr/share/tesseract-ocr/5/tessdata/", "/usr/share/tesseract-ocr/4.00/tessdata/")
FRENCH = "fra.traineddata"
_SURE = 60  # per cent: a word below is rather guessed
_WELL = 0.7  # of the letters sure: no other way of looking will read more
_WORDS = 4  # sure letters; fewer are specks
_MOST_SPECKS = 30_000  # a page of six thousand letters has some 18,000
_SMALLEST = 60  # pixels of a side


@dataclass(frozen=True, slots=True)
class Words:
    """What one look at a picture gave.

    sure, all: letters and figures of the words that the engine is sure of, and of all words.
    late: the time was over before the end.
    """

    text: str
    sure: int = 0
    all: int = 0
    late: bool = False

    @property
    def well(self) -> bool:
        return self.sure >= _WORDS and self.sure >= _WELL * self.all


_sure = attrgetter("sure")


@cache
def engine() -> Any | None:
    """The engine with its data, or None where either is not installed."""
    if not INSTALLED:
        return None
    for folder in DATA:
        try:
            found = tesserocr.PyTessBaseAPI(path=folder, lang="fra", oem=tesserocr.OEM.LSTM_ONLY)
        except RuntimeError:  # no data there
            continue
        picture.warm()
        return found
    return None


def read(page: Picture, seconds: float) -> Words:
    """The words of a picture in grey. seconds: for all the looks together."""
    level = upright.turned(page)
    found = _look(level, seconds / 2)
    if found.well:
        return found
    for way in (Image.Transpose.ROTATE_180, Image.Transpose.ROTATE_90, Image.Transpose.ROTATE_270):
        other = level.transpose(way)
        if _look(upright.band(other), seconds / 16, whole=False).well:
            found = max(found, _look(other, seconds / 4), key=_sure)
            break
    if not found.well and found.sure:
        found = max(found, _look(level, seconds / 16, scattered=True), key=_sure)
    return found


def _look(page: Picture, seconds: float, *, scattered: bool = False, whole: bool = True) -> Words:
    """whole: what is read is to be kept, and not a piece that shows how the page lies."""
    reader = engine()
    assert reader, "nobody asks without an engine"
    psm = tesserocr.PSM.SPARSE_TEXT if scattered else tesserocr.PSM.SINGLE_BLOCK
    reader.SetPageSegMode(psm)
    shown = _shown(reader, page)
    if shown is None:
        return Words("")
    if not reader.Recognize(max(1, round(seconds * 1000))):
        return Words("", late=True)  # asked for the words of half a page, the engine may crash
    sure = everything = 0
    for line in reader.GetTSVText(0).splitlines():  # a word a line; its confidence and itself last
        *_, confidence, word = line.split("\t")
        letters = sum(map(str.isalnum, word))
        everything += letters
        sure += letters if float(confidence) >= _SURE else 0
    text = reader.GetUTF8Text()
    if whole and sure >= _WORDS:
        text = reread.with_others(reader, shown, text)
    return Words(text, sure, everything)


def _shown(reader: Any, page: Picture) -> Picture | None:
    """Put a page before the engine, the grain of its paper smoothed away; None: nothing but grain.

    The engine's search for lines takes many seconds on a hundred thousand specks.
    """
    reader.SetImage(page)
    if _specks(reader) <= _MOST_SPECKS:
        return page
    page = page.filter(ImageFilter.GaussianBlur(1))
    reader.SetImage(page)
    while _specks(reader) > _MOST_SPECKS:
        page = page.reduce(2)
        if min(page.size) < _SMALLEST:
            return None
        reader.SetImage(page)
    return page


def _specks(reader: Any) -> int:
    """Dark points of what the engine takes for ink with nothing dark above or left of them: there
    are some three to a letter, and one to a speck."""
    ink = ImageOps.invert(reader.GetThresholdedImage().convert("L"))
    covered = ImageChops.offset(ink, 1, 0)
    for right in (-1, 0, 1):
        covered = ImageChops.lighter(covered, ImageChops.offset(ink, right, 1))
    corners = ImageChops.subtract(ink, covered)
    return corners.histogram()[255]
