"""What a cell holds, as a person would write it: whole numbers without exponent, days as dates.

Spreadsheets of every format store a day as a count since 1900 (or 1904), and a long number, such as
a social-security number, as a floating one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, timedelta

SINCE_1900, SINCE_1904 = date(1899, 12, 30), date(1904, 1, 1)

_DAY_FORMATS = frozenset((*range(14, 18), 22, *range(27, 37), *range(50, 59)))  # ECMA-376, 18.8.30
_LAST_DAY = 2_958_465  # 31 December 9999
_EXACT = 1e16  # beyond, a float has gaps between whole numbers
_MOST_CELLS = 20_000_000  # empty ones included, in one sheet: more would fill the memory

Row = tuple[str, ...]


def number(value: float) -> str:
    """279035199912345.0 is "279035199912345"."""
    if value.is_integer() and abs(value) < _EXACT:
        return str(int(value))
    return repr(value)


def day(value: float, since: date) -> str:
    """The date, or "" for a number that is none."""
    if 1 <= value <= _LAST_DAY - (since - SINCE_1900).days:
        return (since + timedelta(days=int(value))).isoformat()
    return ""


def shows_days(format_number: int, code: str = "") -> bool:
    """Whether a format shows a number as a day. code: what a custom format says, "dd/mm/yyyy"."""
    code = code.lower()
    if not code:
        return format_number in _DAY_FORMATS
    return "yy" in code or "aa" in code or "d" in code.replace("red", "")


def aligned(sparse: Sequence[Mapping[int, str]]) -> list[Row]:
    """Rows of cells by column. Columns that nobody uses are left out: a sheet may have a cell in
    the last of 16 384."""
    used = sorted(set().union(*sparse)) if sparse else []
    if len(used) * len(sparse) > _MOST_CELLS:
        return [tuple(row.values()) for row in sparse]
    blanks = ("",) * len(used)
    return [tuple(map(row.get, used, blanks)) for row in sparse]
