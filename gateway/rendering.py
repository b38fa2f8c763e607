"""A part of a held mail as pictures: the pages of a PDF, the frames of an image, each a small PNG.

Done by a sandbox worker alone. What comes out has pixels and nothing else: no name, no place, no
thumbnail of the original, no script, no link. Bounded in pixels, octets and time, since it is
meant for one look at a screen. Office documents are not laid out, and SVG is not drawn.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from time import monotonic

import pypdfium2
from PIL import Image, ImageOps

from gateway.extract import picture
from gateway.model import Part, Place, Problem, Trouble

MOST_PAGES = 4  # at a time; more are asked for
MOST_BYTES = 2 * 1024 * 1024  # of one PNG
MOST_SIDE = 1_600  # pixels: a screen; a page of A4 at 135 dpi
_DPI, _POINTS = 110, 72  # of a page of A4: print of 8 points is read without effort
_SECONDS = 15.0  # after which no further page is begun
_TIMES = 6  # that a picture is made smaller to fit; the fifth has a thousandth of its pixels
_COLOURS = 64
_SMALLER = 0.7
_MOST_PIXELS = 64_000_000  # of an image as decoded, 256 MB in colour


@dataclass(frozen=True, slots=True)
class Drawn:
    """total: how many pages there are, of which some are drawn. pngs: in order."""

    total: int = 0
    pngs: tuple[bytes, ...] = field(default=(), repr=False)
    problems: tuple[Problem, ...] = ()


def warm() -> None:
    """Pillow loads its formats at the first picture otherwise, which no worker can."""
    picture.warm()


def draw(part: Part, first: int) -> Drawn:
    """first: of the pages, from 0. Never raises for what the part holds."""
    try:
        drawn = _pages(part, first) if b"%PDF-" in part.data[:1024] else _frames(part, first)
    except (MemoryError, picture.TooBig):
        return _failed(part, Trouble.TOO_BIG, "too large to be drawn")
    except Exception:  # its text may quote the document
        return _failed(part, Trouble.DAMAGED, "it could not be drawn")
    return drawn


def _failed(part: Part, trouble: Trouble, detail: str) -> Drawn:
    return Drawn(problems=(Problem(trouble, Place(part.path), detail),))


def _pages(part: Part, first: int) -> Drawn:
    document = _opened(part)
    if document is None:
        return _failed(part, Trouble.ENCRYPTED, "the PDF asks for a password")
    total = len(document)
    return _each(part, total, range(first, min(total, first + MOST_PAGES)), _page_of(document))


def _opened(part: Part) -> pypdfium2.PdfDocument | None:
    """With one of the passwords that the mail gives, where it asks for one."""
    for password in (None, *part.passwords):
        try:
            return pypdfium2.PdfDocument(part.data, password=password)
        except pypdfium2.PdfiumError as error:
            if error.err_code != pypdfium2.raw.FPDF_ERR_PASSWORD:
                raise
    return None


def _page_of(document: pypdfium2.PdfDocument) -> Callable[[int], Image.Image]:
    def drawn(number: int) -> Image.Image:
        page = document[number]
        width, height = page.get_size()
        longest = max(width, height, 1.0)
        scale = min(_DPI / _POINTS, MOST_SIDE / longest)
        return page.render(scale=scale, draw_annots=True).to_pil()  # type: ignore[no-any-return]

    return drawn


def _frames(part: Part, first: int) -> Drawn:
    shown = picture.opened(part.data)
    if shown is None:
        return _failed(part, Trouble.UNSUPPORTED, "a picture of a kind that is not drawn")
    total = int(getattr(shown, "n_frames", 1))

    def drawn(number: int) -> Image.Image:
        shown.seek(number)
        if shown.width * shown.height > _MOST_PIXELS:
            raise picture.TooBig
        return ImageOps.exif_transpose(shown)

    return _each(part, total, range(first, min(total, first + MOST_PAGES)), drawn)


def _each(part: Part, total: int, numbers: range, drawn: Callable[[int], Image.Image]) -> Drawn:
    """What was drawn before something went wrong is shown."""
    pngs: list[bytes] = []
    problems: list[Problem] = []
    begun = monotonic()
    for number in numbers:
        place = Place(part.path, f"page {number + 1}")
        if pngs and monotonic() - begun > _SECONDS:
            problems.append(Problem(Trouble.TIMED_OUT, place, "no time was left to draw it"))
            break
        try:
            pngs.append(_fitting(drawn(number)))
        except (MemoryError, picture.TooBig, Image.DecompressionBombError):
            problems.append(Problem(Trouble.TOO_BIG, place, "too large to be drawn"))
        except Exception:  # its text may quote the document
            problems.append(Problem(Trouble.DAMAGED, place, "a page that could not be drawn"))
    return Drawn(total, tuple(pngs), tuple(problems))


def _fitting(whole: Image.Image) -> bytes:
    """Pixels alone, on white, within the limits; in fewer colours rather than smaller."""
    shown = _on_white(whole)
    shown.thumbnail((MOST_SIDE, MOST_SIDE))
    for png in _tries(shown):
        if len(png) <= MOST_BYTES:
            return png
    raise picture.TooBig


def _tries(shown: Image.Image) -> Iterator[bytes]:
    yield _png(shown)
    for _ in range(_TIMES):
        yield _png(shown.quantize(_COLOURS))
        width, height = (math.ceil(side * _SMALLER) for side in shown.size)
        shown = shown.resize((width, height))


def _on_white(whole: Image.Image) -> Image.Image:
    if not whole.has_transparency_data:
        return whole.convert("RGB")
    drawn = whole.convert("RGBA")
    paper = Image.new("RGB", drawn.size, "white")
    paper.paste(drawn, mask=drawn.getchannel("A"))
    return paper


def _png(shown: Image.Image) -> bytes:
    """Pillow writes what it is told of a picture and nothing it merely remembers; so it is made to
    forget."""
    shown.info.clear()
    out = BytesIO()
    shown.save(out, "PNG")
    return out.getvalue()
