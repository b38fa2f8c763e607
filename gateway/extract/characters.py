"""Bytes of a text to characters: what is declared, what the bytes say, and both where they differ.

A byte order mark wins, then strict UTF-8, UTF-16 told by its zero bytes, the declared character
set, Windows-1252. A second reading is given where a person would see another text.
"""

from __future__ import annotations

import codecs
from encodings.aliases import aliases

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_NEVER = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}
_KNOWN = (set(aliases) | set(aliases.values())) - _NEVER
_PRINTABLE = bytes(range(32, 127))
_NO_CONTROL = bytes(range(32, 256)) + b"\t\n\r"

# What French typing leaves above ASCII in Windows-1252 and Latin-1; other letters there mean that
# the text was rather written on DOS or on an old Macintosh.
_FRENCH = "ÀÂÇÈÉÊËÎÏÔÙÛÜàâçèéêëîïôùûüœŒæÆ«»°€’‘“”–—…•· \u00a0²³µ§ñáíóúöäßÖÄ"
_FRENCH_BYTES = bytes(ord(character) for character in _FRENCH if character <= "\xff")
_FRENCH_WIDE = tuple(character for character in _FRENCH if character > "\xff")
_ASCII = bytes(range(128))
_OLD = ("cp850", "mac_roman")
# EBCDIC: the blank, letters without accents and digits, on which its national sets agree.
_EBCDIC = bytes(
    byte
    for byte in range(256)
    if byte in (0x15, 0x25, 0x40, 0x4B) or (byte >= 0x80 and byte & 15 <= 9 and byte >> 4 != 11)
)
_RIGHT_TO_LEFT = "\u202e"  # what follows is shown from its end
_ODD_SHARE = 4  # one unusual character in four beyond ASCII


def codec(charset: str) -> str | None:
    """Python's name for a declared character set; None when unknown or no character set."""
    name = charset.strip().lower().replace("-", "_").replace(" ", "_").removeprefix("x_")
    name = name.replace("windows_", "cp") if name.startswith("windows_") else name
    return name if name in _KNOWN else None


def readings(data: bytes, declared: str = "") -> tuple[str, ...]:
    """The text in every plausible character set, likeliest first; at least one. Never raises."""
    name = codec(declared) if declared else None
    wide = utf16(data)
    if wide:
        others = {name} - {wide} if name and name.startswith("utf_") else set()
        return tuple(dict.fromkeys(_lenient(data, each) for each in (wide, *others)))
    texts = [_likeliest(data, name)]
    if name and unlike_ascii(name):
        texts.insert(0, _lenient(data, name))
    elif name != "utf_8" and _odd(texts[0]):
        texts += [_lenient(data, old) for old in _OLD]
    if _ebcdic(data):
        texts.append(_lenient(data, "cp500"))
    if any(_RIGHT_TO_LEFT in text for text in texts):
        texts += [text[::-1] for text in texts]
    return tuple(dict.fromkeys(texts))


def utf16(data: bytes) -> str:
    """The wide or marked encoding that the bytes themselves tell, or ""."""
    for mark, name in _MARKS:
        if data.startswith(mark):
            return name
    head = data[:4096]
    if b"\0" in head and len(head) >= 4:
        half = len(head) // 2
        low, high = head[1::2].count(0), head[::2].count(0)
        if low > half * 0.4 and _letters(head[::2]):
            return "utf-16-le"
        if high > half * 0.4 and _letters(head[1::2]):
            return "utf-16-be"
    return ""


def _letters(data: bytes) -> bool:
    """Whether these are halves of letters rather than of numbers: next to no control byte."""
    return len(data.translate(None, _NO_CONTROL)) * 50 <= len(data)


def _likeliest(data: bytes, name: str | None) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _lenient(data, name if name and not unlike_ascii(name) else "cp1252")


def _lenient(data: bytes, name: str) -> str:
    try:
        return data.decode(name, "replace")
    except (ValueError, LookupError, OSError):  # OSError: no file may be opened behind the wall
        return data.decode("latin-1")


def unlike_ascii(name: str) -> bool:
    """UTF-7, UTF-16, EBCDIC, ISO-2022…: plain letters may mean something else."""
    if name.startswith(("utf_8", "iso8859", "latin", "ascii", "us_ascii", "cp12", "iso_8859")):
        return False
    if name.startswith(("iso2022", "iso_2022", "hz", "utf_7", "utf7", "csiso2022")):
        return True
    return _lenient(_PRINTABLE, name) != _PRINTABLE.decode("ascii")


def _ebcdic(data: bytes) -> bool:
    return (
        not data.isascii()
        and b" " not in data[:4096]
        and len(data.translate(None, _EBCDIC)) * 5 <= len(data)
    )


def _odd(text: str) -> bool:
    """Whether few of the characters beyond ASCII are those of French. Counted without a loop over
    the characters, which would cost more than all else in reading a text."""
    if text.isascii():
        return False
    text = text[:100_000]
    narrow = text.encode("latin-1", "ignore")
    beyond = narrow.translate(None, _ASCII)
    strange = len(beyond.translate(None, _FRENCH_BYTES))
    wide = len(text) - len(narrow)
    if wide:
        strange += wide - sum(map(text.count, _FRENCH_WIDE))
    return strange * _ODD_SHARE > len(beyond) + wide
