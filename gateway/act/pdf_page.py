"""The pages of an encrypted PDF: who wrote, what, and the list of its files.

Drawn line by line rather than with a layout engine, which reads markup in what it is given. The
font travels with reportlab (Bitstream Vera: Latin letters with their accents); a character that it
lacks loses its accent or becomes "?", and stands right in message.eml.
"""

from __future__ import annotations

import io
import threading
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from reportlab.lib.pagesizes import A4
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

from gateway.act.contents import Contents

MAX_TEXT = 200_000  # characters drawn, about 70 pages; the rest is in message.eml
TITLE = "Message chiffré"
_SIZE, _LEADING, _MARGIN = 10, 14, 57  # points; the margin is 2 cm
_WIDTH = A4[0] - 2 * _MARGIN
_MORE = "La suite est dans le fichier message.eml, joint à ce document."
_NO_TEXT = "Ce message n'a pas de texte."
_REGISTERING = threading.Lock()  # reportlab keeps its fonts in module variables


def pages(letterhead: tuple[tuple[str, str], ...], shown: Contents) -> bytes:
    with _REGISTERING:
        sheet = _Sheet()
        sheet.heading(TITLE)
        for label, value in letterhead:
            sheet.write(f"{label}\u00a0: {value}")
        sheet.rule()
        for line in (shown.text[:MAX_TEXT] or _NO_TEXT).splitlines():
            sheet.write(line)
        if len(shown.text) > MAX_TEXT or not shown.whole:
            sheet.write("")
            sheet.write(_MORE)
        if shown.files:
            sheet.rule()
            sheet.heading("Pièces jointes")
            sheet.write("Elles sont dans ce document\u00a0: volet «\u00a0Pièces jointes\u00a0».")
            for file in shown.files:
                sheet.write(f"\u2013 {file.name} ({_size(len(file.data))})")
        return sheet.finished()


@dataclass(slots=True)
class _Sheet:
    """A canvas that knows where the next line goes."""

    out: io.BytesIO = field(default_factory=io.BytesIO)
    canvas: Canvas = field(init=False)
    y: float = field(init=False, default=A4[1] - _MARGIN)

    def __post_init__(self) -> None:
        _fonts()
        self.canvas = Canvas(self.out, pagesize=A4, lang="fr-FR")
        self.canvas.setTitle(TITLE)
        self.canvas.setAuthor("")

    def heading(self, words: str) -> None:
        self._line(words, "VeraBd", _SIZE + 3)
        self.y -= _LEADING / 2

    def write(self, text: str) -> None:
        for line in wrapped(drawable(text), _WIDTH):
            self._line(line, "Vera", _SIZE)

    def rule(self) -> None:
        self.y -= _LEADING / 2
        self.canvas.line(_MARGIN, self.y + _LEADING / 2, A4[0] - _MARGIN, self.y + _LEADING / 2)
        self.y -= _LEADING / 2

    def finished(self) -> bytes:
        self.canvas.save()
        return self.out.getvalue()

    def _line(self, words: str, font: str, size: int) -> None:
        if self.y < _MARGIN:
            self.canvas.showPage()
            self.y = A4[1] - _MARGIN
        self.canvas.setFont(font, size)
        self.canvas.drawString(_MARGIN, self.y, words)
        self.y -= _LEADING


def drawable(text: str) -> str:
    """The same text in the font's characters."""
    known = _fonts()
    return "".join(c if ord(c) in known else _nearest(c, known) for c in text)


def wrapped(text: str, width: float) -> Iterator[str]:
    """Lines no wider than `width` points; a word longer than a line is cut. Linear."""
    line, used = "", 0.0
    for word in text.split(" "):
        for piece in _cut(word, width):
            needed = pdfmetrics.stringWidth(piece, "Vera", _SIZE)
            space = pdfmetrics.stringWidth(" ", "Vera", _SIZE)
            if line and used + space + needed > width:
                yield line
                line, used = piece, needed
            else:
                line, used = (f"{line} {piece}", used + space + needed) if line else (piece, needed)
    yield line


def _cut(word: str, width: float) -> list[str]:
    most = int(width // _SIZE)  # no character of the font is wider than its size
    return [word[i : i + most] for i in range(0, len(word), most)] or [""]


def _nearest(character: str, known: frozenset[int]) -> str:
    if character.isspace():
        return " "
    if unicodedata.category(character) in ("Cf", "Mn", "Cc"):
        return ""
    plain = unicodedata.normalize("NFKD", character)
    base = "".join(c for c in plain if ord(c) in known)
    return base or "?"


@cache
def _fonts() -> frozenset[int]:
    """Registers the fonts; the characters that both have."""
    for name in ("Vera", "VeraBd"):
        pdfmetrics.registerFont(TTFont(name, f"{name}.ttf"))
    known = (pdfmetrics.getFont(name).face.charToGlyph for name in ("Vera", "VeraBd"))
    return frozenset.intersection(*(frozenset(glyphs) for glyphs in known)) - frozenset(range(32))


def _size(count: int) -> str:
    if count < 1024:
        return f"{count} octets" if count > 1 else f"{count} octet"
    if count < 1024 * 1024:
        return f"{count // 1024} Ko"
    return f"{count / 1024 / 1024:.1f} Mo".replace(".", ",")
