"""Blocks on pages of A4, from the top down, each tagged for what it is (`gateway.page.tags`).

Drawn line by line rather than with a layout engine, which reads markup in what it is given. Linear:
no line is looked at twice, whatever its table.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import A4
from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from gateway.page import faces
from gateway.page.blocks import Block, Grid, Picture, Rule, Run, Words
from gateway.page.lines import Line, least, wrapped
from gateway.page.pictures import Budget
from gateway.page.tags import Node

SIZE, MARGIN = 10.0, 57.0  # points; the margin is 2 cm
WIDTH, HEIGHT = A4[0] - 2 * MARGIN, A4[1] - 2 * MARGIN
_LEADING = 1.4  # times the size
_GAP = 6.0  # points between paragraphs
_INDENT = 16.0
_HEADINGS = {1: 17.0, 2: 14.0, 3: 12.0}  # sizes; below: that of the text, bold
_PADDING = 4.0  # of a cell
_CELL_SIZE = 9.0
_SCREEN = 72 / 96  # points a pixel
_GREY, _INK = HexColor("#9aa5ab"), HexColor("#111111")


class Sheet:
    """colour: of the organisation, "#0b5563"."""

    def __init__(self, title: str, colour: str) -> None:
        self._out = io.BytesIO()
        self._canvas = Canvas(self._out, pagesize=A4, lang="fr-FR", invariant=1)
        self._canvas.setTitle(title)
        self._canvas.setAuthor("")
        self._colour = HexColor(colour)
        self._heading = self._colour if _is_dark(self._colour) else _INK
        self._budget = Budget()
        self.root = Node("Document")
        self.numbers = [0]  # marks of each page
        self.drawn: list[bytes] = []  # the files of pictures
        self._y = A4[1] - MARGIN
        self._fresh = True
        self._list: tuple[int, Node] | None = None

    def draw(self, blocks: Iterable[Block]) -> None:
        for block in blocks:
            match block:
                case Words():
                    self._words(block)
                case Grid():
                    self._grid(block)
                case Picture():
                    self._picture(block)
                case Rule():
                    self.rule()
        self._list = None

    def rule(self) -> None:
        self._list = None
        self._room(3 * _GAP)
        self._y -= 2 * _GAP
        with self._artifact():
            self._canvas.setStrokeColor(_GREY)
            self._canvas.setLineWidth(0.5)
            self._canvas.line(MARGIN, self._y, A4[0] - MARGIN, self._y)
        self._y -= _GAP

    def band(self, name: str, logo: bytes | None) -> None:
        """Across the top of the first page: who sends."""
        height = 48.0
        base = A4[1] - height
        with self._artifact():
            self._canvas.setFillColor(self._colour)
            self._canvas.rect(0, base, A4[0], height, stroke=0, fill=1)
        left = MARGIN
        shown = self._budget.fitting(logo) if logo else None
        if shown:
            image, (across, down) = shown
            wide = min(30.0 * across / down, 160.0)
            tall = wide * down / across
            with self._artifact():
                self._canvas.setFillColor(HexColor("#ffffff"))
                self._canvas.roundRect(left - 5, base + 6, wide + 10, 36, 4, stroke=0, fill=1)
                where = base + 24 - tall / 2
                self._canvas.drawImage(ImageReader(image), left, where, wide, tall)
            left += wide + 18
        if name:
            ink = HexColor("#ffffff") if _is_dark(self._colour) else _INK
            lines = list(wrapped([Run(name, bold=True)], A4[0] - MARGIN - left, 14.0))
            with self._marked(self.root.new("P"), "P"):
                self._line(lines[0], left, base + 19, 14.0, ink)
        self._y = base - 24

    def finished(self) -> bytes:
        self._foot()
        self._canvas.save()
        return self._out.getvalue()

    def _words(self, words: Words) -> None:
        size = _HEADINGS.get(words.level, SIZE) if words.level else SIZE
        bold = words.level > 0
        if words.gap and not self._fresh:  # none at the top of a page
            self._y -= _GAP * (2 if words.level else 1)
        left = MARGIN + words.indent * _INDENT
        node = self._node(words)
        mark = node
        if words.mark:
            mark, node = node.new("Lbl"), node.new("LBody")
        runs = [Run(run.text, run.bold or bold, run.italic) for run in words.runs]
        for number, line in enumerate(wrapped(runs, A4[0] - MARGIN - left, size)):
            self._room(size * _LEADING * (3 if bold else 1))  # no heading at the foot of a page
            self._y -= size * _LEADING
            if words.mark and not number:
                with self._marked(mark, "Lbl"):
                    label = wrapped([Run(words.mark)], 3 * _INDENT, size)
                    self._line(next(label), left - _INDENT, self._y, size)
            with self._marked(node, node.tag):
                self._line(line, left, self._y, size, self._heading if bold else None)

    def _node(self, words: Words) -> Node:
        if words.level:
            self._list = None
            return self.root.new(f"H{words.level}")
        if words.mark:
            if self._list is None or self._list[0] != words.indent:
                self._list = (words.indent, self.root.new("L"))
            return self._list[1].new("LI")
        if self._list and words.indent < self._list[0]:
            self._list = None
        return self.root.new("P")

    def _picture(self, picture: Picture) -> None:
        self._list = None
        shown = self._budget.fitting(picture.data)
        if shown is None:
            self._words(Words((Run(f"[{picture.alt or 'image'}]", italic=True),)))
            return
        self.drawn.append(picture.data)
        image, (across, down) = shown
        wide = min((picture.width or across) * _SCREEN, WIDTH)
        tall = wide * down / across
        if tall > HEIGHT * 0.8:
            wide, tall = wide * HEIGHT * 0.8 / tall, HEIGHT * 0.8
        self._room(tall + _GAP)
        self._y -= tall + _GAP
        node = self.root.new("Figure")
        node.alt, node.box = picture.alt, (MARGIN, self._y, MARGIN + wide, self._y + tall)
        with self._marked(node, "Figure"):
            self._canvas.drawImage(ImageReader(image), MARGIN, self._y, wide, tall)

    def _grid(self, grid: Grid) -> None:
        self._list = None
        widths = _columns(grid)
        table = self.root.new("Table")
        self._y -= _GAP
        for number, row in enumerate(grid.rows):
            head = grid.headed and number == 0
            of_row = table.new("TR")
            cells = [of_row.new("TH" if head else "TD") for _ in row]
            lines = [
                [
                    line
                    for words in cell
                    for line in wrapped(words.runs, wide - _PADDING, _CELL_SIZE)
                ]
                for cell, wide in zip(row, widths, strict=True)
            ]
            self._row(cells, lines, widths)
        self._y -= _GAP

    def _row(
        self, cells: Sequence[Node], lines: Sequence[Sequence[Line]], widths: Sequence[float]
    ) -> None:
        """Line by line over all of its cells, so that a long one goes on overleaf."""
        step = _CELL_SIZE * 1.3
        for number in range(max(map(len, lines), default=0)):
            self._room(step + _PADDING)
            self._y -= step
            left = MARGIN
            for cell, said, wide in zip(cells, lines, widths, strict=True):
                if number < len(said):
                    with self._marked(cell, cell.tag):
                        self._line(said[number], left, self._y, _CELL_SIZE)
                left += wide
        self._y -= _PADDING
        with self._artifact():
            self._canvas.setStrokeColor(_GREY)
            self._canvas.setLineWidth(0.4)
            self._canvas.line(MARGIN, self._y, MARGIN + sum(widths), self._y)
        self._y -= 1

    def _line(
        self, line: Line, left: float, y: float, size: float, ink: HexColor | None = None
    ) -> None:
        self._canvas.setFillColor(ink or _INK)
        self._fresh = False
        for (bold, italic), runs in groupby(line, lambda run: (run.bold, run.italic)):
            for name, piece in faces.spans("".join(run.text for run in runs), bold, italic):
                self._canvas.setFont(name, size)
                self._canvas.drawString(left, y, piece)
                left += self._canvas.stringWidth(piece, name, size)

    def _room(self, height: float) -> None:
        """Of so many points, here or on the next page."""
        if self._y - height < MARGIN:
            self._foot()
            self._canvas.showPage()
            self.numbers.append(0)
            self._y = A4[1] - MARGIN
            self._fresh = True

    def _foot(self) -> None:
        with self._artifact():
            self._canvas.setFillColor(self._colour)
            self._canvas.rect(0, 0, A4[0], 6, stroke=0, fill=1)
            self._canvas.setFillColor(_INK)
            self._canvas.setFont("Vera", 8)
            self._canvas.drawRightString(A4[0] - MARGIN, 24, f"Page {len(self.numbers)}")

    @contextmanager
    def _marked(self, node: Node, tag: str) -> Iterator[None]:
        page = len(self.numbers) - 1
        node.marks.append((page, self.numbers[page]))
        self._canvas.addLiteral(f"/{tag} <</MCID {self.numbers[page]}>> BDC")
        self.numbers[page] += 1
        yield
        self._canvas.addLiteral("EMC")

    @contextmanager
    def _artifact(self) -> Iterator[None]:
        self._canvas.addLiteral("/Artifact BMC")
        yield
        self._canvas.addLiteral("EMC")


def _columns(grid: Grid) -> list[float]:
    """As wide as what is in them asks for, the widest giving way."""
    number = len(grid.rows[0])
    asked = [
        max((least(words.runs, _CELL_SIZE) for row in grid.rows for words in row[at]), default=0)
        + 3 * _PADDING
        for at in range(number)
    ]
    fair = WIDTH / number
    spare = sum(max(0.0, fair - one) for one in asked)
    above = sum(max(0.0, one - fair) for one in asked)
    share = min(1.0, spare / above) if above else 0.0
    return [one if one <= fair else fair + (one - fair) * share for one in asked]


def _is_dark(colour: HexColor) -> bool:
    """Whether white stands out on it better than black (WCAG's relative luminance, roughly)."""
    return bool(
        0.2126 * colour.red**2.2 + 0.7152 * colour.green**2.2 + 0.0722 * colour.blue**2.2 < 0.18
    )
