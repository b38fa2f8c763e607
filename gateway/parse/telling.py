"""Whether bytes say something: a text or a document, rather than what a wrong decoding comes to.

A wrong decoding of anything has control bytes, and half of its bytes beyond ASCII, in no order that
UTF-8 knows. Of random bytes one in ten thousand passes at the shortest length that is asked about.
"""

from __future__ import annotations

# Formats that are documents, or hold some.
SIGNATURES = (
    b"PK\x03\x04", b"PK\x05\x06", b"%PDF-", b"\xd0\xcf\x11\xe0", b"{\\rtf", b"\x1f\x8b\x08",
    b"7z\xbc\xaf", b"Rar!", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\0", b"MM\0*", b"BZh",
    b"\xfd7zXZ", b"\x78\x9f\x3e\x22",
)  # fmt: skip

_CONTROLS = bytes(set(range(32)) - set(b"\t\n\r")) + b"\x7f"
_BEYOND_ASCII = bytes(range(128, 256))
_EDGE = 6  # bytes at the beginning, and half as many at the end, that stray letters may spoil
_LONG = 48  # bytes of a text that may have such edges


def telling(data: bytes) -> bool:
    """A document by its signature, or a text without a control byte but for its edges."""
    if data.startswith(SIGNATURES):
        return True
    core = _narrow(data[_EDGE : -_EDGE // 2] if len(data) >= _LONG else data)
    if not core or len(core.translate(None, _CONTROLS)) < len(core):
        return False
    beyond = len(core) - len(core.translate(None, _BEYOND_ASCII))
    return beyond * 7 <= len(core) or _is_utf8(core)


def plausible(data: bytes) -> bool:
    """The same, of which a fourth may be spoilt."""
    if telling(data):
        return True
    core = _narrow(data)
    return 0 < len(core) * 3 <= len(core.translate(None, _CONTROLS + _BEYOND_ASCII)) * 4


def _narrow(data: bytes) -> bytes:
    """UTF-16 without its zeros, as far as it is ASCII."""
    most = len(data) // 5 * 2
    wide = most and (data[::2].count(0) > most // 2 or data[1::2].count(0) > most // 2)
    return data.replace(b"\0", b"") if wide else data


def _is_utf8(data: bytes) -> bool:
    """But for a character cut at either end."""
    try:
        data.lstrip(_BEYOND_ASCII[:64]).decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start >= len(data) - 4
    return True
