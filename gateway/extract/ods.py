"""Tables of OpenDocument spreadsheets: ISO/IEC 26300-3, 9.1. Hidden sheets, rows and columns too.

Values are those stored, not those displayed. What stands beside the cells, annotations, drawings,
names, is given as text; a value repeated over many cells is given once a row.
"""

from __future__ import annotations

import io
from collections.abc import Iterator

from lxml import etree

from gateway.extract import cells, xml_text
from gateway.extract.tables import table
from gateway.model import Medium, Part, Place, Problem, Table, Text, Trouble

_MOST_COLUMNS = 16_384
_MOST_REPEATED = 16  # cells that are given for one that is repeated
_ANNOTATION = "annotation"


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
                title = _attribute(element, "name")
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


def _attribute(element: etree._Element, name: str) -> str:
    return next((str(v) for key, v in element.attrib.items() if str(key).endswith(f"}}{name}")), "")


def _row(element: etree._Element, beside: list[str]) -> dict[int, str]:
    found: dict[int, str] = {}
    column = 0
    for cell in element:
        if xml_text.local(cell) not in ("table-cell", "covered-table-cell"):
            continue
        repeated = _attribute(cell, "number-columns-repeated")
        times = min(int(repeated), _MOST_COLUMNS) if repeated.isdigit() else 1
        if text := _cell(cell, beside):
            for number in range(min(times, _MOST_REPEATED)):
                found[column + number] = text
        column += times
    return found


def _cell(cell: etree._Element, beside: list[str]) -> str:
    """The stored value; words of its drawings and annotations go beside."""
    value = _attribute(cell, "value")
    lines: list[str] = []
    for child in cell:
        if xml_text.local(child) == "p":
            lines.append(xml_text.text_of(child))
        else:
            beside += (str(text) for text in child.itertext() if text.strip())
            beside += xml_text.words_in_tags(child)
    formula = _attribute(cell, "formula")
    if '"' in formula:  # ="…": written in a formula
        beside.append(formula)
    stored = _attribute(cell, "date-value") or _attribute(cell, "string-value")
    if value:
        stored = _number(value)
    shown = " ".join(line for line in lines if line)
    if stored and shown and not value and stored not in shown:
        beside.append(shown)
    return stored or shown


def _number(value: str) -> str:
    try:
        return cells.number(float(value)) if len(value) < 40 else value
    except ValueError:
        return value
