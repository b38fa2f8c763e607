"""Excel 5 to 2003 (.xls): MS-XLS. One table for each sheet, hidden ones too, then all other words.

Notes, text boxes, headers, defined names, caches of pivot tables, charts and other workbooks are
read where their records are known; for the records that are not, whatever looks like words in them.
Excel 2 to 4 keep their sheet without a compound file around it: cells and notes of it are read.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from gateway.extract import cells, runs
from gateway.extract.biff import FILEPASS, Record, Strings, compact, cut, records
from gateway.extract.characters import codec
from gateway.extract.compound import Compound
from gateway.extract.tables import table
from gateway.model import Medium, Part, Place, Problem, Table, Text, Trouble

MAIN = ("Workbook", "Book", "WORKBOOK", "BOOK")

_SHEETS = frozenset((0x0009, 0x0209, 0x0409, 0x0809))  # beginnings of a sheet
_TABLE_OF_STRINGS, _CODEPAGE, _DATES, _FORMAT, _STYLE, _SHEET = 0xFC, 0x42, 0x22, 0x41E, 0xE0, 0x85
_BOX = 0x01B6
_PICTURES = 0x00EB
# Fonts, styles, themes, palettes, window positions, printers: the same in every file, or noise.
_NO_WORDS = frozenset(
    (0x31, 0x231, 0x1E, 0x293, 0x892, 0x896, 0x88E, 0x92, 0x4D, 0x3D, 0xD7, 0x20B, 0x208, 0x1AF,
     0x1BC, 0xE1, 0xC1, 0xE2, 0x201, 0xBE, 0xFF, 0x87D, 0x87C, 0xBF, 0x105C, 0x1061, 0x105B)
)  # fmt: skip
_EMPTY_BOX = 18  # bytes of a text box before its text


def streams(file: Compound) -> Iterator[bytes]:
    """Excel 97 and Excel 5 may stand side by side in one file. Caches of pivot tables follow."""
    yield from (file.get(name) for name in MAIN if file.get(name))
    for path, data in file.streams.items():
        if path[0] in ("_SX_DB_CUR", "_SX_DB", "Revision Log", "User Names"):
            yield data


def encrypted(file: Compound) -> bool:
    return any(
        record.type == FILEPASS
        for name in MAIN
        for record, _ in zip(records(file.get(name)), range(40), strict=False)
    )


def pictures(stream: bytes) -> bytes:
    """The drawings that hold them, which are cut into many records."""
    return b"".join(record.whole for record in records(stream) if record.type == _PICTURES)


def texts(stream: bytes, part: Part) -> Iterator[Table | Text | Problem]:
    book = _Book()
    for record in records(stream):
        book.read(record)
    book.leftovers()
    if cut(stream):
        yield Problem(Trouble.DAMAGED, Place(part.path), "a workbook cut short")
    for sheet in book.sheets:
        rows = cells.aligned([row for _, row in sorted(sheet.rows.items()) if row])
        if rows:
            yield table(Place(part.path, f"sheet {sheet.name}".strip()), rows)
        if sheet.words:
            words = "\n".join(dict.fromkeys(sheet.words))
            yield Text(Place(part.path, f"beside {sheet.name}".strip()), words, Medium.DOCUMENT)


@dataclass(slots=True)
class _Sheet:
    """words: of everything but cells."""

    name: str = ""
    rows: dict[int, dict[int, str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)


class _Book:
    """Filled record by record. The first sheet stands for what concerns the whole workbook."""

    def __init__(self) -> None:
        self.sheets = [_Sheet("workbook")]
        self._titles: dict[int, str] = {}  # by where the sheet begins
        self._strings: list[str] = []
        self._unused: set[int] = set()  # positions of strings that no cell shows
        self._charset = "cp1252"
        self._new = True  # Excel 97 and later
        self._since: date = cells.SINCE_1900
        self._formats: dict[int, str] = {}
        self._styles: list[int] = []
        self._formula: tuple[int, int] | None = None  # whose result follows as a string

    def read(self, record: Record) -> None:
        if read := _READERS.get(record.type):
            try:
                read(self, record)
            except (struct.error, IndexError):  # shorter than it should be: its words, if any
                self._rest(record)
        elif record.type == _BOX:
            self._box(record)
        elif record.type not in _NO_WORDS:
            self._rest(record)

    def leftovers(self) -> None:
        """Strings that no cell shows any more."""
        self.sheets[0].words += (self._strings[number] for number in sorted(self._unused))

    @property
    def _sheet(self) -> _Sheet:
        return self.sheets[-1]

    def _rest(self, record: Record) -> None:
        data = record.whole
        if len(data) >= 6:
            self._sheet.words += runs.both(data)

    def _begin(self, record: Record) -> None:
        version, content = struct.unpack_from("<2H", record.data)
        self._new = record.type == 0x0809 and version == 0x0600
        if content != 5:  # not the globals of the workbook
            self.sheets.append(_Sheet(self._titles.get(record.at, f"{len(self.sheets)}")))

    def _bound(self, record: Record) -> None:
        (start,) = struct.unpack_from("<L", record.data)
        name = self._string(record, 6, short=True)
        self._titles[start] = name
        self.sheets[0].words.append(name)

    def _shared(self, record: Record) -> None:
        strings = Strings(record.pieces, 8)
        while not strings.over:
            self._strings.append(strings.next())
        self._unused.update(range(len(self._strings)))

    def _codepage(self, record: Record) -> None:
        page = struct.unpack_from("<H", record.data)[0]
        named = {0x8000: "mac_roman", 10000: "mac_roman", 0x8001: "cp1252"}.get(page, f"cp{page}")
        self._charset = codec(named) or "cp1252"

    def _dates(self, record: Record) -> None:
        self._since = cells.SINCE_1904 if record.data[:1] == b"\1" else cells.SINCE_1900

    def _format(self, record: Record) -> None:
        (number,) = struct.unpack_from("<H", record.data)
        self._formats[number] = self._string(record, 2, short=not self._new)

    def _style(self, record: Record) -> None:
        self._styles.append(struct.unpack_from("<H", record.data, 2)[0])

    def _string(self, record: Record, at: int, *, short: bool = False) -> str:
        """Short strings have a length of one byte. Before Excel 97 there is one byte a letter."""
        if self._new:
            return Strings(record.pieces, at).next(short=short)
        size = 1 if short else 2
        length = int.from_bytes(record.data[at : at + size], "little")
        return record.data[at + size : at + size + length].decode(self._charset, "replace")

    def _put(self, row: int, column: int, text: str) -> None:
        if text:
            self._sheet.rows.setdefault(row, {})[column] = text

    def _say(self, value: float, style: int) -> str:
        number = self._styles[style] if style < len(self._styles) else 0
        if cells.shows_days(number, self._formats.get(number, "")):
            return cells.day(value, self._since) or cells.number(value)
        return cells.number(value)

    def _label_shared(self, record: Record) -> None:
        row, column, _, number = struct.unpack_from("<3HL", record.data)
        self._put(row, column, self._strings[number])
        self._unused.discard(number)

    def _label(self, record: Record) -> None:
        row, column = struct.unpack_from("<2H", record.data)
        if record.type == 0x0004:  # Excel 2: three bytes of style, and a length of one
            length = record.data[7]
            self._put(row, column, record.data[8 : 8 + length].decode(self._charset, "replace"))
        else:
            self._put(row, column, self._string(record, 6))

    def _number(self, record: Record) -> None:
        row, column, style = struct.unpack_from("<3H", record.data)
        old = record.type == 0x0003
        (value,) = struct.unpack_from("<d", record.data, 7 if old else 6)
        self._put(row, column, self._say(value, 0 if old else style))

    def _compact(self, record: Record) -> None:
        row, column, style, value = struct.unpack_from("<3HL", record.data)
        self._put(row, column, self._say(compact(value), style))

    def _compacts(self, record: Record) -> None:
        row, column = struct.unpack_from("<2H", record.data)
        for number, at in enumerate(range(4, len(record.data) - 7, 6)):
            style, value = struct.unpack_from("<HL", record.data, at)
            self._put(row, column + number, self._say(compact(value), style))

    def _formula_cell(self, record: Record) -> None:
        row, column, style = struct.unpack_from("<3H", record.data)
        result = record.data[6:14]
        self._formula = None
        if result[6:] != b"\xff\xff":
            self._put(row, column, self._say(struct.unpack("<d", result)[0], style))
        elif result[0] == 0:
            self._formula = (row, column)
        self._sheet.words += runs.both(record.data[20:])  # strings written in the formula

    def _formula_string(self, record: Record) -> None:
        text = self._string(record, 0)
        if self._formula:
            self._put(*self._formula, text)
        else:
            self._sheet.words.append(text)

    def _note(self, record: Record) -> None:
        """Its author; before Excel 97, its text, in pieces of 2048 bytes."""
        if self._new:
            self._sheet.words.append(self._string(record, 8))
        else:
            row, _, length = struct.unpack_from("<3H", record.data)
            text = record.data[6 : 6 + length].decode(self._charset, "replace")
            if row == 0xFFFF and self._sheet.words:  # the note before goes on
                self._sheet.words[-1] += text
            else:
                self._sheet.words.append(text)

    def _box(self, record: Record) -> None:
        if not self._new or len(record.data) < _EMPTY_BOX or len(record.pieces) < 2:
            self._rest(record)
            return
        length = struct.unpack_from("<H", record.data, 10)[0]
        wide = bool(record.pieces[1][:1] > b"\0")
        self._sheet.words.append(Strings(record.pieces[1:], 1).characters(length, wide=wide))

    def _one_string(self, record: Record) -> None:
        """Headers, footers, entries of pivot caches."""
        self._sheet.words.append(self._string(record, 0, short=not self._new))

    def _one_number(self, record: Record) -> None:
        self._sheet.words.append(cells.number(struct.unpack_from("<d", record.data)[0]))

    def _of_another(self, record: Record) -> None:
        """Cells of another workbook, kept for when it is not at hand."""
        strings = Strings(record.pieces, 4)
        last, first = record.data[:2]
        for _ in range(max(0, last - first) + 1):
            match strings.byte():
                case 1:
                    self._sheet.words.append(cells.number(strings.double()))
                case 2:
                    self._sheet.words.append(strings.next())
                case _:
                    strings.double()

    def _pictures(self, record: Record) -> None:
        """The words beside them; the pictures themselves are carved from the whole stream."""


_READERS: dict[int, Callable[[_Book, Record], None]] = {
    **dict.fromkeys(_SHEETS, _Book._begin),
    _SHEET: _Book._bound,
    _TABLE_OF_STRINGS: _Book._shared,
    _CODEPAGE: _Book._codepage,
    _DATES: _Book._dates,
    _FORMAT: _Book._format,
    _STYLE: _Book._style,
    0xFD: _Book._label_shared,
    **dict.fromkeys((0x0204, 0x00D6, 0x0004), _Book._label),
    **dict.fromkeys((0x0203, 0x0003), _Book._number),
    0x027E: _Book._compact,
    0x00BD: _Book._compacts,
    **dict.fromkeys((0x0006, 0x0206, 0x0406), _Book._formula_cell),
    0x0207: _Book._formula_string,
    0x001C: _Book._note,
    **dict.fromkeys((0x14, 0x15, 0xCD), _Book._one_string),
    0xC9: _Book._one_number,
    0x5A: _Book._of_another,
    _PICTURES: _Book._pictures,
}
