"""A file that stands whole and durable under its name, or not at all: what a backup goes into."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from gateway.errors import Misconfigured
from gateway.store.archive import Unusable
from gateway.store.file_blobs import sync_directory


def demand_free(path: Path, force: bool) -> None:
    """Before the work: another file stays unless --force. Misconfigured."""
    if path.exists() and not (force and path.is_file()):
        raise Misconfigured(f"{path}: there is such a file already (--force replaces it)")


@contextlib.contextmanager
def whole_file(path: Path, force: bool) -> Iterator[BinaryIO]:
    """Readable by whoever runs this alone. Raises Unusable for the disk; no draft stays behind."""
    demand_free(path, force)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    try:
        with open(descriptor, "wb") as file:
            yield file
            file.flush()
            os.fsync(descriptor)
        demand_free(path, force)
        os.rename(draft, path)
        sync_directory(path.parent)
    except BaseException as error:
        with contextlib.suppress(OSError):
            draft.unlink()
        if isinstance(error, OSError):
            raise Unusable(f"{path}: {error.strerror}") from error
        raise
