"""What a worker makes, made on the spot: for tests of what is done with it afterwards."""

from __future__ import annotations

from functools import cache

from gateway import sheet_order, sheets
from gateway.model import Limits, Mail, Trouble


def draw(order: str, mail: Mail) -> bytes | None:
    """As `gateway.act.method.Means` asks for it."""
    asked = sheet_order.request(order, mail.content)
    return sheet_order.made(sheets.read(asked, Limits(), {}, lambda number: None))


def bare(order: str, mail: Mail) -> bytes | None:
    """The same for every mail, and no word of it: for tests that seal hundreds."""
    return _bare(order)


@cache
def _bare(order: str) -> bytes | None:
    broken = {sheets.RICH: Trouble.CRASHED, sheets.SIMPLE: Trouble.CRASHED}
    reading = sheets.read(sheet_order.request(order, b""), Limits(), broken, lambda number: None)
    return sheet_order.made(reading)
