"""The DKIM keys that `vaguemestre dkim` makes: one file a key, in `dkim` among the others.

Unlike the officers', a private half here is read by the doors, which sign. A retired key keeps its
file without it, so that no selector ever serves twice.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Generic, TypeVar

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.errors import Misconfigured
from gateway.store.file_blobs import sync_directory

FOLDER = "dkim"
ALGORITHMS = ("rsa", "ed25519")
RSA_BITS = 2048  # RFC 8301; a longer key does not fit into one UDP answer everywhere
STRING_OCTETS = 255  # RFC 1035, 3.3.14: of one string of a TXT record

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Made:
    """active_from, retired: seconds since the epoch; retired 0: not. public: base64 of p=.

    private: PEM; "" once retired."""

    domain: str
    selector: str
    algorithm: str
    active_from: float
    public: str
    private: str = field(repr=False)
    retired: float = 0.0

    @property
    def name(self) -> str:
        """Of its record in DNS."""
        return f"{self.selector}._domainkey.{self.domain}"

    @property
    def record(self) -> str:
        return f"v=DKIM1; k={self.algorithm}; p={self.public}"


def generate(domain: str, selector: str, algorithm: str, active_from: float) -> Made:
    private: rsa.RSAPrivateKey | Ed25519PrivateKey
    if algorithm == "rsa":
        private = rsa.generate_private_key(65537, RSA_BITS)
        public = private.public_key().public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    else:
        private = Ed25519PrivateKey.generate()
        public = private.public_key().public_bytes_raw()
    pem = private.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    text = base64.b64encode(public).decode()
    return Made(domain, selector, algorithm, active_from, text, pem.decode())


def zone_line(made: Made) -> str:
    """As a zone file writes it: strings of at most 255 octets."""
    record = made.record
    cut = [record[at : at + STRING_OCTETS] for at in range(0, len(record), STRING_OCTETS)]
    return f"{made.name}. IN TXT ( {' '.join(f'{chr(34)}{one}{chr(34)}' for one in cut)} )"


def read(folder: Path) -> tuple[Made, ...]:
    """Every key, retired ones too. Raises Misconfigured for what is none."""
    found = []
    for path in sorted(folder.glob("*.json")):
        try:
            made = Made(**json.loads(path.read_bytes()))
            words = (made.domain, made.selector, made.algorithm, made.public, made.private)
            if not all(isinstance(word, str) for word in words):
                raise TypeError("a word")
            found.append(replace(made, active_from=float(made.active_from)))
        except (OSError, ValueError, TypeError):
            raise Misconfigured(f"{path} cannot be read as a DKIM key") from None
    return tuple(found)


def write(folder: Path, made: Made, *, group: int | None = None, new: bool = True) -> None:
    """Whole and durable, or not at all. group: a gid whose members may read it: doors, release.

    new: raises FileExistsError where that selector has served already.
    """
    folder.mkdir(mode=0o750, parents=True, exist_ok=True)
    path = folder / f"{made.selector}.{made.domain}.json"
    draft = folder / f".{path.name}.{os.getpid()}"
    mode = 0o400 if group is None else 0o440
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            if group is not None:
                os.chown(folder, -1, group)
                os.fchown(descriptor, -1, group)
            file.write(json.dumps(asdict(made)).encode())
            file.flush()
            os.fsync(descriptor)
        if new:
            os.link(draft, path)
        else:
            os.rename(draft, path)
    finally:
        draft.unlink(missing_ok=True)
    sync_directory(folder)


class Watched(Generic[T]):
    """What was built from a folder, built again once a file comes or goes. What cannot be built
    then changes nothing; what cannot be built at first raises Misconfigured."""

    def __init__(self, folder: Path, build: Callable[[], Sequence[T]]) -> None:
        self._folder = folder
        self._build = build
        self._seen = self._state()
        self._built = build()

    def __call__(self) -> Sequence[T]:
        state = self._state()
        if state != self._seen:
            self._seen = state
            with contextlib.suppress(Misconfigured):
                self._built = self._build()
        return self._built

    def _state(self) -> int:
        try:
            return self._folder.stat().st_mtime_ns
        except OSError:
            return 0
