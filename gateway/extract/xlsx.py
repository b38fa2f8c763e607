"""Excel workbooks (.xlsx, .xlsm): ECMA-376 part 1, 18. One table for each sheet, hidden ones too.

Cells are as stored, not as displayed: a column too narrow or formatted away still holds its number.
Three things are said as a person would read them: whole numbers that Excel stores with an exponent,
days, which it stores as a count since 1900 (or 1904), and characters by number (_x0041_).
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from lxml import etree

from gateway.extract import cells, office, package, plain_sheet, xml_text
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.plain_sheet import Cell
from gateway.extract.tables import table
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_MOST_COLUMNS = 16_384  # Excel's own limit
_LONGEST_NUMBER = 40  # characters
_SAID = re.compile(r'"[^"]{8,}')  # longer than a currency
_BY_NUMBER = re.compile(r"_x([0-9A-Fa-f]{4})_")  # ECMA-376 part 1, 22.4.2.4


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    files: dict[str, bytes] = {}
    for member in package.members(part, limits):
        if not isinstance(member, package.Content):
            yield member
        elif member.is_xml:
            files[member.name] = member.data
        else:
            yield member.as_part(part)
    book = _Book.read(files)
    yield Text(Place(part.path, "sheets"), "\n".join(book.titles.values()), Medium.DOCUMENT)
    for name, data in files.items():
        if name in book.titles or name.startswith(("xl/worksheets/sheet", "xl/chartsheets/")):
            yield from _sheet(part, name, data, book)
        elif name == "xl/styles.xml":
            yield from _formats(part, data)
        elif name not in ("xl/theme/theme1.xml", "[Content_Types].xml"):
            yield from office.texts(part, package.Content(name, data))


@dataclass(frozen=True, slots=True)
class _Book:
    """strings: shared by all sheets. days: styles that show a number as a day. titles: of sheets,
    by the name of their file."""

    strings: tuple[str, ...]
    days: frozenset[str]
    titles: dict[str, str]
    since: date

    @classmethod
    def read(cls, files: dict[str, bytes]) -> _Book:
        workbook = files.get("xl/workbook.xml", b"")
        old = b'date1904="1"' in workbook or b'date1904="true"' in workbook
        since = cells.SINCE_1904 if old else cells.SINCE_1900
        return cls(
            tuple(_strings(files.get("xl/sharedStrings.xml", b""))),
            _days(files.get("xl/styles.xml", b"")),
            _titles(workbook, files.get("xl/_rels/workbook.xml.rels", b"")),
            since,
        )


def _elements(data: bytes, *names: str) -> Iterator[etree._Element]:
    return xml_text.elements(data, *names) if data else iter(())


def _strings(data: bytes) -> Iterator[str]:
    for element in _elements(data, "si"):
        yield _plain(xml_text.text_of(element))
        element.clear()


def _days(data: bytes) -> frozenset[str]:
    """Positions in cellXfs of the styles that show days."""
    custom: dict[int, str] = {}
    days: set[str] = set()
    for element in _elements(data, "numFmt", "cellXfs"):
        if xml_text.local(element) == "numFmt":
            custom[int(element.get("numFmtId", "0"))] = str(element.get("formatCode", ""))
        else:
            days.update(
                str(position)
                for position, style in enumerate(element)
                if cells.shows_days(
                    number := int(style.get("numFmtId", "0")), custom.get(number, "")
                )
            )
    return frozenset(days)


def _formats(part: Part, data: bytes) -> Iterator[Text]:
    """What formats of numbers say beside the number: a currency, or a text in its place."""
    codes = (str(element.get("formatCode", "")) for element in _elements(data, "numFmt"))
    if said := [code for code in codes if _SAID.search(code)]:
        yield Text(Place(part.path, "formats of numbers"), "\n".join(said), Medium.DOCUMENT)


def _titles(workbook: bytes, relations: bytes) -> dict[str, str]:
    files = {
        element.get("Id"): "xl/" + str(element.get("Target", "")).removeprefix("/xl/")
        for element in _elements(relations, "Relationship")
    }
    titles: dict[str, str] = {}
    for element in _elements(workbook, "sheet"):
        for key, value in element.attrib.items():
            if str(key).endswith("}id") and value in files:
                titles[files[value]] = str(element.get("name", ""))
    return titles


def _sheet(part: Part, name: str, data: bytes, book: _Book) -> Iterator[Extracted]:
    title = book.titles.get(name) or package.Content(name, b"").spot
    place = Place(part.path, f"sheet {title}")
    try:
        within, around = plain_sheet.divided(data)
        sparse = [_row(row, book) for row in plain_sheet.rows(within)]
    except plain_sheet.Unusual:
        sparse, around = [], data
    if b"<!ENTITY" in around:
        yield Problem(Trouble.DAMAGED, place, "a sheet with entities, which are not followed")
    events = xml_text.parser(io.BytesIO(around), ("row",))
    try:
        for _, element in events:
            sparse.append(_row(_cells(element), book))
            element.clear()
    except etree.XMLSyntaxError:
        yield Problem(Trouble.DAMAGED, place, "a sheet is damaged")
    if events.root is not None:  # headers, validations, links: what stands after the rows
        beside = [str(text) for text in events.root.itertext() if text.strip()]
        beside += xml_text.words_in_tags(events.root)
        if beside:
            yield Text(place, "\n".join(dict.fromkeys(beside)), Medium.DOCUMENT)
    rows = cells.aligned([row for row in sparse if row])
    if rows:
        yield table(place, rows)


def _cells(row: etree._Element) -> Iterator[Cell]:
    for cell in row:
        value = inline = formula = ""
        for child in cell:
            match xml_text.local(child):
                case "v":
                    value = child.text or ""
                case "is":
                    inline = xml_text.text_of(child)
                case "f":
                    formula = child.text or ""
        column = str(cell.get("r", "")).rstrip("0123456789").upper()
        yield column, cell.get("s", ""), cell.get("t", "n"), formula, value, inline


def _row(row: Iterable[Cell], book: _Book) -> dict[int, str]:
    found: dict[int, str] = {}
    strings = book.strings
    at = -1
    for column, style, form, formula, value, inline in row:
        at = _column(column) if column else at + 1
        if form == "s":
            if value.isdecimal() and len(value) < 10 and int(value) < len(strings):
                value = strings[int(value)]
        elif value:
            value = _number(value, style, book) if form in ("", "n") else _plain(value)
        if inline:
            value = _plain(inline)
        if '"' in formula:  # ="…": written in it
            value = f"{value} {formula}".strip()
        if value:
            found[at] = value
    return found


@lru_cache(maxsize=_MOST_COLUMNS)
def _column(name: str) -> int:
    """ "A" is 0, "AB" is 27."""
    number = 0
    for character in name[:4]:
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return min(number - 1, _MOST_COLUMNS)


def _plain(text: str) -> str:
    if "_x" not in text:
        return text
    return _BY_NUMBER.sub(lambda found: chr(int(found[1], 16)), text)


def _number(value: str, style: str, book: _Book) -> str:
    is_day = style in book.days
    if not (is_day or "E" in value or "e" in value) or len(value) > _LONGEST_NUMBER:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if is_day and (day := cells.day(number, book.since)):
        return day
    return cells.number(number) if "E" in value.upper() else value


EXTRACTOR = Extractor(("xlsx",), extract)
