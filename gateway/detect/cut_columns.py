"""A social-security number over adjacent columns, cut wherever the program that wrote it cuts.

    Sexe | NIR          | Clé        S | AA | Lieu et ordre | K
    2    | 790351215189 | 89         2 | 79 | 0351215189    | 89

No label need name them: fifteen figures in all, of one width a column, and the right key in most
rows of two at least; of random ones, one row in 650 has it. Seven columns with their labels, whose
zeros a spreadsheet dropped, are known without a key (gateway/detect/columns.py).
"""

from __future__ import annotations

from collections.abc import Sequence

from gateway.detect.nir_number import is_right

_WHOLE = 15  # characters
_ROWS = 12  # looked at
_LEAST_ROWS, _MOST_WRONG = 2, 0.25


def cut(rows: Sequence[Sequence[str]]) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns and their widths; nothing where there are none. rows: those below the head."""
    sample = [row for row in rows[:_ROWS] if any(row)]
    if len(sample) < _LEAST_ROWS:
        return (), ()
    widths = [_width(sample, i) for i in range(min(map(len, sample)))]
    for first in range(len(widths)):
        last, size = first, 0
        while last < len(widths) and widths[last] and size < _WHOLE:
            size += widths[last]
            last += 1
        if size == _WHOLE and last - first > 1 and _are_numbers(sample, first, last):
            return tuple(range(first, last)), tuple(widths[first:last])
    return (), ()


def _width(sample: Sequence[Sequence[str]], i: int) -> int:
    """Of the cells of a column, if it is the same for all and they hold figures; 2A and 2B hold a
    letter."""
    cells = {row[i].strip() for row in sample}
    sizes = {len(cell) for cell in cells}
    figures = all(cell.isascii() and cell[:1].isdigit() and cell.isalnum() for cell in cells)
    return sizes.pop() if len(sizes) == 1 and figures else 0


def _are_numbers(sample: Sequence[Sequence[str]], first: int, last: int) -> bool:
    wrong = sum(
        not is_right("".join(cell.strip() for cell in row[first:last]).lower().encode())
        for row in sample
    )
    return wrong <= _MOST_WRONG * len(sample)
