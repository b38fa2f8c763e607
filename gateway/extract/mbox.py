"""Mailboxes as one file (mbox, RFC 4155): each message a part.

A line "From …" begins a message where a blank line stands before it and a header field after; the
variants differ in how such lines within a text are quoted, which the sense of no text depends on.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_FROM = b"From "


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    starts = list(_starts(part.data))
    for number, (start, end) in enumerate(pairwise([*starts, len(part.data)]), 1):
        if number > limits.parts:
            yield Problem(Trouble.TOO_MANY, Place(part.path), "too many messages")
            return
        first, _, message = part.data[start:end].partition(b"\n")
        yield Text(Place(part.path), first.decode("utf-8", "replace"), Medium.DOCUMENT)
        yield Part(f"{part.path}!({number})", message)


def _starts(data: bytes) -> Iterator[int]:
    at = 0
    while at >= 0:
        following = data.find(b"\n", at) + 1
        if at == 0 or (following and _is_field(data, following) and _after_blank(data, at)):
            yield at
        at = data.find(b"\n" + _FROM, at)
        at += at >= 0


def _after_blank(data: bytes, at: int) -> bool:
    return data.endswith((b"\n\n", b"\n\r\n"), max(0, at - 3), at)


def _is_field(data: bytes, at: int) -> bool:
    name, colon, _ = data[at : at + 80].partition(b":")
    return bool(colon) and bool(name) and b" " not in name and b"\n" not in name


EXTRACTOR = Extractor(("mbox",), extract)
