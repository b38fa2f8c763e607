"""Documents of many files, one of which is what the input says: mutations of the whole would break
its sums and tables, and never come to the readers of what is within.

The first octet of an input says which document, the second which of its files; the rest is its
content. A document of no such number: the rest is the whole.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from typing import TypeVar

K = TypeVar("K", bound=Hashable)

HEAD = 2
AS_IT_IS = b"\xff\xff"


def document(
    data: bytes, made: Sequence[Mapping[K, bytes]], written: Callable[[dict[K, bytes]], bytes]
) -> bytes:
    """The file that an input stands for."""
    head, content = data[:HEAD], data[HEAD:]
    if len(head) < HEAD or head[0] >= len(made):
        return content
    files = dict(made[head[0]])
    files[list(files)[head[1] % len(files)]] = content
    return written(files)


def seeds(made: Sequence[Mapping[K, bytes]], longest: int) -> Iterator[bytes]:
    for number, files in enumerate(made):
        for place, content in enumerate(files.values()):
            if len(content) <= longest:
                yield bytes((number, place)) + content
