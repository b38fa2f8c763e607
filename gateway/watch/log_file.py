"""What the log is written to: a disk that is full, or a reader that has gone, stops no mail and
ends no process. How many lines were not taken at once is said with the first one that is; the last
few kilobytes of them are written then, what came before these is gone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TextIO


class Unfailing:
    """A file to write lines to. missed: the line that says how many were not taken."""

    def __init__(self, file: TextIO, missed: Callable[[int], str]) -> None:
        self._file, self._missed = file, missed
        self._lines = 0

    def write(self, line: str) -> None:
        try:
            if self._lines:
                self._file.write(f"{self._missed(self._lines)}\n")
                self._file.flush()
                self._lines = 0
            self._file.write(line)
            self._file.flush()
        except (OSError, ValueError):  # ValueError: it was closed
            self._lines += 1

    def flush(self) -> None:
        """Each line is, as it comes."""
