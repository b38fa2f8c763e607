"""The other ways in which mail programs may read an entity whose header is not plainly written.

Each is the entity written anew, so that it means to everybody what some programs take it for: a
line ends at a bare CR, or CR CR LF is one line end, or the header ends at a line of blanks. A
handful, so that the cost stays a multiple of the size.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

from gateway.parse import fields

_RETURNS = re.compile(rb"\r++\n")
_RETURNS_AROUND = re.compile(rb"\r*+\n\r?(?!\n)|\r++")
_FIELD = re.compile(rb"[!-9;-~]++[ \t]*+:|[ \t]")
_SEPARATORS = bytes.maketrans(
    b"\0\v\f\x13\x1c\x1d\x1e\x85", b"\n" * 8
)  # what some take for line ends


def others(entity: bytes) -> Iterator[bytes]:
    """The readings that differ from the entity as it stands and from each other."""
    seen = {entity.replace(b"\r\n", b"\n")}
    for rewrite in _REWRITES:
        other = rewrite(entity)
        plain = other.replace(b"\r\n", b"\n")
        if plain not in seen:
            seen.add(plain)
            yield other


def _bare_returns(entity: bytes) -> bytes:
    return entity.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _doubled_returns(entity: bytes) -> bytes:
    return _RETURNS.sub(b"\n", entity)


def _any_returns(entity: bytes) -> bytes:
    """CR CR LF, LF CR and CR alone are one line end each."""
    return _RETURNS_AROUND.sub(b"\n", entity)


def _no_returns(entity: bytes) -> bytes:
    return entity.replace(b"\r\n", b"\n").replace(b"\r", b"")


def _controls_end_lines(entity: bytes) -> bytes:
    return entity.replace(b"\r\n", b"\n").translate(_SEPARATORS)


def _no_controls(entity: bytes) -> bytes:
    head, rest = _parted(entity.replace(b"\r\n", b"\n"))
    return head.translate(None, fields.CONTROLS) + rest


def _ends_at_blanks(entity: bytes) -> bytes:
    return fields.BLANK_LINE.sub(b"\n\n", entity.replace(b"\r\n", b"\n"), count=1)


def _folded_fields(entity: bytes) -> bytes:
    head, rest = _parted(b"\n" + entity.replace(b"\r\n", b"\n"))
    return fields.HIDDEN_FIELD.sub(b"\n", head)[1:] + rest


def _ends_at_no_field(entity: bytes) -> bytes:
    """The header ends before the first line that is no field."""
    head, rest = _parted(entity.replace(b"\r\n", b"\n"))
    at = 0
    while at < len(head):
        end = head.find(b"\n", at) + 1 or len(head)
        if not _FIELD.match(head, at) and not head.startswith(b"From ", at):
            return head[:at] + b"\n" + head[at:] + rest
        at = end
    return head + rest


def _without_other_lines(entity: bytes) -> bytes:
    """Lines that are no field are passed over."""
    head, rest = _parted(entity.replace(b"\r\n", b"\n"))
    lines = head.split(b"\n")
    return b"\n".join(line for line in lines if not line or _FIELD.match(line)) + rest


def _parted(entity: bytes) -> tuple[bytes, bytes]:
    """The header, and the rest from its last line end on."""
    border = entity.find(b"\n\n")
    return (entity, b"") if border < 0 else (entity[:border], entity[border:])


_REWRITES: tuple[Callable[[bytes], bytes], ...] = (
    _bare_returns,
    _doubled_returns,
    _any_returns,
    _no_returns,
    _controls_end_lines,
    _no_controls,
    _ends_at_blanks,
    _folded_fields,
    _ends_at_no_field,
    _without_other_lines,
)
