"""HTML of a mail as blocks: headings, lists, tables and pictures in their places, links with their
addresses in words. Nothing is fetched, no style but bold and italic is kept, and what is hidden
from a reader stays hidden.

Tables lay out most mails: one counts as a table where it has rows and columns of short words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from html.parser import HTMLParser

from gateway.page.blocks import Block, Grid, Picture, Rule, Run, Words

MAX_MARKUP = 1024 * 1024  # characters read; the rest is in message.eml
MAX_COLUMNS = 12  # that an upright page has room for
MAX_CELLS = 20_000  # of one table; above, its cells are paragraphs
MAX_CELL = 1_000  # characters that belong into a cell
MAX_DEPTH = 12  # of lists and quotations that are drawn further to the right
MAX_ADDRESS = 300  # characters of a link that are shown
_SILENT = {"script", "style", "head", "title", "template", "noscript", "object", "select", "svg"}
_VOID = {"br", "hr", "img", "input", "meta", "link", "area", "base", "col", "wbr", "source"}
_APART = {"p", "blockquote", "ul", "ol", "dl", "pre", "figure", "table"}  # with room above
_LINES = {
    *("div", "section", "article", "header", "footer", "li", "dt", "dd", "center", "address"),
    *("form", "fieldset", "body", "html", "main", "nav", "aside", "figcaption", "caption", "tbody"),
}
_HEADINGS = {f"h{level}": level for level in range(1, 7)}
_BOLD, _ITALIC = {"b", "strong"}, {"i", "em", "cite"}


def blocks(markup: str, picture: Callable[[str], bytes | None]) -> tuple[Block, ...]:
    """picture: the file behind an address in the mail ("cid:x"), None where it has none."""
    reader = _Reader(picture)
    reader.feed(markup[:MAX_MARKUP])
    reader.close()
    return reader.finished()


@dataclass(slots=True)
class _Table:
    """rows: of cells, each with its blocks. current: the cell that is being read. heads: how many
    of the first row are <th>."""

    rows: list[list[list[Block]]] = field(default_factory=list)
    current: list[Block] = field(default_factory=list)
    heads: int = 0

    def new_cell(self, span: int = 1, *, head: bool = False) -> None:
        """span: columns; empty cells stand for all but the first."""
        if not self.rows:
            self.rows.append([])
        cells: list[list[Block]] = [[] for _ in range(min(span, MAX_COLUMNS))]
        self.rows[-1] += cells
        self.current = cells[0]
        if head and len(self.rows) == 1:
            self.heads += len(cells)

    def finished(self) -> list[Block]:
        rows = [row for row in self.rows if any(row)]
        columns = max(map(len, rows), default=0)
        flat = [block for row in rows for cell in row for block in cell]
        if len(rows) < 2 or columns < 2 or len(rows) * columns > MAX_CELLS:
            return flat
        cells = [[_words(cell) for cell in row] for row in rows]
        if columns > MAX_COLUMNS or any(cell is None for row in cells for cell in row):
            return flat
        full = tuple(
            (*(cell or () for cell in row), *(((),) * (columns - len(row)))) for row in cells
        )
        return [Grid(full, headed=self.heads >= len(rows[0]) and rows[0] is self.rows[0])]


def _words(cell: Iterable[Block]) -> tuple[Words, ...] | None:
    """None for what is no cell of a table, but a piece of a page."""
    found, room = [], MAX_CELL
    for block in cell:
        if not isinstance(block, Words) or block.level:
            return None
        room -= sum(len(run.text) for run in block.runs)
        found.append(block)
    return tuple(found) if room >= 0 else None


class _Reader(HTMLParser):
    def __init__(self, picture: Callable[[str], bytes | None]) -> None:
        super().__init__(convert_charrefs=True)
        self._picture = picture
        self._out: list[Block] = []
        self._runs: list[Run] = []
        self._tables: list[_Table] = []
        self._lists: list[
            int
        ] = []  # of each open list, the number of its next item; -1: no numbers
        self._links: list[tuple[str, int]] = []  # address, and how many runs stood before it
        self._quotes = self._bold = self._italic = self._pre = self._level = 0
        self._silent, self._within = "", 0  # a hidden element, and those of its name in it
        self._mark, self._gap, self._head = "", True, False

    def finished(self) -> tuple[Block, ...]:
        self._flush()
        while self._tables:
            self._end_table()
        return tuple(self._out)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if self._silent and not (self._silent == "head" and tag == "body"):
            self._within += tag == self._silent
            return
        self._silent = ""
        told = {name: value or "" for name, value in reversed(attrs)}
        if tag not in _VOID and (tag in _SILENT or _is_hidden(told)):
            self._silent, self._within = tag, 0
            return
        if tag in _BOLD:
            self._bold += 1
        elif tag in _ITALIC:
            self._italic += 1
        elif tag == "a":
            self._links.append((told.get("href", ""), len(self._runs)))
        self._structure(tag, told)

    def _structure(self, tag: str, told: dict[str, str]) -> None:
        match tag:
            case "br":
                self._runs.append(Run("\n"))
            case "hr":
                self._flush()
                self._target.append(Rule())
            case "img":
                self._image(told)
            case "ul" | "ol":
                self._flush(gap=not self._lists)
                self._lists.append(1 if tag == "ol" else -1)
            case "li":
                self._flush()
                self._item()
            case "table":
                self._flush(gap=True)
                self._tables.append(_Table())
            case "tr" if self._tables:
                self._flush()
                self._head = False
                self._tables[-1].rows.append([])
            case "td" | "th" if self._tables:
                self._flush()
                span = told.get("colspan", "")
                number = int(span) if span.isascii() and span.isdigit() and len(span) < 3 else 1
                self._head = tag == "th"
                self._tables[-1].new_cell(max(number, 1), head=self._head)
            case _ if tag in _HEADINGS:
                self._flush(gap=True)
                self._level = _HEADINGS[tag]
            case _ if tag in _APART or tag in _LINES:
                self._flush(gap=tag in _APART)
                self._quotes += tag == "blockquote"
                self._pre += tag == "pre"

    def handle_endtag(self, tag: str) -> None:
        if self._silent:
            self._within -= tag == self._silent
            if self._within < 0:
                self._silent = ""
            return
        if tag in _BOLD:
            self._bold = max(0, self._bold - 1)
        elif tag in _ITALIC:
            self._italic = max(0, self._italic - 1)
        elif tag == "a" and self._links:
            self._address(*self._links.pop())
        elif tag in ("ul", "ol"):
            self._flush()
            del self._lists[-1:]
        elif tag in ("td", "th"):
            self._flush()
            self._head = False
        elif tag == "table" and self._tables:
            self._flush()
            self._end_table()
        elif tag in _HEADINGS or tag in _APART or tag in _LINES or tag == "tr":
            self._flush(gap=tag in _APART or tag in _HEADINGS)
            self._quotes = max(0, self._quotes - (tag == "blockquote"))
            self._pre = max(0, self._pre - (tag == "pre"))
            self._level = 0

    def handle_data(self, data: str) -> None:
        if self._silent:
            return
        if not self._pre:
            before, after = data[:1].isspace(), data[-1:].isspace()
            data = " " * before + " ".join(data.split()) + " " * after
            if not data.strip() and (not self._runs or self._runs[-1].text[-1:] in " \n"):
                return
        if data:
            self._runs.append(Run(data, self._bold > 0 or self._head, self._italic > 0))

    @property
    def _target(self) -> list[Block]:
        if not self._tables:
            return self._out
        table = self._tables[-1]
        if not table.rows or not table.rows[-1]:
            table.new_cell()
        return table.current

    def _flush(self, *, gap: bool = False) -> None:
        """What was gathered is a paragraph."""
        runs = _trimmed(self._runs)
        self._runs.clear()
        self._links = [(address, 0) for address, _ in self._links]
        if runs:
            indent = min(len(self._lists) + self._quotes, MAX_DEPTH)
            self._target.append(Words(runs, self._level, indent, self._mark, self._gap))
            self._mark, self._level, self._gap = "", 0, False
        self._gap = self._gap or gap

    def _item(self) -> None:
        if not self._lists:
            self._lists.append(-1)
        number = self._lists[-1]
        self._mark = f"{number}." if number > 0 else "•"
        self._lists[-1] += number > 0

    def _image(self, told: dict[str, str]) -> None:
        data, alt = self._picture(told.get("src", "")), " ".join(told.get("alt", "").split())[:300]
        if data is None:
            if alt and told.get("width") not in ("0", "1"):  # those count reads
                self._runs.append(Run(f"[{alt}]", italic=True))
            return
        self._flush()
        width = told.get("width", "").removesuffix("px")
        pixels = int(width) if width.isascii() and width.isdigit() and len(width) < 5 else 0
        self._target.append(Picture(data, alt, pixels))

    def _address(self, address: str, before: int) -> None:
        """Behind the words of a link, unless they are that address already."""
        scheme, _, rest = address.strip().partition(":")
        if scheme.lower() not in ("http", "https", "mailto", "tel") or not self._runs[before:]:
            return
        shown = rest if scheme.lower() in ("mailto", "tel") else address.strip()
        words = "".join(run.text for run in self._runs[before:])
        if shown.rstrip("/").lower() not in words.lower():
            cut = shown[:MAX_ADDRESS] + "…" * (len(shown) > MAX_ADDRESS)
            self._runs.append(Run(f" ({cut})"))

    def _end_table(self) -> None:
        table, self._head = self._tables.pop(), False
        self._target.extend(table.finished())
        self._gap = True


def _trimmed(runs: list[Run]) -> tuple[Run, ...]:
    """Without room at either end."""
    kept = list(runs)
    while kept and not kept[0].text.strip():
        del kept[0]
    while kept and not kept[-1].text.strip():
        kept.pop()
    if kept:
        kept[0] = replace(kept[0], text=kept[0].text.lstrip())
        kept[-1] = replace(kept[-1], text=kept[-1].text.rstrip())
    return tuple(kept)


def _is_hidden(told: dict[str, str]) -> bool:
    style = told.get("style", "")[:2000].lower().replace(" ", "")
    return "hidden" in told or "display:none" in style
