"""Contents in a bucket that speaks S3: of a provider certified for health data, or one's own.

One object a content, put whole and only where there is none of that name (`If-None-Match`): S3
shows an object whole or not at all, and answers once it is durable. Nothing is uploaded in parts,
so nothing half uploaded is left behind and paid for. A server that does not answer, or refuses, is
an OSError as a failing disk is: mail to hold gets 451, what is to be released waits.

The bucket sees sizes and times; what it keeps is sealed. Its own versions or locks would keep what
is erased, in ciphertext whose key is gone.

Whoever named no S3 does not pay for the library: this module is imported by need.
"""

from __future__ import annotations

import contextlib
import errno
import io
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, BinaryIO, cast

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import S3Store
from sqlalchemy import Connection

from gateway.store.blobs import READ_BYTES, is_name, new_name

if TYPE_CHECKING:  # names that exist for mypy alone
    from obstore.store import ClientConfig, S3Credential

CONNECT_SECONDS = 5
REQUEST_SECONDS = 30  # a mail of 50 MB over 14 Mbit/s; a door has 80 s for all it does
RETRIES = 2  # of what the server answered 5xx or not at all
_DELETE = 1000  # names a request: S3's own limit


@dataclass(frozen=True, slots=True)
class Bucket:
    """endpoint: "https://s3.example". ca: PEM beside the usual authorities; b"" for none."""

    name: str
    endpoint: str
    region: str
    user: str
    password: str = field(repr=False)
    prefix: str = ""
    ca: bytes = b""


class S3Blobs:
    def __init__(self, bucket: Bucket) -> None:
        self._store = _store(bucket)
        self._prefix = f"{bucket.prefix.strip('/')}/" if bucket.prefix.strip("/") else ""

    def prepare(self) -> None:
        """The bucket is made by whoever answers for it, with its rights and its place."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        whole = b"".join(chunks)
        with _trouble():
            obstore.put(self._store, self._at(name), whole, mode="create", use_multipart=False)

    def open(self, name: str) -> BinaryIO:
        with _trouble():
            found = obstore.get(self._store, self._at(name))
            chunks = iter(found.stream(min_chunk_size=READ_BYTES))
        size = found.meta["size"]
        return cast(BinaryIO, io.BufferedReader(_Body(chunks, size), READ_BYTES))

    def size(self, name: str) -> int:
        with _trouble():
            return int(obstore.head(self._store, self._at(name))["size"])

    def still_has(self, name: str, connection: Connection) -> bool:
        """Told by time alone: the server's clock says what is old, wherever the sweep runs."""
        return True

    def delete(self, names: Iterable[str]) -> int:
        """S3 does not say which of them were there."""
        paths = [self._at(name) for name in names]
        with _trouble():
            for start in range(0, len(paths), _DELETE):
                obstore.delete(self._store, paths[start : start + _DELETE])
        return len(paths)

    def older_than(self, then: float) -> Iterator[str]:
        with _trouble():
            by_its_clock = then + self._ahead()
            for several in obstore.list(self._store, self._prefix or None):
                for one in several:
                    name = one["path"].removeprefix(self._prefix)
                    if is_name(name) and one["last_modified"].timestamp() < by_its_clock:
                        yield name

    def free(self) -> int | None:
        return None

    def close(self) -> None:
        """The library closes idle connections by itself."""

    def _at(self, name: str) -> str:
        return f"{self._prefix}{name}"

    def _ahead(self) -> float:
        """Seconds by which the server's clock is before ours; learnt from an object dated by it."""
        path = self._at(new_name())
        obstore.put(self._store, path, b"", mode="create", use_multipart=False)
        ours = time.time()
        try:
            return float(obstore.head(self._store, path)["last_modified"].timestamp() - ours)
        finally:
            obstore.delete(self._store, path)


class _Body(io.RawIOBase):
    """What comes over the connection. A connection that ends too soon is no end."""

    def __init__(self, chunks: Iterator[bytes], size: int) -> None:
        self._chunks, self._left, self._rest = chunks, size, memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object, /) -> int:
        room = memoryview(buffer).cast("B")  # type: ignore[arg-type]
        while not self._rest and self._left:
            with _trouble():
                self._rest = memoryview(next(self._chunks, b""))
            if not self._rest:
                raise OSError(errno.EIO, "S3: the object came cut short")
            self._left -= len(self._rest)
        taken = min(len(room), len(self._rest))
        room[:taken] = self._rest[:taken]
        self._rest = self._rest[taken:]
        return taken


def _store(bucket: Bucket) -> S3Store:
    """All said here: what AWS_… in the environment says must not lead contents elsewhere."""

    def login() -> S3Credential:
        return {
            "access_key_id": bucket.user,
            "secret_access_key": bucket.password,
            "token": None,
            "expires_at": None,
        }

    options: ClientConfig = {
        "allow_http": bucket.endpoint.startswith("http:"),
        "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
        "timeout": timedelta(seconds=REQUEST_SECONDS),
    }
    if bucket.ca:
        options["root_certificate"] = bucket.ca
    return S3Store(
        bucket.name,
        config={
            "endpoint": bucket.endpoint,
            "aws_endpoint_url_s3": bucket.endpoint,
            "region": bucket.region,
            "virtual_hosted_style_request": False,
        },
        client_options=options,
        retry_config={
            "max_retries": RETRIES,
            "retry_timeout": timedelta(seconds=REQUEST_SECONDS),
        },
        credential_provider=login,
    )


@contextlib.contextmanager
def _trouble() -> Iterator[None]:
    """OSError, with the first line of what the library says: request, status, no content."""
    try:
        yield
    except AlreadyExistsError:
        raise FileExistsError(errno.EEXIST, "S3: there is an object of that name") from None
    except FileNotFoundError:  # the library's own, with an answer of the server in its text
        raise FileNotFoundError(errno.ENOENT, "S3: there is no such object") from None
    except BaseError as error:
        said = str(error).partition("\n")[0].partition(": <")[0]
        raise OSError(errno.EIO, f"S3: {said[:200]}") from None
