"""Header fields: RFC 5322 section 2.2, with what real and hostile mail makes of it.

Lines may end in CRLF or LF. A field longer than MAX_FIELD is cut, since what comes after costs more
than it tells (Postfix cuts at the same length), and the cut is a problem of its own. Where mail
programs may see other fields than these, a doubt says so, and `parse.readings` has the other ways.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

MAX_FIELD = 100 * 1024  # bytes

Field = tuple[bytes, bytes]  # name in lower case, value unfolded

_MBOX = (b"From ", b">From ")  # mbox puts such a line on top of the header
_BLANK = b" \t\r\x00\v\f"
CONTROLS = bytes(set(range(32)) - {9, 10}) + b"\x7f"
_ALL_BUT_CONTROLS = bytes(set(range(256)) - set(CONTROLS))
_MIME = b"content-"
_TRANSFER, _TRANSFER_FIELD = b"transfer", b"\ncontent-transfer-encoding:"
_NOT_A_LETTER = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz"))
_KNOWN = {
    b"contenttype": b"content-type",
    b"contenttransferencoding": b"content-transfer-encoding",
    b"contentdisposition": b"content-disposition",
}
_COMMENT = re.compile(rb"\([^()]*+\)?")
_WITHOUT_COLON = re.compile(
    rb"[ \t]*(content-(?:type|transfer-encoding|disposition))\b[ \t;=]*", re.I
)
# A MIME field in a folded line: a value that makes sense, since DKIM lists names of fields.
HIDDEN_FIELD = re.compile(
    rb"(?i)\n[ \t]++(?=content-(?:type[^\n:]{0,40}:[^\n/;:]{0,80}/"
    rb"|transfer-encoding[^\n:]{0,40}:[^\n:]{0,40}(?:64|print|uu|bit|bin)"
    rb"|disposition[^\n:]{0,40}:[^\n:]{0,40}(?:attach|inline)))"
)
_WITHIN = re.compile(
    rb"(?<=[^\n])content[-_ ]transfer[-_ ]encoding[^\n:]{0,40}:[^\n:]{0,40}"
    rb"(?:64|print|uu|yenc|binhex)"
)
BLANK_LINE = re.compile(rb"\n[ \t]++\n")


@dataclass(frozen=True, slots=True)
class Header:
    """body: where the body begins. doubts: what mail programs will read differently.

    stray: whether a line is no field. What it holds may be meant as the body.
    """

    fields: tuple[Field, ...]
    body: int
    cut: bool = False
    stray: bool = False
    doubts: tuple[str, ...] = ()


def read(data: bytes, start: int, end: int) -> Header:
    """The header of the entity in data[start:end]. A header without a body is no fault."""
    stop, body = _border(data, start, end)
    block = data[start:stop].replace(b"\r\n", b"\n").removesuffix(b"\n")
    unfolded = block.replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    fields: list[Field] = []
    doubts: list[str] = []
    cut = stray = False
    for line in unfolded.split(b"\n") if unfolded else ():
        name, colon, value = line.partition(b":")
        name = name.rstrip().lower()
        if not colon or not name.replace(b"-", b"").isalnum():
            name, value = _odd(name, colon, value, line, doubts)
            stray = stray or (not name and not line.startswith(_MBOX))
        if len(value) > MAX_FIELD:
            cut, value = True, value[:MAX_FIELD]
        fields.append((name, value.strip(_BLANK)))
    low = block.lower()
    if _MIME in low:
        _doubt(low, stray, doubts)
    return Header(tuple(fields), body, cut, stray, tuple(doubts))


def _odd(
    name: bytes, colon: bytes, value: bytes, line: bytes, doubts: list[str]
) -> tuple[bytes, bytes]:
    """A name that is not made of letters, digits and hyphens; or no field at all."""
    if not colon or line.startswith(_MBOX):
        bare = _WITHOUT_COLON.match(line)
        if not bare or colon:
            return b"", line
        doubts.append("a MIME field without a colon")
        return bare[1].lower(), line[bare.end() :]
    plain = _COMMENT.sub(b"", name).translate(None, _NOT_A_LETTER)
    for letters, known in _KNOWN.items():
        if plain.endswith(letters):
            doubts.append("a MIME field whose name is not plainly written")
            return known, value
    return name.strip(_BLANK), value


def _doubt(low: bytes, stray: bool, doubts: list[str]) -> None:
    """Say what may be read otherwise in a header that says something of MIME: in others it changes
    nothing that is shown. low: the header in lower case."""
    if stray:
        doubts.append("a line of the header is no field")
    if low.translate(None, _ALL_BUT_CONTROLS) and _about_mime(low):
        doubts.append("control characters in the header")
    if low.count(_TRANSFER) > low.count(_TRANSFER_FIELD) and _WITHIN.search(low):
        doubts.append("a MIME field within another")
    if (b"\n " in low or b"\n\t" in low) and HIDDEN_FIELD.search(low):
        doubts.append("a MIME field in a folded line")
    blank = (b" \n" in low or b"\t\n" in low) and BLANK_LINE.search(low)
    if blank and _MIME in low[blank.start() :]:
        doubts.append("a line of blanks in the header")


def _border(data: bytes, start: int, end: int) -> tuple[int, int]:
    """Where the header ends and where the body begins: at the first empty line."""
    if data.startswith(b"\n", start, end) or data.startswith(b"\r\n", start, end):
        return start, data.index(b"\n", start) + 1
    stop, width = data.find(b"\n\r\n", start, end), 3
    bare = data.find(b"\n\n", start, stop if stop >= 0 else end)
    if bare >= 0:
        stop, width = bare, 2
    return (end, end) if stop < 0 else (stop + 1, stop + width)


def _about_mime(block: bytes) -> bool:
    """Whether the control characters stand where they change what is shown: in a MIME field, or
    where one may begin.

    Elsewhere they are common: raw ISO-2022-JP in a Subject is made of escapes.
    """
    return any(
        b"content" in line.translate(None, CONTROLS).lower()
        for line in block.split(b"\n")
        if line.translate(None, _ALL_BUT_CONTROLS)
    )


_WELL_KNOWN = frozenset(
    b"received return-path delivered-to from to subject date message-id mime-version content-type"
    b" reply-to sender dkim-signature".split()
)


def looks_like(data: bytes, start: int = 0) -> bool:
    """Whether a header begins here: a well-known field among the first lines, nothing but fields
    before it."""
    for line in data[start : start + 4096].splitlines()[:20]:
        name, colon, _ = line.partition(b":")
        if line.startswith((b" ", b"\t", *_MBOX)):
            continue
        if not colon or not name.strip() or b" " in name.strip():
            return False
        if name.strip().lower() in _WELL_KNOWN:
            return True
    return False
