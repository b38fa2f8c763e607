"""A Message-ID as log and store have it: its keyed hash.

In clear it may name somebody (a program may write "<dupont.jean.2790575…@cabinet>"), so it stands
nowhere; whoever has one in hand computes the same hash and finds the mail (`vaguemestre trace`).
RFC 5322, 3.6.4: what counts stands between "<" and ">". Works on the raw header.
"""

from __future__ import annotations

from gateway.store.keys import keyed

_HEADER_CAP = 64 * 1024  # octets of a header looked through
_ID_CAP = 998  # octets of an id that count: a line's length in RFC 5322
_FIELD = b"message-id:"


def of_mail(hmac_key: bytes, content: bytes) -> str:
    """Of its first Message-ID field; "" where there is none."""
    header = content[:_HEADER_CAP]
    end = header.find(b"\r\n\r\n")
    header = header if end < 0 else header[:end]
    at = (b"\n" + header.lower()).find(b"\n" + _FIELD)
    if at < 0:
        return ""
    return of_id(hmac_key, _unfolded(header[at + len(_FIELD) :]))


def of_id(hmac_key: bytes, written: bytes) -> str:
    """written: with or without its brackets; "" where nothing is."""
    before, bracket, after = written.partition(b"<")
    inside = after.partition(b">")[0] if bracket else before
    bare = b"".join(inside.split())[:_ID_CAP]
    return keyed(hmac_key, "message id", bare) if bare else ""


def _unfolded(rest: bytes) -> bytes:
    """Up to the first line end that no white space follows."""
    end = rest.find(b"\n")
    while end >= 0 and rest[end + 1 : end + 2] in (b" ", b"\t"):
        end = rest.find(b"\n", end + 1)
    return rest if end < 0 else rest[:end]
