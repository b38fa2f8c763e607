"""Content-Transfer-Encoding: RFC 2045 section 6, and uuencode.

Each decoder returns every plausible reading, likeliest first, and what is odd about the data, ""
for nothing. Mail programs differ in what they do after padding in mid-stream and about junk between
the letters, so both are decoded in more than one way.
"""

from __future__ import annotations

import binascii
from collections.abc import Callable, Iterator

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = b" \t\r\n\v\f"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET))
_NOT_BASE64_BUT_PAD = bytes(set(_NOT_BASE64) - {ord("=")})
_USUAL = _ALPHABET + _BLANKS + b"="

Decoded = tuple[tuple[bytes, ...], str]


def plain(data: bytes) -> Decoded:
    """7bit, 8bit, binary: as it is."""
    return (data,), ""


def base64(data: bytes) -> Decoded:
    dense = data.translate(None, _BLANKS)
    try:
        return (binascii.a2b_base64(dense, strict_mode=True),), ""
    except binascii.Error:
        return _faulty_base64(data, dense)


def _faulty_base64(data: bytes, dense: bytes) -> Decoded:
    """Junk dropped; after padding in mid-stream go on, in step with the padding and without it."""
    chunks = [c for c in dense.translate(None, _NOT_BASE64_BUT_PAD).split(b"=") if c]
    readings = [b"".join(map(_quantum, chunks))]
    odd = ""
    if len(chunks) > 1:
        odd = "base64 goes on after its padding"
        readings.append(_quantum(b"".join(chunks)))
    junk = data.translate(None, _USUAL)
    if junk:
        odd = odd or "base64 with other characters in it"
        if len(junk) * 10 > len(data):  # one in ten: rather not base64 at all
            readings.append(data)
    return tuple(dict.fromkeys(readings)), odd


def _quantum(letters: bytes) -> bytes:
    """Letters without padding. A single letter left over carries no whole byte and is dropped."""
    rest = len(letters) % 4
    if rest == 1:
        return binascii.a2b_base64(letters[:-1])
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def quoted_printable(data: bytes) -> Decoded:
    """Soft breaks with blanks after them are joined, too.

    A bare CR after "=" becomes a line end first: binascii would drop all up to the next LF.
    """
    text = data.replace(b"\r\n", b"\n")
    if b"=\r" in text:
        text = text.replace(b"=\r", b"=\n")
    if b"= " in text or b"=\t" in text:
        lines = text.split(b"\n")
        text = b"\n".join(
            stripped if (stripped := line.rstrip(b" \t")).endswith(b"=") else line for line in lines
        )
    return (binascii.a2b_qp(text),), ""


def uuencode(data: bytes) -> Decoded:
    files = tuple(content for _, content in uuencoded(data))
    return (files, "") if files else ((data,), "uuencode without a beginning")


def uuencoded(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents of the uuencoded files in a text; the end line may be missing."""
    at = 0 if data.startswith(b"begin ") else data.find(b"\nbegin ") + 1
    while at or data.startswith(b"begin ", at):
        lines = data[at : _end_of_uuencode(data, at)].splitlines()
        words = lines[0].split(None, 2)
        if len(words) == 3 and words[1].isdigit() and len(words[1]) in (3, 4):
            yield words[2], b"".join(map(_uu_line, lines[1:]))
        at = data.find(b"\nbegin ", _end_of_uuencode(data, at) - 1) + 1
        if not at:
            return


def _end_of_uuencode(data: bytes, at: int) -> int:
    following = data.find(b"\nbegin ", at)
    limit = following if following >= 0 else len(data)
    end = data.find(b"\nend", at, limit)
    return (end if end >= 0 else limit) + 1


def _uu_line(line: bytes) -> bytes:
    try:
        return binascii.a2b_uu(line)
    except binascii.Error:  # some encoders write blanks at the end, or count wrongly
        size = (((line[0] - 32) & 63) * 4 + 5) // 3 if line else 0
        try:
            return binascii.a2b_uu(line[:size])
        except binascii.Error:
            return b""


DECODERS: dict[str, Callable[[bytes], Decoded]] = {
    "7bit": plain,
    "8bit": plain,
    "binary": plain,
    "base64": base64,
    "quoted-printable": quoted_printable,
    "x-uuencode": uuencode,
    "x-uue": uuencode,
    "uuencode": uuencode,
    "uue": uuencode,
}
