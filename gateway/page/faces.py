"""Fonts: for each character the first that has it.

Bitstream Vera travels with reportlab (Latin letters with most accents). What it lacks comes from
fonts of the machine: DejaVu, Droid and Noto where Debian puts them. All are opened before the first
message, since a worker can open no file. A character that none has loses its accent or becomes "?",
and stands right in message.eml. Letters are not joined as Arabic asks, nor set from right to left.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from functools import cache, lru_cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFError, TTFont

_VERA = ("Vera", "VeraBd", "VeraIt", "VeraBI")  # upright, bold, italic, both
_DEJAVU = ("DejaVuSans", "DejaVuSans-Bold", "DejaVuSans-Oblique", "DejaVuSans-BoldOblique")
_FOLDER = Path("/usr/share/fonts/truetype")
_OTHERS = (
    "dejavu/DejaVuSans",
    "droid/DroidSansFallbackFull",
    *(
        f"noto/NotoSans{script}-Regular"
        for script in (
            *("Devanagari", "Bengali", "Tamil", "Telugu", "Gujarati", "Gurmukhi", "Kannada"),
            *("Malayalam", "Sinhala", "Thai", "Lao", "Khmer", "Myanmar", "Ethiopic", "Symbols2"),
        )
    ),
)


def warm() -> None:
    """Opens every font."""
    _known()


@lru_cache(maxsize=20_000)
def face(character: str, bold: bool, italic: bool) -> str | None:
    """The name of a font that has it."""
    code, style, known = ord(character), bold + 2 * italic, _known()
    for name in (_VERA[style], _DEJAVU[style], *known):
        if code in known.get(name, ()):
            return name
    return None


def spans(text: str, bold: bool = False, italic: bool = False) -> Iterator[tuple[str, str]]:
    """The same text, piece by piece, each with its font; in characters that fonts have."""
    name, piece = _VERA[bold + 2 * italic], ""
    for character in unicodedata.normalize("NFC", text):
        for shown in _drawable(character):
            other = face(shown, bold, italic) or name
            if other != name and piece:
                yield name, piece
                piece = ""
            name, piece = other, piece + shown
    if piece:
        yield name, piece


@lru_cache(maxsize=20_000)
def width(text: str, size: float, bold: bool = False, italic: bool = False) -> float:
    pieces = spans(text, bold, italic)
    return sum((float(pdfmetrics.stringWidth(one, name, size)) for name, one in pieces), 0.0)


@lru_cache(maxsize=20_000)
def _drawable(character: str) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Cc"):
        return ""
    if face(character, False, False):
        return character
    plain = unicodedata.normalize("NFKD", character)
    kept = "".join(c for c in plain if face(c, False, False) and not unicodedata.combining(c))
    return kept or ("" if unicodedata.combining(character) else "?")


@cache
def _known() -> dict[str, frozenset[int]]:
    """Fonts in the order in which they are asked, and their characters."""
    known = {}
    paths = {name: f"{name}.ttf" for name in _VERA}
    paths |= {name: str(_FOLDER / "dejavu" / f"{name}.ttf") for name in _DEJAVU}
    paths |= {Path(one).name: str(_FOLDER / f"{one}.ttf") for one in _OTHERS}
    for name, path in paths.items():
        try:
            font = TTFont(name, path)
        except (TTFError, OSError):  # not on this machine
            continue
        pdfmetrics.registerFont(font)
        known[name] = frozenset(font.face.charToGlyph) - frozenset(range(32))
    return known
