"""What stands in a string of JSON, Python, JavaScript… for the characters that may not."""

from __future__ import annotations

import re

_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}


def plain(written: str) -> str:
    """Between its quotes. Half a letter is none."""
    if "\\" not in written:
        return written
    halves = _ESCAPED.sub(_meant, written).encode("utf-16", "surrogatepass")
    return halves.decode("utf-16", "ignore")  # letters beyond the first 65 536 come in two halves


def _meant(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _MEANT.get(found[2], found[2])
