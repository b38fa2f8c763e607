"""The first octets of an input say into which pieces the network cuts the rest."""

from __future__ import annotations

from itertools import cycle

SIZES = 4  # octets that say how long each piece is, in turn


def cut(data: bytes) -> list[bytes]:
    """A size of 0 stands for 256."""
    sizes, stream = data[:SIZES], data[SIZES:]
    found: list[bytes] = []
    at = 0
    for size in cycle(sizes or b"\0"):
        if at >= len(stream):
            return found
        found.append(stream[at : at + (size or 256)])
        at += size or 256
    return found
