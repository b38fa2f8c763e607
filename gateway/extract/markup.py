"""HTML to text: our own reader, linear whatever the nesting, and losing nothing.

It is no browser: what a person reads comes out as the shown text (hidden elements as well, since
they can be revealed), and what stands inside tags, comments, styles and scripts as the unshown
text. So a mistake about where a tag ends moves text from one to the other and never drops it.

Inline tags vanish without a blank, since one can cut a number with them; tags of blocks become line
ends, and cells are separated by tabs. Tables that hold data are given as rows, too, whatever
paragraphs and fonts their cells are dressed in.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from html import unescape
from itertools import zip_longest
from typing import NamedTuple
from urllib.parse import unquote

from gateway.extract.hidden import Sheet
from gateway.extract.tables_within import Rows, Tables

_BLOCKS = frozenset(
    """address article aside blockquote body br caption center dd div dl dt fieldset figcaption
    figure footer form h1 h2 h3 h4 h5 h6 head header hr html legend li main nav ol option p pre
    section select summary table tbody textarea tfoot thead title tr ul""".split()  # noqa: SIM905
)
_CELLS = frozenset(("td", "th"))
_UNSHOWN = frozenset(("style", "script"))
# What tags say of tables. The second names are those of Excel's own XML of 2003.
_GRID = {
    **dict.fromkeys(("table", "ss:table"), "table"),
    **dict.fromkeys(("tr", "row", "ss:row"), "row"),
    **dict.fromkeys(("td", "th", "cell", "ss:cell"), "cell"),
}
_VOID = frozenset(
    "area base br col embed hr img input link meta param source track wbr".split()  # noqa: SIM905
)
_INLINE = frozenset(
    """a abbr b bdi bdo big button cite code del dfn em font i ins kbd label mark o:p q s samp small
    span strike strong sub sup time tt u var""".split()  # noqa: SIM905
)
_KNOWN = _BLOCKS | _CELLS | _UNSHOWN | _VOID | _INLINE
# Attributes that lay out and say nothing. The values of all others are read.
_LAYOUT = frozenset(
    """style= class= width= height= align= valign= bgcolor= color= border= cellpadding= cellspacing=
    colspan= rowspan=""".split()  # noqa: SIM905
)
_SEAM = "\0"  # where an inline tag vanished
_UNSEEN, _SEEN = "\x01", "\x02"  # where what is not seen begins, and where it ends
_MARKS = re.compile("[\0\x01\x02]")
_NOT_SEEN = re.compile("\x01[^\x02]*+\x02?")
_NEAR_DIGITS = re.compile(r"\d[^\n\d]{0,20}\x01|\x02[^\n\d]{0,20}\d")
_ESCAPED = re.compile(r"\\([0-9a-fA-F]{1,6})[ \t\n]?")  # CSS
_VALUE = re.compile(r"""\svalue\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s>"']+))""", re.IGNORECASE)
_SPANS = re.compile(
    r"""\s(colspan|rowspan|(?:ss:)?index)\s*=\s*["']?([0-9]{1,5})(?![0-9])""", re.IGNORECASE
)
_FORGOTTEN = 4096  # characters; a quote open for longer is rather one that somebody forgot


@dataclass(frozen=True, slots=True)
class Markup:
    """shown: the text. unshown: values of attributes, comments, styles. depth: of the nesting.

    spaced: the shown text with a blank for each inline tag, "" when that makes no difference.
    others: the text as it is seen where something is hidden among digits, or turned round.
    tables: those of the shown text that hold data.
    """

    shown: str = ""
    unshown: str = ""
    spaced: str = ""
    depth: int = 0
    others: tuple[str, ...] = ()
    tables: tuple[Rows, ...] = ()


