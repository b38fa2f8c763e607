"""Tables written as text: which character separates the cells, and the cells.

domain knowledge: French exports are separated by semicolons, tabs, commas or bars, and often have
a title of one or several lines above the header.
"""

from __future__ import annotations

import csv
import io
import re

from gateway.extract import characters

DELIMITERS = (";", "\t", "|", ",")
TITLES = 15  # rows above the header, at most

_SAMPLE = 64 * 1024  # bytes looked at to tell the delimiter
_DECIMAL = re.compile(r"(?<=[0-9]),(?=[0-9])")
_AGREE = 0.8  # share of the rows that have the usual number of cells


def delimiter(data: bytes) -> str:
    """The character that separates the cells of a table, or "" when it is no table."""
    sample = data[:_SAMPLE]
    if len(data) > _SAMPLE:
        sample = sample[: sample.rfind(b"\n") + 1] or sample
    return delimiter_of(characters.readings(sample)[0])


def delimiter_of(text: str) -> str:
    best, widest = "", 1
    for candidate in DELIMITERS:
        if candidate not in text:
            continue
        if candidate == "," and best:  # those of French numbers part no cells: "0,294;1,682"
            text = _DECIMAL.sub(".", text)
        width = _usual_width(text, candidate)
        needed = 3 if candidate == "," else 2  # commas are frequent in prose
        if width >= needed and width > widest:
            best, widest = candidate, width
    return best


def rows(text: str, separator: str) -> list[tuple[str, ...]]:
    """Raises csv.Error for a field longer than the csv module's limit of 128 KB."""
    return [tuple(row) for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator)]


def _usual_width(text: str, separator: str) -> int:
    """The number of cells that most rows have, or 0 when they do not agree."""
    try:
        widths = [len(row) for row in rows(text, separator) if any(row)]
    except csv.Error:
        return 0
    for _ in range(TITLES):
        if len(widths) > 2 and widths[0] == 1:
            del widths[0]
    if len(widths) < 2:
        return 0
    usual = max(set(widths), key=widths.count)
    return usual if widths.count(usual) >= _AGREE * len(widths) else 0
