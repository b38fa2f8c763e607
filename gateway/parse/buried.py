"""What lies in a text that nothing announces: files in letters, base64, parts of a message.

Some mail programs open these, and a person can. Looking costs a few microseconds where there is
nothing, which is nearly always; each thing found costs its own length. Finding something is no
fault of the message: bounces quote whole mails, and signatures are written in base64.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Iterator
from itertools import pairwise

import re2

from gateway.parse import binhex, uuencode, yenc
from gateway.parse.telling import SIGNATURES, telling

Span = tuple[int, int]

SHORTEST = 24  # letters of base64 in one line: what eighteen bytes take, a NIR and its key

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_ONE_LETTER = bytes.maketrans(_LETTERS, b"a" * len(_LETTERS))
_SHORTEST_RUN = b"a" * SHORTEST
_RUN = re.compile(
    rb"(?<![A-Za-z0-9+/])[A-Za-z0-9+/]{%d,}+"
    rb"(?:[ \t>]*+\r?\n[ \t>]*+[A-Za-z0-9+/]++(?=[ \t]*+(?:[\r\n=]|\Z)))*+" % SHORTEST
)


def _worth_it() -> re2.Pattern:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1  # bytes, not UTF-8
    options.log_errors = False
    options.never_capture = True
    words = rb"(?i)begin|content-|%s|[a-z0-9+/]{%d}" % (binhex.MARK, SHORTEST)
    return re2.compile(words, options)


_WORTH_IT = _worth_it()
_FIELD = re.compile(rb"(?im)^[ \t>]*+content-(?:type|transfer-encoding|disposition)\b")
_EMPTY_LINE = re.compile(rb"\n[ \t>]*\r*(?:\n|\Z)")


def likely(data: bytes) -> bool:
    """Whether it is worth looking: the question that every text is asked, in one pass."""
    return bool(_WORTH_IT.search(data))


def runs(data: bytes) -> bool:
    """Whether there are letters enough in a row to be base64."""
    return _SHORTEST_RUN in data.translate(_ONE_LETTER)


def files(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of files that are written in letters."""
    low = data.lower()
    if b"begin" in low:
        yield from uuencode.files(data)
        yield from yenc.files(data)
    if binhex.MARK in low:
        yield from binhex.files(data)


def entities(data: bytes) -> list[Span]:
    """Where a header with MIME fields stands in a text, with what follows up to the next one, or to
    a line of two hyphens."""
    starts: list[int] = []
    at = 0
    for found in _FIELD.finditer(data):
        if found.start() >= at:
            empty = _EMPTY_LINE.search(data, found.end())
            at = empty.end() if empty else len(data)
            starts.append(found.start())
    return [(start, _stop(data, start, end)) for start, end in pairwise((*starts, len(data)))]


def _stop(data: bytes, start: int, end: int) -> int:
    empty = _EMPTY_LINE.search(data, start, end)
    hyphens = data.find(b"\n--", empty.end() - 1 if empty else start, end)
    if hyphens < 0:
        return end
    return hyphens - (data[hyphens - 1 : hyphens] == b"\r")  # the line end is the delimiter's


def base64(data: bytes) -> Iterator[tuple[bytes, bool]]:
    """What the runs of base64 in a text say, where that is a text (True) or a document."""
    for run in _RUN.finditer(data):
        letters = run[0].translate(None, b" \t\r\n>")
        for step in range(4):  # a word before it that is letters, too
            decoded = _decoded(letters[step:])
            if telling(decoded):
                yield decoded, not decoded.startswith(SIGNATURES)
                break


def _decoded(letters: bytes) -> bytes:
    whole = len(letters) // 4 * 4
    rest = letters[whole:]
    return binascii.a2b_base64(letters[:whole] + (rest + b"==" if len(rest) > 1 else b""))
