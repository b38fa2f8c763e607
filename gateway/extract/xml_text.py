"""XML of office documents to text: no entities, no network, no document type.

Runs are joined, since a word processor cuts a number in two when half of it is bold; paragraphs end
lines. Whatever the vocabulary, every text of the file comes out once, and so do the attributes in
which office programs keep words. Tables that hold data are given as rows besides.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import re2
from lxml import etree

from gateway.extract.tables_within import Rows, Tables

_PARAGRAPHS = frozenset(("p", "h", "si", "comment", "definedName"))
_BLANKS = frozenset(("tab", "br", "cr", "s", "line-break", "noBreakHyphen"))
_CELLS = frozenset(("tc", "table-cell", "covered-table-cell"))
_ROWS = frozenset(("tr", "table-row"))
_TABLES = frozenset(("tbl", "table"))
_GRID = _CELLS | _ROWS | _TABLES
_MARKS = tuple(sorted(_PARAGRAPHS | _BLANKS | _CELLS))
_MARKS_WITH_TABLES = tuple(sorted(_PARAGRAPHS | _BLANKS | _GRID))

# Attributes that are words: alternative texts, authors, values of caches, of forms and of document
# variables, messages of validations.
_WORDS = frozenset(
    ("descr", "title", "alt", "author", "initials", "placeholder", "v", "value", "string-value",
     "current-value", "label", "tooltip", "display", "userName", "prompt", "promptTitle", "error",
     "errorTitle", "displayName", "comment", "description")
)  # fmt: skip
# The same under a name that says little elsewhere: of these elements only.
_VALUES = frozenset(
    ("docVar", "alias", "tag", "default", "statusText", "helpText", "result", "listItem")
)
_NAMES = frozenset(
    ("cmAuthor", "bookmarkStart", "property", "cNvPr", "tag", "custShow", "definedName",
     "cacheField", "section", "frame", "page", "bookmark", "bookmark-start", "named-range",
     "user-defined", "table")
)  # fmt: skip
_LINKS = frozenset(("Target", "href"))  # to elsewhere
# Looking at every attribute is dear, and most files have none of these.
_latin1 = re2.Options()
_latin1.encoding = re2.Options.Encoding.LATIN1
_TRACES = re2.compile(
    rb" v=|[ :](?:descr|title|alt|author|initials|placeholder|(?:string-|current-)?value|label"
    rb"|tooltip|display|userName|prompt|promptTitle|error|errorTitle|displayName|comment"
    rb"|description|Target|href)=|[<:](?:docVar|alias|tag|default|statusText|helpText|result"
    rb"|listItem|cmAuthor|bookmarkStart|property|cNvPr|custShow|definedName|cacheField|section"
    rb"|frame|page|bookmark|bookmark-start|named-range|user-defined|table) ",
    _latin1,
)
_CELL = re2.compile(rb"[<:](?:tc|table-cell)[ />]", _latin1)
# A long number as Excel stores it in a cache: few digits, bounded, and no choice among them.
_EXPONENT = re.compile(r"\b\d\.\d{4,16}[Ee]\+?\d{1,2}\b")
_EXPONENTS = re2.compile(rb"\d\.\d{4,16}[Ee]\+?\d", _latin1)  # five times as fast, for most files


@dataclass(frozen=True, slots=True)
class Words:
    """whole: whether the file could be read to its end. tables: those of the text, as rows."""

    text: str
    attributes: str
    whole: bool
    tables: tuple[Rows, ...] = ()


def elements(data: bytes, *names: str) -> Iterator[etree._Element]:
    """The elements of these names, whatever their namespace, each once it is complete.

    The only way XML is parsed here. Raises etree.XMLSyntaxError, also for a deep nest.
    """
    for _, element in parser(io.BytesIO(data), names):
        yield element


def parser(
    data: io.BytesIO, names: tuple[str, ...], events: tuple[str, ...] = ("end",)
) -> etree.iterparse:
    return etree.iterparse(
        data,
        events=events,
        tag=[f"{{*}}{name}" for name in names],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )


def words(data: bytes) -> Words:
    """Never raises for what the file holds. A file with entities is not whole."""
    plain = data.replace(b"\0", b"") if b"\0" in data[:4] else data  # UTF-16
    telling = _TRACES.search(plain) is not None  # many files have none; looking is dear
    reader = _Reader(telling)
    whole = b"<!ENTITY" not in plain
    try:
        if _CELL.search(plain):
            events = parser(io.BytesIO(data), _MARKS_WITH_TABLES, ("start", "end"))
        else:
            events = parser(io.BytesIO(data), _MARKS)
        for event, element in events:
            if event == "end":
                reader.end(element)
            else:
                reader.start(element)
        root = events.root
    except etree.XMLSyntaxError:
        whole, root = False, None
    tables = reader.tables.all()
    lines, attributes = reader.lines, reader.attributes
    if root is not None:
        attributes += words_in_tags(root) if telling else ()
        lines += [str(text) for text in root.itertext() if text.strip()]
    every = (*lines, *attributes)
    if _EXPONENTS.search("\n".join(every).encode()):
        attributes += (_written_out(line) for line in every if _EXPONENT.search(line))
    return Words("\n".join(lines), "\n".join(dict.fromkeys(attributes)), whole, tables)


class _Reader:
    """telling: whether there are attributes to look at."""

    def __init__(self, telling: bool) -> None:
        self.lines: list[str] = []
        self.attributes: list[str] = []
        self.tables = Tables(self.lines, "\n")
        self._telling = telling

    def start(self, element: etree._Element) -> None:
        name = local(element)
        if name in _CELLS:
            self.tables.cell()
        elif name in _ROWS:
            self.tables.row()
        elif name in _TABLES:
            self.tables.begin()

    def end(self, element: etree._Element) -> None:
        name = local(element)
        if name in _BLANKS:
            element.text = "\t" if name == "tab" else " "
        elif name in _PARAGRAPHS:
            self.attributes += words_in_tags(element) if self._telling else ()
            self.lines.append(text_of(element))
            element.clear(keep_tail=True)  # type: ignore[call-arg]  # its types are of an older one
        elif name in _TABLES:
            self.tables.end()
        elif name in _CELLS:
            if len(element) == 0 and self.lines:
                self.lines[-1] += "\t"
            self.tables.widen(_across(element))
            self.tables.pause()


def _across(cell: etree._Element) -> int:
    """Columns that a cell of Word stretches over; elsewhere, those it covers are cells as well."""
    properties = next(iter(cell), None)
    for child in () if properties is None or local(properties) != "tcPr" else properties:
        if local(child) == "gridSpan":
            return next((int(n[:4]) for n in map(str, child.values()) if n.isdecimal()), 1)
    return 1


def _written_out(line: str) -> str:
    """ "2.79035199915189E14" is 279035199915189."""
    numbers = (float(number) for number in _EXPONENT.findall(line))
    return " ".join(str(int(number)) for number in numbers if number.is_integer())


def words_in_tags(element: etree._Element) -> list[str]:
    """Attributes of the element and of all below."""
    return [
        str(value)
        for one in element.iter()
        for key, value in one.items()
        if (what := _what(key)) and value and _tells(what, one, str(value))
    ]


@lru_cache(maxsize=1024)
def _what(key: str) -> str:
    """The name of an attribute that may tell something, or ""."""
    name = str(key).rpartition("}")[2]
    return name if name in _WORDS or name in _LINKS or name in ("val", "name") else ""


def _tells(name: str, element: etree._Element, value: str) -> bool:
    if name in _LINKS:
        return ":" in value
    if name in ("val", "name"):
        return local(element) in (_VALUES if name == "val" else _NAMES)
    return True


def local(element: etree._Element) -> str:
    """The name without its namespace: transitional and strict documents differ in it."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def text_of(element: etree._Element) -> str:
    """All the text within, in order."""
    return "".join(map(str, element.itertext()))
