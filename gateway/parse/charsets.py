"""Bytes of a header to text, whatever character set they claim.

An unknown or lying character set never raises and never loses ASCII: what cannot be decoded is
read as UTF-8, then as Windows-1252. Bodies are decoded by `extract.text`, which has more to go by.
"""

from __future__ import annotations

from encodings.aliases import aliases

# Codecs that are no character sets, or whose cost is not linear (punycode, idna).
_NEVER = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined", "mbcs", "oem"}

# Only these are looked up: each unknown name would stay in Python's cache of codecs for good.
_KNOWN = (set(aliases) | set(aliases.values()) | {"utf_8_sig"}) - _NEVER


def codec(charset: str) -> str | None:
    """Python's name for a declared character set, or None when it is unknown."""
    name = charset.strip().lower().replace("-", "_").replace(" ", "_").removeprefix("x_")
    if name in _KNOWN:
        return name
    name = name.replace("windows_", "cp").removesuffix("_i").removesuffix("_e")
    return name if name in _KNOWN else None


def decode(data: bytes, charset: str = "") -> str:
    """Never raises. ASCII is kept whatever the declared character set is."""
    if data.isascii() and not charset:
        return data.decode("ascii")
    name = codec(charset) if charset else None
    for candidate in (name, "utf-8"):
        if candidate:
            try:
                return data.decode(candidate)
            except (ValueError, LookupError, OSError):  # OSError: no file may be opened any more
                continue
    return data.decode("cp1252", "replace")
