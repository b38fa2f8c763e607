"""Encoded words in header fields: RFC 2047, read generously.

Any character set, encoded words inside quoted strings or glued to text, a character cut in two by
the border of two words: all as mail programs show them. Linear in the size of the field.
"""

from __future__ import annotations

import binascii

from gateway.parse.charsets import decode
from gateway.parse.transfer import base64

_LONGEST_CHARSET = 60  # characters; the longest registered name has 45


def text(value: bytes) -> str:
    """The text of header fields, encoded words decoded. Never raises."""
    if b"=?" not in value:
        return decode(value)
    out: list[str] = []
    charset, pending = "", b""  # adjacent words of one character set are decoded together
    at = 0
    last = value.rfind(b"?=")  # beyond it no word can end, and looking again and again is dear
    while True:
        start = value.find(b"=?", at, last) if at < last else -1
        word = _word(value, start) if start >= 0 else None
        if start >= 0 and word is None:
            start += 2  # not an encoded word after all: ordinary text
        between = value[at:] if start < 0 else value[at:start]
        if pending and (word is None or word[0] != charset or between.strip()):
            out.append(decode(pending, charset))
            pending = b""
            out.append(decode(between) if word is None or between.strip() else "")
        elif not pending:
            out.append(decode(between))
        if start < 0:
            return "".join(out)
        at = start
        if word is not None:
            charset, data, at = word
            pending += data


def _word(value: bytes, start: int) -> tuple[str, bytes, int] | None:
    """Character set, bytes, and where it ends; None when no encoded word starts here."""
    first = value.find(b"?", start + 2, start + 2 + _LONGEST_CHARSET)
    if first < 0 or value[first + 2 : first + 3] != b"?":
        return None
    charset, encoding = value[start + 2 : first], value[first + 1 : first + 2]
    if not charset or b" " in charset or not charset.isascii() or encoding not in b"BbQq":
        return None
    end = value.find(b"?=", first + 3)
    if end < 0:
        return None
    name = charset.decode("ascii").partition("*")[0].lower()  # RFC 2231, 5: "utf-8*fr"
    payload = value[first + 3 : end]
    if encoding in b"Bb":
        return name, base64(payload)[0][0], end + 2
    return name, binascii.a2b_qp(payload, header=True), end + 2
