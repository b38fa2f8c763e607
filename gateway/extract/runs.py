"""Words among bytes of a structure that is not followed further: what `strings` would show.

For the corners of old formats where names and alternative texts stand (drawings, bookmarks, form
fields): all of it is given, so that nothing is missed for a record we do not know.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# One class of bytes each, repeated: no choice, so no backtracking. Letters up to Latin-1, and the
# punctuation and ligatures that Windows-1252 adds.
_WIDE = re.compile(rb"(?:[\x20-\x7e\xa0-\xff]\x00|[\x52\x53]\x01|[\x13-\x1e\x26\xac]\x20){4,}")
_NARROW = re.compile(  # of the upper half, the French letters only: all of it would be noise
    rb"[\x20-\x7e\x80\x92\x9c\xa0\xab\xb0\xbb\xc0\xc2\xc7-\xcb\xce\xcf\xd4\xe0\xe2\xe7-\xeb\xee\xef\xf4"
    rb"\xf9\xfb\xfc]{6,}"
)
_TELLING = 0.6  # of a run of single bytes: letters, digits and blanks; structures are no words


def wide(data: bytes) -> Iterator[str]:
    """Runs of at least four characters of two bytes."""
    for run in _WIDE.findall(data):
        yield run.decode("utf-16-le", "replace").strip()


def narrow(data: bytes, charset: str = "cp1252") -> Iterator[str]:
    """Runs of at least six characters of one byte that look like words or numbers."""
    for run in _NARROW.findall(data):
        text = run.decode(charset, "replace")
        telling = sum(map(str.isalnum, text)) + text.count(" ")
        if telling >= _TELLING * len(text):
            yield text.strip()


def both(data: bytes) -> list[str]:
    return list(dict.fromkeys((*wide(data), *narrow(data))))
