"""Where the contents of held mail are: large, sealed, each under a random name, never changed.

A content is durable before the row that names it is committed. So one without a row is nobody's,
whatever killed us in between; `gateway.retain` removes it. What is kept is ciphertext only; the
key stands in the row.

Three ways to keep them, one file each, chosen by `blobs` in gateway.yaml: `file_blobs`,
`database_blobs`, `s3_blobs`. `tests/unit/store/test_blobs.py` says what all of them promise.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import BinaryIO, Protocol

from sqlalchemy import Connection

NAME_BYTES = 16  # random, so that no name ever comes twice
READ_BYTES = 1024 * 1024
_NAME = re.compile(rf"[0-9a-f]{{{2 * NAME_BYTES}}}", re.ASCII)


class Blobs(Protocol):
    """All raise OSError for whatever disk, network or server did; FileNotFoundError for a name
    that is not there. Blocking, and safe in several threads; not across a fork."""

    def prepare(self) -> None:
        """Make the place, where it is not there yet."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """Keep them under a `new_name()`; durable and whole on return, or not there at all. Raises
        FileExistsError rather than replace anything."""

    def open(self, name: str) -> BinaryIO:
        """To be read from the beginning. Reading raises OSError where it goes meanwhile: an end is
        an end."""

    def size(self, name: str) -> int:
        """In octets."""

    def still_has(self, name: str, connection: Connection) -> bool:
        """Whether the sweep left what was just written. Asked within the store's transaction that
        names it, so it must not wait for a network of its own."""

    def delete(self, names: Iterable[str]) -> int:
        """Durable on return; how many were there, as far as the place tells."""

    def older_than(self, then: float) -> Iterator[str]:
        """Names of those written before `then`, in seconds since the epoch by this machine's clock,
        whichever clock dated them. Whatever else lies in that place is not ours to see."""

    def free(self) -> int | None:
        """Octets left; None where nobody can tell."""

    def close(self) -> None:
        """Let go of connections; what is asked afterwards opens new ones."""


def chunks_of(stream: BinaryIO) -> Iterator[bytes]:
    """All that is left of it."""
    while chunk := stream.read(READ_BYTES):
        yield chunk


def new_name() -> str:
    return os.urandom(NAME_BYTES).hex()


def is_name(found: str) -> bool:
    """Whether it is of those that `new_name` gives: others' files are never swept."""
    return _NAME.fullmatch(found) is not None
