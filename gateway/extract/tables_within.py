"""Tables within a text: HTML, Word, OpenDocument, PowerPoint, RTF.

The reader of a format appends its pieces of text to one list, as it does anyway, and says where
tables, rows and cells begin and end; what came between is in the cell. So the cost is that of the
text, however tables are nested. The text itself stays as it is: tables come beside it.

Mails are laid out in tables, too. What has the shape of data is given as rows; any other, put in a
cell, belongs to that cell.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from gateway.extract.tables import table
from gateway.model import Place, Table

Rows = tuple[tuple[str, ...], ...]

MOST = (
    500  # tables of one text; searching each has its price, and the rows of more are put together
)
_WIDEST = 64  # columns that a cell may stretch over, and that one from above may cover
_FARTHEST = 1_000  # rows that a cell may reach down
_LONGEST_WITHIN = 2_000  # characters of a table that counts as a part of the cell around it
_COLUMNS = 3  # filled cells: a row of data…
_PAIRS = 5  # …or so many rows of two; fewer are a form, or a picture and what stands beside it
_LONG = 200  # characters, the mean of the cells: those of a page's layout hold paragraphs


@dataclass(slots=True)
class _Open:
    """A table not ended as yet. cell: what has come in its last one, None between two. covered: by
    a cell from above, columns and the number of the last row, from 1."""

    rows: list[list[str]] = field(default_factory=list)
    cell: list[str] | None = None
    across: int = 1
    covered: dict[int, int] = field(default_factory=dict)

    def row(self) -> None:
        self.rows.append([])

    def skip(self) -> None:
        """What is covered holds nothing. Not before there is a cell: rows without any are free."""
        row, number = self.rows[-1], len(self.rows)
        while self.covered.get(len(row), 0) >= number:
            row.append("")

    def begin(self, across: int, down: int, column: int) -> None:
        if not self.rows:
            self.row()
        self.skip()
        row = self.rows[-1]
        row += [""] * (min(column, _WIDEST) - 1 - len(row))
        first = len(row)
        if down > 1:
            for column in range(first, min(first + across, _WIDEST)):
                self.covered[column] = len(self.rows) + min(down, _FARTHEST) - 1
        self.cell, self.across = [], across

    def end(self, joint: str) -> None:
        if self.cell is not None:
            row = self.rows[-1]
            row.append(joint.join(self.cell))
            row += [""] * (min(self.across, _WIDEST) - 1)
            self.cell = None
            self.skip()


class Tables:
    """pieces: of the text, to which their reader goes on appending. joint: what stands between two
    of them. clean: what makes of those of a cell what a person reads there."""

    def __init__(
        self, pieces: Sequence[str], joint: str, clean: Callable[[str], str] = str
    ) -> None:
        self._pieces = pieces
        self._joint = joint
        self._clean = clean
        self._since = 0
        self._open: list[_Open] = []
        self._found: list[Rows] = []

    def begin(self) -> None:
        self._gather()
        self._open.append(_Open())

    def row(self) -> None:
        self.pause()
        if self._open:
            self._open[-1].row()

    def cell(self, across: int = 1, down: int = 1, column: int = 0) -> None:
        """column: its number from 1 where the format says it, and leaves out empty cells."""
        self.pause()
        if self._open:
            self._open[-1].begin(max(1, across), down, column)

    def widen(self, across: int) -> None:
        """The cell that is open stretches over so many columns: some formats say so within it."""
        if self._open:
            self._open[-1].across = max(1, across)

    def pause(self) -> None:
        """A cell or a row ends."""
        self._gather()
        if self._open:
            self._open[-1].end(self._joint)

    def end(self) -> None:
        self.pause()
        if not self._open:
            return
        rows = self._open.pop().rows
        if found := self._data(rows):
            self._found.append(found)
        elif self._open and (cell := self._open[-1].cell) is not None:
            within = [text for row in rows for text in row]
            if sum(map(len, within)) <= _LONGEST_WITHIN:
                cell.append(" ".join(within))

    def all(self) -> tuple[Rows, ...]:
        """Those that look like data, in the order in which they end."""
        while self._open:
            self.end()
        kept, more = self._found[: MOST - 1], self._found[MOST - 1 :]
        return (*kept, tuple(row for rows in more for row in rows)) if more else tuple(kept)

    def _gather(self) -> None:
        """What has come since belongs to the innermost cell."""
        if self._open and (cell := self._open[-1].cell) is not None:
            cell += self._pieces[self._since :]
        self._since = len(self._pieces)

    def _data(self, rows: list[list[str]]) -> Rows:
        """The rows, cleaned; () where they rather lay out a page."""
        if len(rows) < 2 or max(map(len, rows)) < 2:
            return ()
        cleaned = [
            tuple(" ".join(self._clean(text).split()) if text else "" for text in row)
            for row in rows
        ]
        filled = [sum(map(bool, row)) for row in cleaned]
        many = sum(one >= _COLUMNS for one in filled)
        if many < 2 and sum(one > 1 for one in filled) < _PAIRS:
            return ()
        if sum(len(text) for row in cleaned for text in row) > _LONG * sum(filled):
            return ()
        return tuple(row for row in cleaned if any(row))


def placed(tables: Sequence[Rows], part: str, spot: str = "") -> Iterator[Table]:
    """Each with a place of its own, and its header."""
    for number, rows in enumerate(tables, 1):
        yield table(Place(part, f"{spot}, table {number}".removeprefix(", ")), rows)
