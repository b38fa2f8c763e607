"""Excel workbooks (.xlsx, .xlsm): ECMA-376 part 1, 18. One table for each sheet, hidden ones too.

Cells are as stored, not as displayed: a column too narrow or formatted away still holds its number.
Two things are said as a person would write them: whole numbers that Excel stores with an exponent,
and days, which it stores as a count since 1900 (or 1904).
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from lxml import etree

from gateway.extract import cells, office, package, xml_text
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tables import table
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_MOST_COLUMNS = 16_384  # Excel's own limit
_LONGEST_NUMBER = 40  # characters


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
        if name.startswith(("xl/worksheets/sheet", "xl/chartsheets/")):
            yield from _sheet(part, name, data, book)
        elif name not in ("xl/styles.xml", "xl/theme/theme1.xml", "[Content_Types].xml"):
            yield from office.texts(part, package.Content(name, data))


@dataclass(frozen=True, slots=True)
class _Book:
    """strings: shared by all sheets. days: styles that show a number as a day. titles: of sheets,
    by the name of their file."""

    strings: tuple[str, ...]
    days: frozenset[int]
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
        yield xml_text.text_of(element)
        element.clear()


def _days(data: bytes) -> frozenset[int]:
    """Positions in cellXfs of the styles that show days."""
    custom: dict[int, str] = {}
    days: set[int] = set()
    for element in _elements(data, "numFmt", "cellXfs"):
        if xml_text.local(element) == "numFmt":
            custom[int(element.get("numFmtId", "0"))] = str(element.get("formatCode", ""))
        else:
            days.update(
                position
                for position, style in enumerate(element)
                if cells.shows_days(
                    number := int(style.get("numFmtId", "0")), custom.get(number, "")
                )
            )
    return frozenset(days)


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
    sparse: list[dict[int, str]] = []
    events = xml_text.parser(io.BytesIO(data), ("row",))
    try:
        for _, element in events:
            sparse.append(_row(element, book))
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


def _row(element: etree._Element, book: _Book) -> dict[int, str]:
    found: dict[int, str] = {}
    column = -1
    for cell in element:
        reference = cell.get("r")
        column = _column(str(reference)) if reference else column + 1
        text = _cell(cell, book)
        if text:
            found[min(column, _MOST_COLUMNS)] = text
    return found


def _column(reference: str) -> int:
    """ "A1" is 0, "AB12" is 27."""
    number = 0
    for character in reference[:4].upper():
        if not "A" <= character <= "Z":
            break
        number = number * 26 + ord(character) - 64
    return number - 1


def _cell(cell: etree._Element, book: _Book) -> str:
    form, value, inline, formula = cell.get("t", "n"), "", "", ""
    for child in cell:
        tag = str(child.tag)
        if tag.endswith("}v"):
            value = child.text or ""
        elif tag.endswith("}is"):
            inline = xml_text.text_of(child)
        elif tag.endswith("}f") and '"' in (child.text or ""):  # ="…": written in a formula
            formula = child.text or ""
    if form == "s" and value.isdigit() and int(value) < len(book.strings):
        value = book.strings[int(value)]
    elif form == "n" and value:
        value = _number(value, cell.get("s", ""), book)
    return f"{inline or value} {formula}".strip() if formula else inline or value


def _number(value: str, style: str, book: _Book) -> str:
    if len(value) > _LONGEST_NUMBER:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    if style.isdigit() and int(style) in book.days and (day := cells.day(number, book.since)):
        return day
    return cells.number(number) if "E" in value.upper() else value


EXTRACTOR = Extractor(("xlsx",), extract)
