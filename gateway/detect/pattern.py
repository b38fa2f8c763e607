"""Patterns over folded bytes: RE2, whose cost is linear in the text whatever the text is.

Latin-1, because a folded byte is a character: in RE2's default, UTF-8, `[^0-9]` would not match the
bytes above 0x7F, and a number behind "n°" would be missed.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

import re2


class Found(Protocol):
    def start(self, group: int = 0) -> int: ...
    def end(self, group: int = 0) -> int: ...
    def span(self, group: int = 0) -> tuple[int, int]: ...
    def group(self, group: int = 0) -> bytes: ...
    def groups(self) -> tuple[bytes, ...]: ...


class Pattern(Protocol):
    def search(self, data: bytes, pos: int = 0) -> Found | None: ...
    def finditer(self, data: bytes) -> Iterator[Found]: ...


def linear(pattern: bytes) -> Pattern:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    options.log_errors = False  # RE2 would write the pattern to stderr
    compiled: Pattern = re2.compile(pattern, options)
    return compiled
