"""Base64 as programs read it that do not mind: what is no letter of it is skipped, and padding in
the middle ends nothing (the standard library stops there, and would not see the rest)."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterable

_LETTERS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_FIGURES = b"0123456789+/= \t\r\n"
_NO_LETTERS = bytes(set(range(256)) - set(_LETTERS) - set(b"="))


def apart(
    text: str, spans: Iterable[tuple[int, int]], clean: Callable[[str], str] = str
) -> tuple[str, list[bytes]]:
    """The text without the files that stand there, and these. Numbers that stand in the place of a
    file are text, and stay. clean: takes out what is no base64, though its letters are."""
    kept: list[str] = []
    files: list[bytes] = []
    at = 0
    for start, end in spans:
        written = clean(text[start:end]).encode("ascii", "ignore")
        if written.strip(_FIGURES):
            kept.append(text[at:start])
            files.append(decode(written))
            at = end
    return "".join((*kept, text[at:])), files


def decode(data: bytes) -> bytes:
    """Never fails."""
    runs = data.translate(None, _NO_LETTERS).split(b"=")
    return b"".join(_run(run) for run in runs if len(run) > 1)


def _run(run: bytes) -> bytes:
    spare = len(run) % 4
    if spare == 1:
        return base64.b64decode(run[:-1])
    return base64.b64decode(run + b"=" * (-spare % 4))
