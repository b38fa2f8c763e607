"""yEnc, version 1.3 (yenc.org): bytes shifted by 42, "=" before those that would do harm.

Thunderbird shows such files as attachments. The end line, sizes and sums are not asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_BEGIN = re.compile(rb"(?:\A|(?<=[\r\n]))=ybegin ([^\r\n]{0,998})")
_SHIFTED = bytes((byte - 42) & 255 for byte in range(256))


def files(data: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Names and contents."""
    begins = list(_BEGIN.finditer(data))
    for i, begin in enumerate(begins):
        limit = begins[i + 1].start() if i + 1 < len(begins) else len(data)
        end = data.find(b"\n=yend", begin.end(), limit)
        lines = data[begin.end() : end if end >= 0 else limit].splitlines()
        name = begin[1].rpartition(b"name=")[2].strip()
        yield name, _decoded(b"".join(line for line in lines if not line.startswith(b"=ypart ")))


def _decoded(letters: bytes) -> bytes:
    first, *others = letters.split(b"=")
    return first.translate(_SHIFTED) + b"".join(
        bytes(((piece[0] - 106) & 255,)) + piece[1:].translate(_SHIFTED)
        for piece in filter(None, others)
    )
