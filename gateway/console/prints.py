"""Pictures that somebody asked to see, kept until his browser fetches them: once, by the session
that asked, within two minutes. They are in memory alone.

    POST with a reason ─▶ a worker draws ─▶ looked at here ─▶ a key for each ─▶ GET takes it away

A worker has just opened a hostile document, so its PNG is not believed to be one: only the chunks
that hold pixels are let through (W3C PNG, 5.6), whole and in order, within the agreed size. No
text, no profile, no time, no animation; nothing of it is decoded in this process.
"""

from __future__ import annotations

import secrets
import struct
import time
import zlib
from collections import OrderedDict
from collections.abc import Callable

from gateway.rendering import MOST_BYTES, MOST_SIDE

KEPT_SECONDS = 120.0  # from the answer to the browser's own request for what is in it
_MOST_KEPT = 32  # of all people together: 64 MB at the very most
_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_HEAD = struct.Struct(">II5B")
_COLOURS = (2, 3)  # in colour, or by a palette
_ORDER = (b"IHDR", b"PLTE", b"IDAT", b"IEND")


class Prints:
    def __init__(self, clock: Callable[[], float] = time.time) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[str, float, bytes]] = OrderedDict()

    def put(self, session: str, png: bytes) -> str:
        """The key, which says nothing of anybody."""
        key = secrets.token_urlsafe(16)
        self._kept[key] = (session, self._clock() + KEPT_SECONDS, png)
        while len(self._kept) > _MOST_KEPT:
            self._kept.popitem(last=False)
        return key

    def take(self, session: str, key: str) -> bytes | None:
        """Once. None for another session's, and for what is over."""
        owner, until, png = self._kept.get(key, ("", 0.0, b""))
        if owner != session or not owner:
            return None
        del self._kept[key]
        return png if self._clock() < until else None


def is_plain(png: bytes) -> bool:
    """Whether it is a PNG of pixels alone, no larger than agreed."""
    if len(png) > MOST_BYTES or not png.startswith(_SIGNATURE):
        return False
    at = len(_SIGNATURE)
    names: list[bytes] = []
    while at + 12 <= len(png):
        length = int.from_bytes(png[at : at + 4], "big")
        chunk = png[at + 4 : at + 8 + length]
        crc = png[at + 8 + length : at + 12 + length]
        if len(crc) != 4 or zlib.crc32(chunk) != int.from_bytes(crc, "big"):
            return False
        if not names and not _is_head(chunk):
            return False
        names.append(chunk[:4])
        at += 12 + length
    once = list(dict.fromkeys(names))
    wanted = [name for name in _ORDER if name in once]
    return (
        at == len(png)
        and once == wanted
        and {b"IHDR", b"IDAT", b"IEND"} <= set(once)
        and names == sorted(names, key=_ORDER.index)
        and all(names.count(name) == 1 for name in once if name != b"IDAT")
    )


def _is_head(chunk: bytes) -> bool:
    if chunk[:4] != b"IHDR" or len(chunk) != 4 + _HEAD.size:
        return False
    width, height, depth, colour, *rest = _HEAD.unpack(chunk[4:])
    fits = 0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE
    return fits and depth in (1, 2, 4, 8) and colour in _COLOURS and rest == [0, 0, 0]
