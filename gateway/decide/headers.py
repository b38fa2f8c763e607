"""Header fields of a message, for the conditions of rules: RFC 5322 unfolding, RFC 2047 words.

Only for what strengthens a verdict: a field that hides from this reader weakens nothing. What was
found in headers comes from the inspection, which reads them in every plausible way.
"""

from __future__ import annotations

import binascii
import re
import unicodedata

MAX_BLOCK = 256 * 1024  # bytes of headers looked at; Postfix keeps 100 KB (header_size_limit)
MAX_FIELD = 16 * 1024  # characters of one field

_WORD = re.compile(r"=\?([^?\s]{1,40})\?([bBqQ])\?([^?\s]{0,1000})\?=")
_BETWEEN_WORDS = re.compile(r"\?=\s{1,80}=\?")
_QUOTED = re.compile(r'"[^"]*"')  # names, which may look like addresses
_ADDRESS = re.compile(r"""[^\s<>()\[\],;:"@]{1,64}@[^\s<>()\[\],;:"@]{1,255}""")
_CHARSETS = frozenset(["utf-8", "us-ascii", "iso-8859-1", "iso-8859-15", "windows-1252"])


def fields(content: bytes, name: str) -> list[str]:
    """The values of every field of that name, in lower case, decoded and folded to compare."""
    wanted = name.lower().encode("ascii", "replace")
    found: list[str] = []
    lines: list[bytes] = []
    for line in [*_block(content).splitlines(), b""]:
        if line[:1] in (b" ", b"\t"):
            lines.append(line)
            continue
        label, colon, value = b"".join(lines).partition(b":")
        if colon and label.strip().lower() == wanted:
            found.append(fold(_decoded(value.decode("utf-8", "replace")[:MAX_FIELD])))
        lines = [line]
    return found


def addresses(content: bytes, *names: str) -> frozenset[str]:
    """The distinct addresses that these fields show, in lower case."""
    values = " ".join(value for name in names for value in fields(content, name))
    return frozenset(_ADDRESS.findall(_QUOTED.sub(" ", values)))


def fold(text: str) -> str:
    """Case and compatibility forms made equal: "É" with an accent apart, full width…"""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _block(content: bytes) -> bytes:
    head = content[:MAX_BLOCK]
    ends = [end for end in (head.find(b"\r\n\r\n"), head.find(b"\n\n")) if end >= 0]
    return head[: min(ends)] if ends else head


def _decoded(value: str) -> str:
    return _WORD.sub(_word, _BETWEEN_WORDS.sub("?==?", value))


def _word(match: re.Match[str]) -> str:
    charset, encoding, text = match.groups()
    try:
        if encoding in "bB":
            data = binascii.a2b_base64(text + "=" * (-len(text) % 4))
        else:
            data = binascii.a2b_qp(text.encode("ascii", "replace"), header=True)
    except (binascii.Error, ValueError):
        return match.group()
    known = charset.partition("*")[0].lower()
    return data.decode(known if known in _CHARSETS else "utf-8", "replace")