@dataclass(slots=True)
class _Reader:
    source: str
    shown: list[str] = field(default_factory=list)
    unshown: list[str] = field(default_factory=list)
    depth: int = 0
    deepest: int = 0
    aside: bool = False  # inside a style or a script
    comments: bool = True  # whether a comment may still be closed
    known: dict[str, _Meaning] = field(default_factory=dict)  # tags are few and come often
    sheet: Sheet = field(default_factory=Sheet)
    unseen: str = ""  # the name of the tag that hides what follows
    within: int = 0  # how many of that name are open
    tables: Tables = field(init=False)

    def __post_init__(self) -> None:
        self.tables = Tables(self.shown, "", _clean)

    def read(self) -> None:
        source, at = self.source, 0
        while (start := source.find("<", at)) >= 0:
            self.text(source[at:start])
            following = source[start + 1 : start + 2]
            if self.comments and source.startswith("<!--", start):
                at = self.comment(start + 4)
            elif following.isalpha() or following in ("/", "!", "?"):
                at = self.tag(start + 1)
            else:  # "a < b"
                self.text("<")
                at = start + 1
        self.text(source[at:])

    def text(self, text: str) -> None:
        if text:
            (self.unshown if self.aside else self.shown).append(text)

    def comment(self, at: int) -> int:
        """What Outlook shows of a conditional comment is a page of its own."""
        end = self.source.find("-->", at)
        if end < 0:
            self.comments = False
            return at
        text = self.source[at:end]
        if "<" in text and self.comments:
            inner = _Reader(text, comments=False)
            inner.read()
            self.unshown += ("".join(inner.shown).translate(_NO_MARKS), *inner.unshown)
        else:
            self.unshown.append(text)
        return end + 3

    def tag(self, at: int) -> int:
        end = self.source.find(">", at)
        if end < 0:
            self.unshown.append(self.source[at:])
            return len(self.source)
        inside = self.source[at:end]
        if "=" in inside and (inside.count('"') % 2 or inside.count("'") % 2):
            end = self.beyond_quote(at, end)
            inside = self.source[at:end]
        self.element(inside)
        return end + 1

    def beyond_quote(self, at: int, end: int) -> int:
        """A quoted ">" does not end the tag, unless the quote is never closed nearby."""
        limit = at + _FORGOTTEN
        quote = '"' if self.source.count('"', at, end) % 2 else "'"
        close = self.source.find(quote, end, limit)
        further = self.source.find(">", close, limit) if close >= 0 else -1
        return further if further >= 0 else end

    def element(self, inside: str) -> None:
        meaning = self.known.get(inside)
        if meaning is None:
            meaning = self.known[inside] = _meaning(inside, self.sheet)
            self.unshown.append(meaning.unshown)  # once is enough
        self.shown.append(meaning.shown)
        if meaning.grid:
            self.grid(meaning)
        if meaning.hides or self.unseen == meaning.name:
            self.hide(meaning)
        if meaning.aside is not None:
            self.aside = meaning.aside
        self.depth = max(0, self.depth + meaning.deeper)
        if self.depth > self.deepest:
            self.deepest = self.depth

    def grid(self, meaning: _Meaning) -> None:
        match meaning.grid:
            case "cell":
                self.tables.cell(*meaning.spans)
            case "row":
                self.tables.row()
            case "table":
                self.tables.begin()
            case "/table":
                self.tables.end()
            case _:
                self.tables.pause()

    def hide(self, meaning: _Meaning) -> None:
        """Only the outermost of several tags within each other is marked."""
        if not self.unseen and meaning.deeper > 0:
            self.unseen, self.within = meaning.name, 1
            self.shown.append(_UNSEEN)
        elif self.unseen == meaning.name:
            self.within += meaning.deeper
            if self.within <= 0:
                self.unseen = ""
                self.shown.append(_SEEN)


class _Meaning(NamedTuple):
    """What a tag stands for in the text; aside: a style or script begins (True) or ends. grid: its
    part in a table, "/row" where that ends, or "". spans: columns and rows of a cell, and its own
    column, 0 where it is the next."""

    name: str
    shown: str
    unshown: str
    deeper: int
    aside: bool | None
    hides: bool
    grid: str
    spans: tuple[int, int, int]


