"""Binary Excel workbooks (.xlsb): MS-XLSB. One table for each sheet, then all other words.

Records have a type and a length in groups of seven bits. Cells, shared strings and comments are
read as such; of every other record, whatever looks like words.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from gateway.extract import cells, office, package, runs
from gateway.extract.biff import compact
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tables import table
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_ROW, _LAST_CELL = 0, 11
_SHARED, _SHEET, _FORMAT, _STYLE, _STYLES, _BOOK = 19, 156, 44, 47, 617, 153
_COMMENT, _AUTHOR = 637, 632
_STYLES_END = 618
_FORMULA_FROM = 8  # cells of these types and above hold a formula after their value


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    files: dict[str, bytes] = {}
    for member in package.members(part, limits):
        if not isinstance(member, package.Content):
            yield member
        elif member.is_xml:
            yield from office.texts(part, member)
        elif _holds_records(member.name):
            files[member.name] = member.data
        else:
            yield member.as_part(part)
    book = _Book.read(files)
    yield Text(Place(part.path, "sheets"), "\n".join(book.titles), Medium.DOCUMENT)
    for name, data in files.items():
        yield from _file(part, name, data, book)
    left = [text for number, text in enumerate(book.strings) if number not in book.shown]
    if left:
        place = Place(part.path, "strings of no cell")
        yield Text(place, "\n".join(left), Medium.DOCUMENT)


def _holds_records(name: str) -> bool:
    """Printer settings, macros and objects end in .bin as well."""
    others = ("xl/printerSettings", "xl/vbaProject", "xl/embeddings", "xl/activeX", "xl/ctrlProps")
    return name.startswith("xl/") and name.endswith(".bin") and not name.startswith(others)


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Raises IndexError where the file is cut."""
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if kind & 0x80:
            kind, at = kind & 0x7F | (data[at] & 0x7F) << 7, at + 1
        size = shift = 0
        while True:
            size |= (data[at] & 0x7F) << shift
            shift += 7
            at += 1
            if not data[at - 1] & 0x80 or shift > 21:
                break
        if at + size > len(data):
            raise IndexError
        yield kind, data[at : at + size]
        at += size


def _string(data: bytes, at: int) -> str:
    length = int.from_bytes(data[at : at + 4], "little")
    return data[at + 4 : at + 4 + 2 * length].decode("utf-16-le", "replace")


@dataclass(slots=True)
class _Book:
    """strings: shared by all sheets. shown: those that a cell holds, by position. days: styles
    that show a number as a day."""

    strings: list[str] = field(default_factory=list)
    shown: set[int] = field(default_factory=set)
    days: set[int] = field(default_factory=set)
    titles: list[str] = field(default_factory=list)
    since: date = cells.SINCE_1900

    @classmethod
    def read(cls, files: dict[str, bytes]) -> _Book:
        book = cls()
        formats: dict[int, str] = {}
        styles, within = 0, False
        for name in ("xl/workbook.bin", "xl/styles.bin", "xl/sharedStrings.bin"):
            for kind, data in _lenient(files.get(name, b"")):
                if kind == _SHARED:
                    book.strings.append(_string(data, 1))
                elif kind == _SHEET:
                    relation = int.from_bytes(data[8:12], "little")
                    book.titles.append(_string(data, 12 + 2 * relation))
                elif kind == _BOOK and data[:1] and data[0] & 1:
                    book.since = cells.SINCE_1904
                elif kind == _FORMAT:
                    formats[int.from_bytes(data[:2], "little")] = _string(data, 2)
                elif kind in (_STYLES, _STYLES_END):
                    within = kind == _STYLES
                elif kind == _STYLE and within:
                    number = int.from_bytes(data[2:4], "little")
                    if cells.shows_days(number, formats.get(number, "")):
                        book.days.add(styles)
                    styles += 1
        return book


def _lenient(data: bytes) -> Iterator[tuple[int, bytes]]:
    """As far as it goes; that it is cut is told elsewhere."""
    try:
        yield from records(data)
    except IndexError:
        return


def _file(part: Part, name: str, data: bytes, book: _Book) -> Iterator[Extracted]:
    spot = package.Content(name, b"").spot.removesuffix(".bin")
    place = Place(part.path, spot)
    rows: list[dict[int, str]] = []
    words: dict[str, None] = {}
    try:
        for kind, content in records(data):
            if kind == _ROW and name.startswith("xl/worksheets/"):
                rows.append({})
            elif 0 < kind <= _LAST_CELL and rows and len(content) >= 8:
                if text := _cell(kind, content, book):
                    rows[-1][int.from_bytes(content[:4], "little")] = text
                if kind >= _FORMULA_FROM:
                    words |= dict.fromkeys(runs.wide(content[8:]))
            elif kind in (_COMMENT, _AUTHOR):
                words[_string(content, 1 if kind == _COMMENT else 0)] = None
            elif kind != _SHARED and "styles" not in name and "theme" not in name:
                words |= dict.fromkeys(runs.wide(content))
    except IndexError:
        yield Problem(Trouble.DAMAGED, place, "a workbook cut short")
    if any(rows):
        yield table(place, cells.aligned([row for row in rows if row]))
    if words:
        yield Text(place, "\n".join(words), Medium.DOCUMENT)


def _cell(kind: int, data: bytes, book: _Book) -> str:
    style = int.from_bytes(data[4:7], "little")
    match kind:
        case 2:
            return _number(compact(int.from_bytes(data[8:12], "little")), style, book)
        case 5 | 9 if len(data) >= 16:
            return _number(struct.unpack_from("<d", data, 8)[0], style, book)
        case 6 | 8:
            return _string(data, 8)
        case 7:
            number = int.from_bytes(data[8:12], "little")
            book.shown.add(number)
            return book.strings[number] if number < len(book.strings) else ""
    return ""


def _number(value: float, style: int, book: _Book) -> str:
    day = cells.day(value, book.since) if style in book.days else ""
    return day or cells.number(value)


EXTRACTOR = Extractor(("xlsb",), extract)
