"""What crosses the wall to have pages drawn, and back: the half of `gateway.sheets` that the
process before the wall needs. It loads none of what draws: fonts, pictures and a PDF library would
be a fifteenth of every start."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from gateway.model import Hit, Likelihood, Place, Reading

PIECE = 12_000  # characters of base64 a hit: the wire carries 16,384
_MORE, _END = "piece", "end"


def request(order: str, content: bytes) -> bytes:
    return order.encode() + b"\n" + content


def hits(made: bytes) -> Iterator[Hit]:
    text = base64.b64encode(made).decode()
    for start in range(0, len(text), PIECE):
        kind = _MORE if start + PIECE < len(text) else _END
        yield Hit(kind, text[start : start + PIECE], Likelihood.POSSIBLE, Place(""))


def made(reading: Reading) -> bytes | None:
    """What the worker made, if it is whole. It may be anything: the worker is not believed."""
    kinds = [hit.kind for hit in reading.hits]
    if not kinds or kinds.pop() != _END or set(kinds) - {_MORE}:
        return None
    try:
        return base64.b64decode("".join(hit.value for hit in reading.hits), validate=True)
    except (binascii.Error, ValueError):
        return None