def _meaning(inside: str, sheet: Sheet) -> _Meaning:
    closing = inside.startswith("/")
    words = inside[closing : closing + 40].split(None, 1)
    name = words[0].rstrip("/").lower() if words else ""
    aside = None
    if name in _BLOCKS:
        shown = "\n"
    elif name in _CELLS:
        shown = "" if closing else "\t"
    else:
        value = _VALUE.search(inside[:_FORGOTTEN]) if name == "input" else None
        shown = "".join(value.groups("")) if value else _SEAM
        aside = not closing if name in _UNSHOWN else None
    if closing:
        deeper = -1
    else:
        deeper = 0 if name in _VOID or inside.endswith("/") or inside[:1] in "!?" else 1
    plain = inside.strip("/ ").lower() == name and name in _KNOWN
    hides = deeper > 0 and not plain and sheet.hides(name, inside)
    hides = hides or (deeper > 0 and plain and sheet.hides(name, ""))
    unshown = "" if plain else _without_layout(inside, name)
    grid = _GRID.get(name, "")
    if closing and grid:
        grid = f"/{grid}"
    spans = _spans(inside) if grid == "cell" and not plain else _ONE_BY_ONE
    return _Meaning(name, shown, unshown, deeper, aside, hides, grid, spans)


_ONE_BY_ONE = (1, 1, 0)


def _spans(inside: str) -> tuple[int, int, int]:
    said = {name.lower(): int(number) for name, number in _SPANS.findall(inside[:_FORGOTTEN])}
    column = said.get("ss:index", said.get("index", 0))
    return said.get("colspan", 1), said.get("rowspan", 1), column


def _without_layout(inside: str, name: str) -> str:
    """All of a tag but what only lays it out; all of it where it is not plainly written."""
    pieces = inside.split('"')
    if "'" in inside or len(pieces) % 2 == 0:
        return inside
    kept: list[str] = []
    for before, value in zip_longest(pieces[::2], pieces[1::2], fillvalue=""):
        words = before.split()
        if words and words[-1].lower() in _LAYOUT:
            kept += words[:-1]
        else:
            kept += (*words, value)
    if kept[:1] == [name] and name in _KNOWN:
        del kept[0]
    return " ".join(filter(None, kept))


_NO_MARKS = dict.fromkeys(map(ord, (_SEAM, _UNSEEN, _SEEN)))


def _clean(cell: str) -> str:
    return unescape(_MARKS.sub("", cell))


def read(source: str) -> Markup:
    """Never raises."""
    source = _MARKS.sub("", source)
    reader = _Reader(source)
    for css in _styles(source):
        reader.sheet.add(css)
    reader.read()
    text = unescape("".join(reader.shown))
    others = [_NOT_SEEN.sub("", text).replace(_SEAM, "")] if _NEAR_DIGITS.search(text) else []
    text = text.replace(_UNSEEN, "").replace(_SEEN, "")
    shown, spaced = text.replace(_SEAM, ""), text.replace(_SEAM, " ")
    if _turned(source):
        others += [shown[::-1]]
    return Markup(
        shown,
        _unshown([unescape(text) for text in reader.unshown if text]),
        spaced if spaced.split() != shown.split() else "",
        reader.deepest,
        tuple(others),
        reader.tables.all(),
    )


def _styles(source: str) -> list[str]:
    """Style sheets of the page, wherever they stand: one at its end counts for all of it."""
    _, *others = source.split("<style") if "<style" in source else source.split("<STYLE")
    return [other.partition(">")[2].partition("</")[0] for other in others]


def _turned(source: str) -> bool:
    """Whether the page has something written from its end."""
    low = source.lower()
    return "\u202e" in source or "<bdo" in low or "bidi-override" in low


def _unshown(texts: list[str]) -> str:
    """With the escapes of URLs and of CSS undone, where they may stand for a number."""
    more = [unquote(text) for text in texts if "%2" in text or "%3" in text]
    more += [_ESCAPED.sub(_character, text) for text in texts if "\\3" in text]
    return "\n".join((*texts, *more))


def _character(escape: re.Match[str]) -> str:
    return chr(min(int(escape[1], 16), 0x10FFFF))
