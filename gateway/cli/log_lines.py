"""The log as `trace` searches it: the file, what was rotated away from it, packed or not.

A line half written, damaged or no JSON is passed over, as is a file that ends in the middle. The
files are read twice: what is asked for may be a name that stands only in a late line.
"""

from __future__ import annotations

import gzip
import io
import json
import shutil
import sys
import tempfile
import zlib
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import IO, Any, cast

from gateway.cli.common import complain

Line = dict[str, Any]
MAX_LINE = 1 << 20  # characters; ours have some hundreds for each recipient
_MAGIC = b"\x1f\x8b"


class Log:
    """path: "-" is standard input, as `journalctl -o cat` writes it."""

    def __init__(self, path: Path) -> None:
        self._copy = _of_stdin() if str(path) == "-" else None  # gone once it is closed
        self._files = [Path(self._copy.name)] if self._copy else rotated(path)

    def lines(self, names: Collection[str], keep: Callable[[Line], bool]) -> Iterator[Line]:
        """Those that bear one of these names somewhere and are to be kept, each once."""
        seen: set[str] = set()  # a log that is copied, then cut, has lines twice
        for file in self._files:
            for text in _read(file):
                if not any(name in text for name in names) or text in seen:
                    continue
                line = _parsed(text)
                if line is not None and keep(line):
                    seen.add(text)
                    yield line


def rotated(path: Path) -> list[Path]:
    """x.log and what logrotate makes of it (x.log.1, x.log.2.gz, x.log-20261122), oldest first."""
    ours = (path.name, f"{path.name}.", f"{path.name}-")
    try:
        beside = [one for one in path.parent.iterdir() if one.is_file()]
    except OSError:
        beside = []
    found = [one for one in beside if one.name == ours[0] or one.name.startswith(ours[1:])]
    return sorted(found, key=_age)


def _age(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:  # rotated away just now: its lines stand in another
        return 0.0


def _of_stdin() -> IO[bytes]:
    copy = tempfile.NamedTemporaryFile(prefix="vaguemestre-trace-")  # noqa: SIM115
    shutil.copyfileobj(sys.stdin.buffer, copy)
    copy.flush()
    return copy


def _read(path: Path) -> Iterator[str]:
    try:
        with _opened(path) as raw, io.TextIOWrapper(raw, "ascii", errors="replace") as file:
            while text := file.readline(MAX_LINE):
                yield text
    except (OSError, EOFError, zlib.error) as error:
        complain(f"{path}: read in part: {getattr(error, 'strerror', None) or 'damaged'}")


def _opened(path: Path) -> IO[bytes]:
    with path.open("rb") as file:
        packed = file.read(len(_MAGIC)) == _MAGIC
    return cast(IO[bytes], gzip.open(path, "rb")) if packed else path.open("rb")


def _parsed(text: str) -> Line | None:
    try:
        line = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return line if isinstance(line, dict) else None
