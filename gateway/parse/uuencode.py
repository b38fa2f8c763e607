"""uuencode, POSIX.1 `uuencode`: files that mail programs find in the middle of a text.

Files begin at a line "begin 644 name" ("begin-base64" for the variant in base64) and end at "end";
the end may be missing. Lines may end in CRLF, LF or CR, be indented, bear blanks at their end or
count wrongly. Without an octal mode it is a file only if what follows looks encoded, since
"begin with me" is prose.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator

_BEGIN = re.compile(
    rb"(?i)(?:(?:\A|(?<=[\r\n]))(?P<quote>[ \t>]{0,8})begin"
    rb"|(?<![0-9a-z])begin(?=(?:-base64)?[ \t]+[0-7]{3,6}\s))"
    rb"(?P<base64>-base64)?[ \t]+(?P<rest>[^\r\n]{0,998})"
)
_END = re.compile(rb"(?i)(?:\A|(?<=[\r\n]))[ \t>]{0,8}(?:end[ \t]*(?=[\r\n]|\Z)|====)")
_FEWEST = 2  # lines that must look encoded where nobody says that a file begins


def files(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the files in a text. Each byte is looked at a fixed number of times."""
    begins = list(_BEGIN.finditer(data))
    for i, begin in enumerate(begins):
        limit = begins[i + 1].start() if i + 1 < len(begins) else len(data)
        end = _END.search(data, begin.end(), limit)
        lines = data[begin.end() : end.start() if end else limit].splitlines()
        if quote := begin["quote"]:
            lines = [line.removeprefix(quote) for line in lines]
        mode, _, name = begin["rest"].strip().partition(b" ")
        octal = mode.isdigit() and 3 <= len(mode) <= 6
        if begin["base64"]:
            yield name.strip(), _base64(b"".join(lines))
        elif octal or _looks_encoded([line for line in lines[:3] if line][:1]):
            yield (name.strip() if octal else begin["rest"].strip()), _lines(lines)


def bare(data: bytes) -> bytes:
    """Lines without a beginning, for a body that says it is uuencoded; b"" if it is not."""
    lines = [line for line in data.splitlines() if line.strip()]
    return _lines(lines) if _looks_encoded(lines[:_FEWEST]) else b""


def _looks_encoded(lines: list[bytes]) -> bool:
    return bool(lines) and all(
        (size := _size(line)) > 0 and size - 2 <= len(line.rstrip()) <= size + 2 for line in lines
    )


def _lines(lines: list[bytes]) -> bytes:
    return b"".join(_line(line) for line in lines if line)


def _line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some encoders write blanks at the end, or count wrongly
        stripped = line.strip(b" \t")
        try:
            return binascii.a2b_uu(stripped[: _size(stripped)])
        except binascii.Error:
            return b""


def _size(line: bytes) -> int:
    """Characters that a line announces with its first one."""
    return (((line[0] - 32) & 63) + 2) // 3 * 4 + 1 if line and 32 <= line[0] <= 96 else 0


def _base64(body: bytes) -> bytes:
    letters = body.translate(None, b" \t\r\n=")
    rest = len(letters) % 4
    try:
        return binascii.a2b_base64(letters[: len(letters) - (rest == 1)] + b"==")
    except binascii.Error:
        return b""
