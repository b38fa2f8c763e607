"""The rows of a sheet in the spelling that Excel, LibreOffice and the usual libraries give them.

A large sheet is a million cells written alike, and to make an object of each takes several times as
long as to look at its letters. What is in that spelling to the last character is read here; for
anything else, an attribute or an element that is not expected, the parser reads the sheet from its
beginning. What stands before and after the rows is always the parser's business.

ECMA-376 part 1, 18.3.1.4 (cells), 18.3.1.73 (rows), 18.3.1.80 (where they stand).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_BEGIN, _END = b"<sheetData>", b"</sheetData>"
_IN_UTF_8 = re.compile(rb"(?:\xef\xbb\xbf)?<(?:\?xml version=.1\.0. encoding=.(?i:utf-8). ?|[a-z])")
# At each place one alternative can match, and within it a character can be taken in one way only;
# the last one is whatever is not expected.
_token = re.compile(
    r'<c r="([A-Z]{1,3})[0-9]{1,7}"(?: s="([0-9]{1,6})")?(?: t="([a-zA-Z]{1,9})")?'
    r"(?:/>|>(?:<f[^<>/]*(?:/>|>([^<]*)</f>))?"
    r'(?:<v>([^<]*)</v>|<is><t(?: xml:space="preserve")?>([^<]*)</t></is>)?</c>)'
    r"|\s+|(.)",
    re.DOTALL,
)
_row = re.compile(r"\s*<row(?: [^<>]*)?>")
_LAST = "</row>"
_LONGEST_ROW = 1 << 20  # characters of which the cells are held at once

# As written: the letters of its column ("AB"), the number of its style, its form ("s" for a shared
# string, "" or "n" for a number…), formula, value, text within.
Cell = tuple[str, str, str, str, str, str]


class Unusual(Exception):
    """The parser is to read it. Says nothing of the sheet."""


def divided(data: bytes) -> tuple[bytes, bytes]:
    """The rows, and the sheet without them. Raises Unusual."""
    begin, end = data.find(_BEGIN) + len(_BEGIN), data.rfind(_END)
    around = data[:begin] + data[end:]
    if not len(_BEGIN) <= begin <= end or b"<!" in around or not _IN_UTF_8.match(data):
        raise Unusual
    return data[begin:end], around


def rows(data: bytes) -> Iterator[list[Cell]]:
    """Those of what `divided` gave. Raises Unusual, whatever came before."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Unusual from None
    at = 0
    while begun := _row.match(text, at):
        at = begun.end()
        if text[at - 2] != "/":
            end = text.find(_LAST, at)
            if not at <= end <= at + _LONGEST_ROW:
                raise Unusual
            yield _cells(text[at:end])
            at = end + len(_LAST)
    if text[at:].strip():
        raise Unusual


def _cells(row: str) -> list[Cell]:
    escaped = "&" in row
    found: list[Cell] = []
    for column, style, form, formula, value, inline, other in _token.findall(row):
        if other:
            raise Unusual
        if escaped:
            formula, value, inline = unescape(formula), unescape(value), unescape(inline)
        if column:
            found.append((column, style, form, formula, value, inline))
    return found
