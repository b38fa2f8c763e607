"""Rows to a Table: which row names the columns.

The header may stand below a title, a date, an empty line. It is the first row, among the first
ones, that is as wide as the rest and holds only labels: words, no numbers, no two alike.
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.extract.delimited import TITLES
from gateway.model import Place, Table

_LONGEST_LABEL = 80  # characters
_WIDE_ENOUGH = 0.6  # of the widest row near the top

Row = tuple[str, ...]


def table(place: Place, rows: Sequence[Row]) -> Table:
    """Rows that are not the header are kept, the titles among them."""
    near = rows[: TITLES + 5]
    width = max((_filled(row) for row in near), default=0)
    for index, row in enumerate(rows[:TITLES]):
        if _filled(row) >= max(2, _WIDE_ENOUGH * width) and _labels(row) and len(rows) > index + 1:
            return Table(place, row, (*rows[:index], *rows[index + 1 :]))
    return Table(place, (), tuple(rows))


def _filled(row: Row) -> int:
    return sum(1 for cell in row if cell)


def _labels(row: Row) -> bool:
    cells = [cell.strip() for cell in row if cell.strip()]
    return len(set(cells)) == len(cells) and all(
        len(cell) <= _LONGEST_LABEL
        and any(map(str.isalpha, cell))
        and sum(map(str.isdigit, cell)) * 3 <= len(cell)
        and "@" not in cell
        for cell in cells
    )
