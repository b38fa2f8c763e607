"""The two canonical forms of DKIM and ARC: what a signature is made over (RFC 6376, 3.4).

Our own, since what is verified came from outside: dkimpy finds the blanks before a line's end by a
pattern whose time grows with the square of a line of blanks. Here each step is one pass.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence

_BLANKS = re.compile(rb"[ \t]+")  # one class, nothing after it: linear


def relaxed_field(raw: bytes) -> bytes:
    """3.4.2: name in small letters, unfolded, blanks made one; with its CRLF."""
    name, _, value = raw.partition(b":")
    words = value.replace(b"\r\n", b"").replace(b"\t", b" ").split(b" ")
    return b"%b:%b\r\n" % (name.strip().lower(), b" ".join(filter(None, words)))


def simple_field(raw: bytes) -> bytes:
    return raw


def relaxed_body(body: bytes) -> bytes:
    """3.4.4: blanks made one, none before a line's end, no empty lines at the end."""
    squeezed = _BLANKS.sub(b" ", body).replace(b" \r\n", b"\r\n").removesuffix(b" ")
    kept = _without_empty_lines(squeezed)
    return kept + b"\r\n" if kept else b""


def simple_body(body: bytes) -> bytes:
    """3.4.3: no empty lines at the end; an empty body is one CRLF."""
    return _without_empty_lines(body) + b"\r\n"


def body_hash(body: bytes, form: bytes) -> bytes:
    canonical = relaxed_body(body) if form == b"relaxed" else simple_body(body)
    return hashlib.sha256(canonical).digest()


def signed_data(
    fields: Sequence[tuple[bytes, bytes]], names: Iterable[bytes], signature: bytes, form: bytes
) -> bytes:
    """5.4.2: the fields named in h=, each name from the bottom up, then the signature's own field
    without its b= and its CRLF. A name without a field left says that there is none."""
    canonical = relaxed_field if form == b"relaxed" else simple_field
    left: dict[bytes, list[bytes]] = {}
    for name, raw in fields:
        left.setdefault(name, []).append(raw)
    chosen = [canonical(left[name].pop()) for name in names if left.get(name)]
    return b"".join((*chosen, canonical(_without_b(signature)).removesuffix(b"\r\n")))


def _without_b(raw: bytes) -> bytes:
    """The signature's field with nothing after "b="."""
    name, colon, value = raw.removesuffix(b"\r\n").partition(b":")
    tags = [
        tag[: tag.index(b"=") + 1]
        if tag.partition(b"=")[0].strip() == b"b" and b"=" in tag
        else tag
        for tag in value.split(b";")
    ]
    return name + colon + b";".join(tags) + b"\r\n"


def _without_empty_lines(body: bytes) -> bytes:
    """Without any CRLF at the end; a bare CR or LF there is content."""
    end = len(body)
    while end >= 2 and body[end - 2 : end] == b"\r\n":
        end -= 2
    return body[:end]
