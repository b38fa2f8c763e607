"""Content-Transfer-Encoding: RFC 2045 section 6, and the encodings of before it.

Each decoder returns every plausible reading, likeliest first, and what is odd about the data, ""
for nothing. Mail programs differ in what they do after padding in mid-stream and about junk between
the letters, so both are decoded in more than one way.
"""

from __future__ import annotations

import binascii
import re
from collections.abc import Callable, Iterator

from gateway.parse import binhex, buried, uuencode, yenc
from gateway.parse.telling import plausible, telling

_ALPHABET = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
_BLANKS = b" \t\r\n\v\f"
_NOT_BASE64 = bytes(set(range(256)) - set(_ALPHABET))
_NOT_BASE64_BUT_PAD = bytes(set(_NOT_BASE64) - {ord("=")})
_USUAL = _ALPHABET + _BLANKS + b"="
_URL_SAFE = bytes.maketrans(b"-_", b"+/")
_FAULTY_ESCAPE = re.compile(rb"=(?![0-9A-Fa-f]{2}|\n|\Z)")
_WHOLE_FAULTY_ESCAPE = re.compile(_FAULTY_ESCAPE.pattern + rb"[^\n=]{0,2}")
_NEVER_QUOTED = bytes((*(set(range(32)) - set(b"\t\r\n")), *range(127, 256)))
_MUCH = 10  # one other character in ten: rather not base64 at all

Decoded = tuple[tuple[bytes, ...], str]
Files = Callable[[bytes], Iterator[tuple[bytes, bytes]]]


def plain(data: bytes) -> Decoded:
    """7bit, 8bit, binary: as it is."""
    return (data,), ""


def base64(data: bytes) -> Decoded:
    dense = data.translate(None, _BLANKS)
    try:
        decoded = binascii.a2b_base64(dense, strict_mode=True)
    except binascii.Error:
        return _faulty_base64(data, dense)
    if len(dense) % 4 or _words(data):  # binascii lets one "=" too many pass
        return _faulty_base64(data, dense)
    return (decoded,), ""


def _words(data: bytes) -> bool:
    """Words of prose between the lines: letters, too, which put all that follows out of step."""
    if b" " not in data.strip():
        return False
    lines = [line.strip() for line in data.splitlines()]
    return any(b" " in line for line in lines) and any(
        len(line) >= buried.SHORTEST and b" " not in line for line in lines
    )


def _faulty_base64(data: bytes, dense: bytes) -> Decoded:
    """Junk dropped; after padding in mid-stream go on, in step with the padding and without it."""
    chunks = [c for c in dense.translate(None, _NOT_BASE64_BUT_PAD).split(b"=") if c]
    letters = b"".join(chunks)
    junk = data.translate(None, _USUAL)
    readings = [b"".join(map(_quantum, chunks))]
    odd = "base64 with other characters in it" if junk else ""
    if len(chunks) > 1:
        odd = odd or "base64 goes on after its padding"
        readings.append(_quantum(letters))
    if odd or not telling(readings[0]):
        readings += _in_step(data, letters)
        odd = odd or ("base64 with words between its lines" if len(readings) > 1 else "")
    if b"-" in junk or b"_" in junk:
        readings += base64(dense.translate(_URL_SAFE))[0]
    if len(junk) * _MUCH > len(dense):
        readings.append(data)
    return tuple(dict.fromkeys(readings)), odd


def _in_step(data: bytes, letters: bytes) -> Iterator[bytes]:
    """What comes out where letters put in the front are left out, or whole lines of other things,
    or each line is read by itself; but only what makes sense."""
    for step in (1, 2, 3):
        if plausible(reading := _quantum(letters[step:])):
            yield reading
    lines = [line.strip().rstrip(b"=") for line in data.splitlines()]
    clean = [line for line in lines if not line.translate(None, _ALPHABET)]
    for reading in (_quantum(b"".join(clean)), b"".join(map(_quantum, clean))):
        if plausible(reading):
            yield reading


def _quantum(letters: bytes) -> bytes:
    """Letters without padding. A single letter left over carries no whole byte and is dropped."""
    rest = len(letters) % 4
    if rest == 1:
        return binascii.a2b_base64(letters[:-1])
    return binascii.a2b_base64(letters + b"=" * (-len(letters) % 4))


def quoted_printable(data: bytes) -> Decoded:
    """Soft breaks with blanks after them are joined, too; an escape that is none stays as it
    stands, or loses its "=", or goes.

    A bare CR after "=" becomes a line end first: binascii would drop all up to the next LF. What
    may not stand in quoted-printable stays, or goes before all else, as RFC 2045 (6.7) suggests.
    """
    found = _unquoted(data)
    allowed = data.translate(None, _NEVER_QUOTED)
    if len(allowed) < len(data):
        found += _unquoted(allowed)
    return tuple(dict.fromkeys(found)), ""


def _unquoted(data: bytes) -> tuple[bytes, ...]:
    text = data.replace(b"\r\n", b"\n")
    if b"=\r" in text:
        text = text.replace(b"=\r", b"=\n")
    if b"= " in text or b"=\t" in text:
        lines = text.split(b"\n")
        text = b"\n".join(
            stripped if (stripped := line.rstrip(b" \t")).endswith(b"=") else line for line in lines
        )
    tolerant = binascii.a2b_qp(text)
    if _FAULTY_ESCAPE.search(text):
        others = (each.sub(b"", text) for each in (_FAULTY_ESCAPE, _WHOLE_FAULTY_ESCAPE))
        return (tolerant, *map(binascii.a2b_qp, others))
    return (tolerant,)


def uuencoded(data: bytes) -> Decoded:
    found, odd = _files(uuencode.files, data)
    bare = uuencode.bare(data) if odd else b""
    if bare:
        return (bare, data), "uuencode without a beginning"
    return found, odd


def yencoded(data: bytes) -> Decoded:
    return _files(yenc.files, data)


def binhexed(data: bytes) -> Decoded:
    return _files(binhex.files, data)


def _files(decoder: Files, data: bytes) -> Decoded:
    """The files, and all of it as it stands: so it is shown by programs that know no such
    encoding, with what is written around the files."""
    found = tuple(content for _, content in decoder(data))
    return (*found, data), "" if found else "an encoding without its beginning"


def guesses(data: bytes) -> Decoded:
    """Every decoding that makes sense of these bytes, for a body whose encoding is in doubt."""
    once = list(_likely(data))
    twice = [again for decoded in once for again in _likely(decoded)]  # one after the other
    return tuple(dict.fromkeys((data, *once, *twice))), ""


def _likely(data: bytes) -> Iterator[bytes]:
    if b"=" in data:
        yield from quoted_printable(data)[0]
    junk = data.translate(None, _USUAL)
    if data.strip() and len(junk) * _MUCH <= len(data.translate(None, _BLANKS)):
        yield from filter(plausible, base64(data)[0])
    for decoder in (uuencode.files, yenc.files, binhex.files):
        yield from (content for _, content in decoder(data))
    if bare := uuencode.bare(data):
        yield bare


ANY = "any"

DECODERS: dict[str, Callable[[bytes], Decoded]] = {
    ANY: guesses,
    "7bit": plain,
    "8bit": plain,
    "binary": plain,
    "base64": base64,
    "x-gzip64": base64,  # the gzip within is a file like any other
    "quoted-printable": quoted_printable,
    "x-uuencode": uuencoded,
    "x-uue": uuencoded,
    "uuencode": uuencoded,
    "uue": uuencoded,
    "x-yenc": yencoded,
    "x-binhex": binhexed,
    "x-binhex40": binhexed,
    "binhex": binhexed,
}
