"""Tables of OpenDocument spreadsheets: ISO/IEC 26300-3, 9.1. Hidden sheets, rows and columns too.

Values are those stored, not those displayed. What stands beside the cells, annotations, drawings,
names, is given as text; a value repeated over many cells is given once a row.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from functools import lru_cache

from lxml import etree

from gateway.extract import cells, xml_text
from gateway.extract.tables import table
from gateway.model import Medium, Part, Place, Problem, Table, Text, Trouble

_MOST_COLUMNS = 16_384
_DIGITS = 6  # of a number of columns
_MOST_REPEATED = 16  # cells that are given for one that is repeated
_BLANKS = ("s", "tab", "line-break")


def is_spreadsheet(data: bytes) -> bool:
    return b"<office:spreadsheet" in data


def read(part: Part, spot: str, data: bytes) -> Iterator[Table | Text | Problem]:
    rows: list[dict[int, str]] = []
    beside: list[str] = []
    parser = xml_text.parser(io.BytesIO(data), ("table", "table-row"))
    place = Place(part.path, spot)
    try:
        for _, element in parser:
            if xml_text.local(element) == "table-row":
                if row := _row(element, beside):
                    rows.append(row)
                element.clear()
            else:
                title = _attributes(element).get("name", "")
                beside += [title, *xml_text.words_in_tags(element)]
                if rows:
                    yield table(Place(part.path, f"sheet {title}"), cells.aligned(rows))
                rows = []
    except etree.XMLSyntaxError:
        yield Problem(Trouble.DAMAGED, place, "an XML file of the document is damaged")
        if rows:
            yield table(place, cells.aligned(rows))
    if parser.root is not None:
        beside += xml_text.words_in_tags(parser.root)
        beside += (str(text) for text in parser.root.itertext() if text.strip())
    if b"<!ENTITY" in data:
        yield Problem(Trouble.DAMAGED, place, "an XML file of the document is damaged")
    if words := dict.fromkeys(text for text in beside if text):
        yield Text(place, "\n".join(words), Medium.DOCUMENT)


def _attributes(element: etree._Element) -> dict[str, str]:
    """By name, without namespaces."""
    return {_local(str(key)): str(value) for key, value in element.items()}


@lru_cache(maxsize=1024)
def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _row(element: etree._Element, beside: list[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    column = 0
    for cell in element:
        if _local(str(cell.tag)) not in ("table-cell", "covered-table-cell"):
            continue
        said = _attributes(cell)
        repeated = said.get("number-columns-repeated", "")[:_DIGITS]
        times = min(int(repeated), _MOST_COLUMNS) if repeated.isdecimal() else 1
        if text := _cell(cell, said, beside):
            for number in range(min(times, _MOST_REPEATED)):
                found[column + number] = text
        column += times
    return found


def _cell(cell: etree._Element, said: dict[str, str], beside: list[str]) -> str:
    """The stored value; words of its drawings and annotations go beside."""
    value = said.get("value", "")
    lines: list[str] = []
    for child in cell:
        if _local(str(child.tag)) == "p":
            lines.append(_line(child) if len(child) else child.text or "")
        else:
            beside += (str(text) for text in child.itertext() if text.strip())
            beside += xml_text.words_in_tags(child)
    formula = said.get("formula", "")
    if '"' in formula:  # ="…": written in it
        beside.append(formula)
    stored = _number(value) if value else said.get("date-value") or said.get("string-value", "")
    shown = " ".join(filter(None, lines))
    if stored and shown and not value and stored not in shown:
        beside.append(shown)
    return stored or shown


def _line(paragraph: etree._Element) -> str:
    for one in paragraph.iter():
        if _local(str(one.tag)) in _BLANKS:
            one.text = " "
    return xml_text.text_of(paragraph)


def _number(value: str) -> str:
    try:
        return cells.number(float(value)) if len(value) < 40 else value
    except ValueError:
        return value
