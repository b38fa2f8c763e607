"""Multipart bodies: RFC 2046 section 5.1.1. Offsets only, so that nothing is copied.

Delimiters are looked for with bytes.find; the cost is linear whatever the body is.
"""

from __future__ import annotations

from dataclasses import dataclass

Span = tuple[int, int]

_LINE_END = b"\r\n"


@dataclass(frozen=True, slots=True)
class Split:
    """parts: where each stands. preamble, epilogue: what stands before and after all of them."""

    parts: tuple[Span, ...]
    preamble: Span
    epilogue: Span


def split(data: bytes, start: int, end: int, boundary: bytes, most: int) -> Split:
    """At most `most` + 1 parts, so that the caller sees that there are too many."""
    delimiter = b"--" + boundary
    parts: list[Span] = []
    preamble = (start, end)
    opened = -1  # where the current part begins
    at = start
    while len(parts) <= most and (found := data.find(delimiter, at, end)) >= 0:
        at = found + len(delimiter)
        if found > start and data[found - 1] not in _LINE_END:
            continue
        final = data.startswith(b"--", at)
        line = _rest_of_line(data, at, end)
        if line < 0 and not final:
            continue  # a longer boundary that begins with ours, or a line that looks like one
        if opened < 0:
            preamble = (start, found)
        else:
            parts.append((opened, _without_line_end(data, opened, found)))
        if final:
            return Split(tuple(parts), preamble, (at + 2, end))
        opened = at = line
    if opened >= 0:  # no closing delimiter: the last part goes on to the end
        parts.append((opened, end))
        return Split(tuple(parts), preamble, (end, end))
    return Split((), preamble, (end, end))


def _rest_of_line(data: bytes, at: int, end: int) -> int:
    """Where the next line begins if nothing but blanks stands on the rest of this one, else -1."""
    while at < end and data[at] in b" \t":
        at += 1
    if data.startswith(b"\r\n", at):
        return at + 2
    if at >= end or data[at] in _LINE_END:
        return min(at + 1, end)
    return -1


def _without_line_end(data: bytes, start: int, end: int) -> int:
    """The line end before a delimiter belongs to the delimiter."""
    if end > start and data[end - 1] == 10:
        end -= 1
    if end > start and data[end - 1] == 13:
        end -= 1
    return end


def empty(body: bytes, boundaries: tuple[bytes, ...]) -> bool:
    """Whether there is nothing in it: blanks, and at most the delimiter that closes it."""
    text = body.strip()
    return not text or any(text == b"--%b--" % boundary for boundary in boundaries)


def guess(data: bytes, start: int, end: int) -> bytes | None:
    """The boundary of a body whose header names none or a wrong one; None when there is none.

    It is the first line that begins with two hyphens and is followed by a MIME field.
    """
    at = start
    while (found := data.find(b"--", at, end)) >= 0:
        line_end = data.find(b"\n", found, end)
        if line_end < 0:
            return None
        if (found == start or data[found - 1] in _LINE_END) and data[
            line_end + 1 : line_end + 9
        ].lower() == b"content-":
            return data[found + 2 : line_end].strip()
        at = line_end
    return None
