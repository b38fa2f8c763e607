"""Header fields: RFC 5322 section 2.2, with what real and hostile mail makes of it.

Lines may end in CRLF or LF. A field longer than MAX_FIELD is cut, since what comes after costs more
than it tells (Postfix cuts at the same length), and the cut is a problem of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

MAX_FIELD = 100 * 1024  # bytes

Field = tuple[bytes, bytes]  # name in lower case, value unfolded

_MBOX = (b"From ", b">From ")  # mbox puts such a line on top of the header
_BLANK = b" \t\r\x00\v\f"
_CONTROLS = bytes(set(range(32)) - {9, 10}) + b"\x7f"
_ALL_BUT_CONTROLS = bytes(set(range(256)) - set(_CONTROLS))


@dataclass(frozen=True, slots=True)
class Header:
    """body: where the body begins. bare_cr: a CR alone stands in it, where some programs end a
    line. doubts: what mail programs will read differently."""

    fields: tuple[Field, ...]
    body: int
    cut: bool = False
    bare_cr: bool = False
    doubts: tuple[str, ...] = ()


def read(data: bytes, start: int, end: int) -> Header:
    """The header of the entity in data[start:end]. A header without a body is no fault."""
    stop, body = _border(data, start, end)
    block = data[start:stop].replace(b"\r\n", b"\n").removesuffix(b"\n")
    unfolded = block.replace(b"\n ", b" ").replace(b"\n\t", b"\t")
    fields: list[Field] = []
    cut = strange = False
    for line in unfolded.split(b"\n") if unfolded else ():
        name, colon, value = line.partition(b":")
        if not colon or line.startswith(_MBOX):
            strange = strange or not line.startswith(_MBOX)
            name, value = b"", line
        if len(value) > MAX_FIELD:
            cut, value = True, value[:MAX_FIELD]
        fields.append((name.strip(_BLANK).lower(), value.strip(_BLANK)))
    doubts = ["a line of the header is no field"] if strange else []
    controls = block.translate(None, _ALL_BUT_CONTROLS)
    if controls and _about_mime(block):
        doubts.append("control characters in the header")
    return Header(tuple(fields), body, cut, b"\r" in controls, tuple(doubts))


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
    """Whether the control characters stand where they change what is shown: in a MIME field.

    Elsewhere they are common: raw ISO-2022-JP in a Subject is made of escapes.
    """
    return any(
        b"content-" in line[:12].lower() and line.translate(None, _ALL_BUT_CONTROLS)
        for line in block.split(b"\n")
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
