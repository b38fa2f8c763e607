"""A backup's file: a tar, sealed as a whole.

    file    = "vaguemestre backup 1\\n" ‖ wrapped key ‖ stream          (both as in `vault`)
    stream  = tar: rows/<table>/<number>.jsonl.gz …, blobs/<name> …, manifest.json at the end

The manifest has the size and SHA-256 of every member, so that what a program of ours left out or
wrote twice is found as well as what a disk did. Members are told apart by the form of their names
and read one after the other: nothing is ever written where a name in it says.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import re
import tarfile
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from typing import BinaryIO, cast

from gateway.errors import GatewayError
from gateway.store import vault
from gateway.store.blobs import chunks_of
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.sealed_stream import OpeningReader, SealingWriter

MAGIC = b"vaguemestre backup 1\n"
MANIFEST = "manifest.json"
_OURS = b"vaguemestre backup "
_CONTEXT = b"backup"
_READ_BYTES = 1024 * 1024
_NAME = re.compile(r"rows/([a-z_]{1,40})/[0-9]{6}\.jsonl\.gz|blobs/([0-9a-f]{32})|manifest\.json")


class Unusable(GatewayError):
    """A backup that cannot be written or read. The text is for the operator."""


@dataclass(frozen=True, slots=True)
class Entry:
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """version: of the gateway. schema: of the tables. taken: seconds since the epoch. rows: of each
    table. missing: contents that rows name and that were gone."""

    version: str
    schema: str
    taken: float
    rows: dict[str, int]
    missing: tuple[str, ...]
    members: dict[str, Entry] = field(repr=False)


class Archive:
    """Being written. Raises Unusable for the disk; nothing is whole before `finish`."""

    def __init__(self, file: BinaryIO, keys: Sequence[SealingKey]) -> None:
        key, wrapped = vault.wrap(keys, _CONTEXT)
        with _disk():
            file.write(MAGIC + wrapped)
        self._sealed = SealingWriter(file, key, _CONTEXT)
        self.members: dict[str, Entry] = {}

    def add(self, name: str, data: bytes) -> None:
        self.add_stream(name, io.BytesIO(data), len(data))

    def add_stream(self, name: str, stream: BinaryIO, size: int) -> None:
        told = tarfile.TarInfo(name)
        told.size, told.mode = size, 0o600
        state, left = hashlib.sha256(), size
        with _disk():
            self._sealed.write(told.tobuf(tarfile.USTAR_FORMAT))
            while left:
                data = stream.read(min(left, _READ_BYTES))
                if not data:
                    raise Unusable(f"{name} is shorter than its file said")
                state.update(data)
                self._sealed.write(data)
                left -= len(data)
            self._sealed.write(bytes(-size % tarfile.BLOCKSIZE))
        self.members[name] = Entry(size, state.hexdigest())

    def finish(self, manifest: Manifest) -> None:
        self.add(MANIFEST, json.dumps(asdict(manifest)).encode())
        with _disk():
            self._sealed.write(bytes(2 * tarfile.BLOCKSIZE))  # where a tar ends
            self._sealed.finish()


def verified(file: BinaryIO, keys: Sequence[OpeningKey]) -> Manifest:
    """Read whole, every member compared with what the manifest says. Raises Unusable, CannotOpen
    for keys that do not fit."""
    found: dict[str, Entry] = {}
    last = b""
    for name, stream in members(file, keys):
        if name in found or MANIFEST in found:
            raise Unusable("the backup is damaged: a member too many")
        size, state = 0, hashlib.sha256()
        for data in chunks_of(stream):
            size += len(data)
            state.update(data)
            last = last + data if name == MANIFEST else b""
        found[name] = Entry(size, state.hexdigest())
    if found.pop(MANIFEST, None) is None:
        raise Unusable("the backup is damaged: it has no manifest")
    manifest = _manifest(last)
    if manifest.members != found:
        raise Unusable("the backup is damaged: its members are not those that its manifest names")
    return manifest


def members(file: BinaryIO, keys: Sequence[OpeningKey]) -> Iterator[tuple[str, BinaryIO]]:
    """From the beginning, each with what it holds. Raises as `verified`."""
    file.seek(0)
    head = file.read(len(MAGIC))
    if head != MAGIC:
        later = head.startswith(_OURS)
        raise Unusable("made by a later version" if later else "no backup of this gateway")
    with _damage():
        wrapped = vault.wrapped_in(file)
    reader = OpeningReader(file, vault.unwrap(wrapped, keys, _CONTEXT), _CONTEXT)
    with _damage(), tarfile.open(fileobj=cast(BinaryIO, reader), mode="r|") as tar:
        for told in tar:
            stream = tar.extractfile(told) if told.isreg() else None
            if stream is None or not _NAME.fullmatch(told.name):
                raise Unusable("the backup has a member that is none of ours")
            yield told.name, cast(BinaryIO, stream)


def table_of(name: str) -> str:
    """Of a member with rows; "" for another."""
    found = _NAME.fullmatch(name)
    return (found[1] or "") if found else ""


def blob_of(name: str) -> str:
    """Of a member with a content; "" for another."""
    found = _NAME.fullmatch(name)
    return (found[2] or "") if found else ""


@contextlib.contextmanager
def _disk() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Unusable(f"the backup cannot be written: {error.strerror or error}") from error


@contextlib.contextmanager
def _damage() -> Iterator[None]:
    try:
        yield
    except (tarfile.TarError, vault.CannotOpen, EOFError, zlib.error) as error:
        raise Unusable("the backup is damaged or cut short") from error


def _manifest(written: bytes) -> Manifest:
    try:
        told = json.loads(written)
        entries = {name: Entry(**one) for name, one in told.pop("members").items()}
        missing = tuple(map(str, told.pop("missing")))
        return Manifest(**told, members=entries, missing=missing)
    except (ValueError, TypeError, KeyError, AttributeError):
        raise Unusable("the backup is damaged: its manifest cannot be read") from None
