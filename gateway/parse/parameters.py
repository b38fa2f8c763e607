"""Parameters of Content-Type and Content-Disposition: RFC 2045 5.1, RFC 2183, RFC 2231.

A parameter may be there twice, quoted badly, cut in numbered pieces or encoded; every value it may
have is kept, in the order of the header. Linear in the size of the field.
"""

from __future__ import annotations

from urllib.parse import unquote_to_bytes

from gateway.parse import words
from gateway.parse.charsets import decode

Parameter = tuple[bytes, bytes]  # name in lower case, value without its quotes

_MAX_INDEX = 6  # digits of filename*000001; more is no number anybody means


def split(value: bytes) -> tuple[bytes, list[Parameter]]:
    """What stands before the first semicolon, and the parameters."""
    at = value.find(b";")
    if at < 0:
        return value.strip(), []
    found: list[Parameter] = []
    head = value[:at].strip()
    at += 1
    while (equals := value.find(b"=", at)) >= 0:
        name = value[at:equals].rpartition(b";")[2].strip().lower()
        text, at = _value(value, equals + 1)
        found.append((name, text))
    return head, found


def _value(value: bytes, at: int) -> tuple[bytes, int]:
    """One value from here, and where the next parameter begins."""
    while value[at : at + 1] in (b" ", b"\t"):
        at += 1
    if value[at : at + 1] == b'"':
        close = _closing_quote(value, at + 1)
        if close >= 0:
            semicolon = value.find(b";", close)
            text = value[at + 1 : close]
            if b"\\" in text:
                text = text.replace(b"\\\\", b"\0").replace(b"\\", b"").replace(b"\0", b"\\")
            return text, semicolon + 1 if semicolon >= 0 else len(value)
        at += 1  # half a quote: as if it were not there
    semicolon = value.find(b";", at)
    semicolon = semicolon if semicolon >= 0 else len(value)
    return value[at:semicolon].strip(), semicolon + 1


def _closing_quote(value: bytes, at: int) -> int:
    while (quote := value.find(b'"', at)) >= 0:
        before = value[at:quote]
        if (len(before) - len(before.rstrip(b"\\"))) % 2 == 0:
            return quote
        at = quote + 1
    return -1


def every(parameters: list[Parameter], wanted: bytes) -> list[str]:
    """All the values of one parameter, distinct: plain ones, then what RFC 2231 makes of pieces."""
    plain = [words.text(text) for name, text in parameters if name == wanted]
    pieces: list[tuple[int, bool, bytes]] = []
    for name, text in parameters:
        if name.startswith(wanted + b"*"):
            index = name[len(wanted) :].strip(b"*")
            number = int(index) if index.isdigit() and len(index) <= _MAX_INDEX else 0
            pieces.append((number, name.endswith(b"*"), text))
    if pieces:
        plain.append(_joined(sorted(pieces, key=lambda piece: piece[0])))
    return list(dict.fromkeys(filter(None, plain)))


def _joined(pieces: list[tuple[int, bool, bytes]]) -> str:
    """RFC 2231: charset'language'percent-encoded, announced in the first piece for all."""
    charset = ""
    out: list[bytes] = []
    for position, (_, encoded, text) in enumerate(pieces):
        payload = text
        if encoded:
            if position == 0 and text.count(b"'") >= 2:
                name, _, payload = text.split(b"'", 2)
                charset = name.decode("ascii", "replace")
            payload = unquote_to_bytes(payload)
        out.append(payload)
    return decode(b"".join(out), charset)
