"""A header section taken apart into raw fields, without reading more into it than is there.

RFC 5322, 2.2. Used where a sealed mail is built from the original; inspection has its own, far more
suspicious parser, and has already run. Linear; what is not plainly a field makes the header odd.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

MAX_HEADER_BYTES = 256 * 1024  # Postfix's header_size_limit is 100 KB; what is larger is odd


@dataclass(frozen=True, slots=True, repr=False)
class Header:
    """fields: (name in lower case, the raw field with its folds and its CRLF), in order.

    odd: some line is no field, or a line end is not CRLF; then only a copy of the whole is safe.
    """

    fields: tuple[tuple[bytes, bytes], ...]
    odd: bool

    def values(self, name: bytes) -> Iterator[str]:
        """The unfolded values of one field; bytes beyond ASCII as UTF-8, or replaced."""
        for known, raw in self.fields:
            if known == name:
                value = raw.partition(b":")[2].replace(b"\r\n", b"").strip()
                yield value.decode("utf-8", "replace")


def split(content: bytes) -> tuple[bytes, bytes]:
    """The header with the CRLF of its last field, and the body after the empty line."""
    if content.startswith(b"\r\n"):
        return b"", content[2:]
    end = content.find(b"\r\n\r\n")
    return (content, b"") if end < 0 else (content[: end + 2], content[end + 4 :])


def read(head: bytes) -> Header:
    odd = len(head) > MAX_HEADER_BYTES
    fields: list[tuple[bytes, list[bytes]]] = []
    for line in head[:MAX_HEADER_BYTES].removesuffix(b"\r\n").split(b"\r\n"):
        if b"\n" in line or b"\r" in line or b"\0" in line:
            odd = True
        if line[:1] in (b" ", b"\t"):
            if fields:
                fields[-1][1].append(line)
            else:
                odd = True
            continue
        name, colon, _ = line.partition(b":")
        if colon and _is_name(name):
            fields.append((name.lower(), [line]))
        elif line or head:
            odd = True
    return Header(tuple((n, b"\r\n".join(lines) + b"\r\n") for n, lines in fields), odd)


def _is_name(name: bytes) -> bool:
    return bool(name) and all(33 <= byte <= 126 for byte in name)
