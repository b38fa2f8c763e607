"""The pages of a PDF: their text, and those of their pictures that may hold words.

PDFium gives all text of a page, shown or not: white, tiny, beyond the edge, on a hidden layer.
What annotations and fields show is first painted onto the page. A page that is a picture, or whose
text means nothing (letters without a code), is drawn and handed on to be read like a scan; so is a
picture of some size beside text. Not here: a full page's picture under much text, since that is a
scan whose words the scanner has read; text whose letters have the codes of other letters.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Generator, Iterator
from unicodedata import category

import pypdfium2
from pypdfium2 import raw

from gateway.extract import ocr, pdf_codes, pdf_layout, picture
from gateway.model import Medium, Part, Place, Problem, Text, Trouble

Box = tuple[float, float, float, float]  # left, bottom, right, top; points from the lower left

_THIN = 20  # characters; a page with fewer and a picture is rather a scan
_SHORT = (
    200  # characters; a page with fewer whose picture takes a quarter of it is a scan with notes
)
_QUARTER = 0.25
_SOME_SIZE = 0.03  # of a page: half a health card, larger than the logo of a letter
_TILES = 0.10  # of a page, by pieces each of which is smaller
_ALL_OF_IT = 0.80
_WITHIN = 30  # forms within forms; PDFium follows some forty
_MANY = 6  # pictures of a page that are drawn one by one; more are drawn together
_OBJECTS = 2_000  # pictures of a page that are looked at; with more, all of it is
_DRAWN = 20_000  # things on all pages together: pdfminer takes a second for as many
_NONSENSE = 0.3  # of the characters, without a meaning: no reader can copy such a text
_HYPHEN = re.compile(r"[\x02\ufffe]\n?")
_KEEPS = (  # its hyphen, wherever its line ends: "sage-femme", "pouvez-vous"
    "aide|après|arrière|avant|auto|beau|belle|celle|celui|centre|chef|compte|contre|demi|ex|garde"
    "|grand|grands|grande|mi|non|peut|petit|petite|petits|porte|quasi|rendez|sage|semi|socio|sous"
    "|tiers|vice|week"
)
_KEEPS_BEHIND = "ce|ci|elles?|en|ils?|je|la|là|les?|leur|lui|mêmes?|moi|nous|on|toi|tu|vous|y"
_GOES_ON = re.compile(
    rf"(?<![^\W_])(?!(?:{_KEEPS})[\x02\ufffe])((?:[^\W_]*[a-zà-ÿ])){_HYPHEN.pattern}"
    rf"(?!(?:{_KEEPS_BEHIND})\b)(?=[a-zà-ÿ])"
)
_SIGN = re.compile(rf"(?<=\b\w){_HYPHEN.pattern}|(?<=\b\w\w){_HYPHEN.pattern}")
_PICTURES = (raw.FPDF_PAGEOBJ_IMAGE,)
_CURVES = (raw.FPDF_PAGEOBJ_PATH, raw.FPDF_PAGEOBJ_SHADING)
_DPI = 250  # as drawn: small print is still read, and a page takes less than a second
_LARGEST_PAGE = 12_000_000  # pixels as drawn


def read(
    part: Part, document: pypdfium2.PdfDocument
) -> Generator[Text | Part | Problem, None, bool]:
    """Returns whether that is all that may be asked: some page has text, or none has anything, or
    there is too much on them for a slower reader."""
    seen: set[bytes] = set()
    budget = picture.MOST_PIXELS
    scans = drawn = 0
    for index in range(len(document)):
        place = Place(part.path, f"page {index + 1}")
        try:
            page = _painted(document, index)
            drawn += raw.FPDFPage_CountObjects(page)
            text, lines = _text(page)
            boxes = list(_boxes(page, text))
        except pypdfium2.PdfiumError:
            yield Problem(Trouble.DAMAGED, place, "a page is damaged")
            continue
        scans += boxes == [_whole(page)]
        if text.strip():
            yield Text(place, text, Medium.DOCUMENT)
            if lines:
                yield Text(Place(part.path, f"{place.inside}, lines"), lines, Medium.DOCUMENT)
            yield from _codes(place, page)
        if boxes and ocr.engine() is None:
            yield from _unread(place, page, boxes)
        elif budget > 0:
            for box in boxes:
                data, pixels = _drawn(page, box)
                budget -= pixels
                digest = hashlib.sha256(data).digest()
                if digest not in seen:
                    seen.add(digest)
                    yield Part(f"{part.path}!page {index + 1}", data)
        elif boxes:
            yield Problem(Trouble.TOO_MANY, place, "a page without text, one of too many")
        page.close()
    return scans < len(document) or not len(document) or drawn > _DRAWN


def _codes(place: Place, page: pypdfium2.PdfPage) -> Iterator[Text]:
    if codes := list(pdf_codes.read(page)):
        yield Text(Place(place.part, f"{place.inside}, codes"), "\n".join(codes), Medium.DOCUMENT)


def _unread(place: Place, page: pypdfium2.PdfPage, boxes: list[Box]) -> Iterator[Problem]:
    """Without an engine, pictures beside text are let go: logos, signatures."""
    if boxes == [_whole(page)]:
        yield Problem(Trouble.NO_TEXT, place, "a page without text, whose picture was not read")


def _painted(document: pypdfium2.PdfDocument, index: int) -> pypdfium2.PdfPage:
    """With what its annotations and fields show."""
    page = document[index]
    if raw.FPDFPage_GetAnnotCount(page) > 0:
        raw.FPDFPage_Flatten(page, raw.FLAT_NORMALDISPLAY)
        page.close()
        page = document[index]
    return page


def _text(page: pypdfium2.PdfPage) -> tuple[str, str]:
    """As it comes, and as it is seen where that is another thing."""
    text_page = page.get_textpage()
    text = _joined(text_page.get_text_range())
    lines = _joined(pdf_layout.laid_out(text_page, text))
    text_page.close()
    return text, lines


def _joined(text: str) -> str:
    """PDFium puts a mark for a hyphen and the end of its line: the word goes on. In "Jean-Luc" and
    "sage-femme" it is part of the word; behind one letter or two, as in "O-", nothing goes on."""
    text = _GOES_ON.sub(r"\1", text.replace("\r\n", "\n"))
    return _HYPHEN.sub("-", _SIGN.sub("-\n", text))


def _boxes(page: pypdfium2.PdfPage, text: str) -> Iterator[Box]:
    """The pieces of a page that are pictures with perhaps words in them; [the whole] for a scan."""
    length = len(text.strip())
    if length and _is_nonsense(text):
        yield _whole(page)
        return
    if length < _THIN:
        drawn = _PICTURES if length else (*_PICTURES, *_CURVES)
        if next(iter(page.get_objects(filter=drawn, max_depth=_WITHIN)), None) is not None:
            yield _whole(page)
        return
    found = list(page.get_objects(filter=_PICTURES, max_depth=_WITHIN))
    if len(found) > _OBJECTS:  # or what lies beyond those looked at would go unseen
        yield _whole(page)
        return
    shares = [(_share(page, box), box) for box in _pictures(page, found)]
    large = [box for share, box in shares if share >= _SOME_SIZE]
    covered = sum(share for share, _ in shares)
    if length < _SHORT and covered >= _QUARTER:
        yield _whole(page)
    elif len(large) > _MANY or (not large and covered >= _TILES):
        yield _around([box for _, box in shares])
    else:
        yield from (box for share, box in shares if _SOME_SIZE <= share < _ALL_OF_IT)


def _is_nonsense(text: str) -> bool:
    letters = [letter for letter in text if not letter.isspace()]
    unknown = sum(
        letter == "\ufffd" or category(letter) in ("Cc", "Co", "Cn") for letter in letters
    )
    return unknown > _NONSENSE * len(letters)


def _pictures(page: pypdfium2.PdfPage, objects: list[pypdfium2.PdfObject]) -> Iterator[Box]:
    """Where they are, within the page. One within a form counts as the whole form."""
    left, bottom, right, top = _whole(page)
    for found in objects:
        while found.container is not None:
            found = found.container
        one = found.get_bounds()
        box = max(left, one[0]), max(bottom, one[1]), min(right, one[2]), min(top, one[3])
        if box[0] < box[2] and box[1] < box[3]:
            yield box


def _whole(page: pypdfium2.PdfPage) -> Box:
    box: Box = page.get_cropbox()
    return box


def _share(page: pypdfium2.PdfPage, box: Box) -> float:
    return _area(box) / max(1.0, _area(_whole(page)))


def _area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _around(boxes: list[Box]) -> Box:
    lefts, bottoms, rights, tops = zip(*boxes, strict=True)
    return min(lefts), min(bottoms), max(rights), max(tops)


def _drawn(page: pypdfium2.PdfPage, box: Box) -> tuple[bytes, int]:
    """A piece of a page as a PNG, and its size in pixels."""
    left, bottom, right, top = _whole(page)
    points = max(1.0, _area(box))
    scale = min(_DPI / 72, (_LARGEST_PAGE / points) ** 0.5)
    margins = box[0] - left, box[1] - bottom, right - box[2], top - box[3]
    bitmap = page.render(scale=scale, crop=_turned(margins, page.get_rotation()), grayscale=True)
    return picture.png(bitmap.to_pil()), bitmap.width * bitmap.height


def _turned(margins: Box, degrees: int) -> Box:
    """As the page is shown: left, bottom, right, top after so many degrees clockwise."""
    for _ in range(degrees // 90 % 4):
        left, bottom, right, top = margins
        margins = bottom, right, top, left
    return margins
