"""Certificates found in a directory or in signed mails, kept on disk for all processes.

    <folder>/<HMAC of the address>    sealed (AES-256-GCM) under a key derived from `hmac.key`

Whom we write to is nobody's business: neither the name of a file nor what is in it tells it to
whoever has the disk alone. One file an address, replaced as a whole. An entry says nothing of
trust: that is asked anew whenever a certificate is used. After a change of `hmac.key` what was
found before is not known any more, and is found again.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from cryptography import x509
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding

from gateway.act.certificate_use import DAMAGED, Known
from gateway.store.keys import keyed

MAX_KEPT = 8  # certificates of one address; some have one a device
MAX_CACHED = 2048  # addresses in memory
_DAMAGED = (InvalidTag, KeyError, TypeError, *DAMAGED)

Origin = Literal["directory", "mail"]


@dataclass(frozen=True, slots=True, repr=False)
class Entry:
    """at: when it was found, seconds since the epoch."""

    address: str
    origin: Origin
    at: float
    known: tuple[Known, ...]


@dataclass(slots=True, repr=False)
class Found:
    folder: Path
    hmac_key: bytes
    _aead: AESGCM = field(init=False)
    _read: dict[str, tuple[int, Entry | None]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._aead = AESGCM(bytes.fromhex(keyed(self.hmac_key, "found certificates key")))

    def held(self, address: str) -> Sequence[Known]:
        entry = self.entry(address)
        return entry.known if entry and entry.address == address else ()

    def every(self) -> Iterator[tuple[str, Known]]:
        for entry in self.entries():
            for known in entry.known:
                yield entry.address, known

    def entries(self) -> Iterator[Entry]:
        for path in sorted(self.folder.glob("*")):
            entry = self._open(path.name)
            if entry:
                yield entry

    def entry(self, address: str) -> Entry | None:
        name = self._name(address)
        try:
            stamp = (self.folder / name).stat().st_mtime_ns
        except OSError:
            return None
        known = self._read.get(name)
        if known is None or known[0] != stamp:
            if len(self._read) >= MAX_CACHED:
                self._read.clear()
            known = self._read[name] = (stamp, self._open(name))
        return known[1]

    def keep(self, entry: Entry) -> None:
        """In the place of what was kept for that address. OSError where it cannot be written."""
        name = self._name(entry.address)
        nonce = os.urandom(12)
        sealed = nonce + self._aead.encrypt(nonce, _dump(entry), name.encode())
        self.folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        part = self.folder / f".{secrets.token_hex(8)}"
        part.write_bytes(sealed)
        part.replace(self.folder / name)

    def forget(self, address: str) -> bool:
        with contextlib.suppress(FileNotFoundError):
            (self.folder / self._name(address)).unlink()
            return True
        return False

    def _name(self, address: str) -> str:
        return keyed(self.hmac_key, "found certificate", address.lower().encode())

    def _open(self, name: str) -> Entry | None:
        """None for one that is gone, damaged, or sealed under another key."""
        try:
            sealed = (self.folder / name).read_bytes()
            return _load(self._aead.decrypt(sealed[:12], sealed[12:], name.encode()))
        except (OSError, *_DAMAGED):
            return None


def merged(new: Sequence[Known], old: Sequence[Known]) -> tuple[Known, ...]:
    """Each certificate once, as it was last told; a directory tells nothing of capabilities."""
    told = {one.certificate: one for one in old if one.capabilities}
    kept = [one if one.capabilities else told.get(one.certificate, one) for one in new]
    again = {one.certificate for one in new}
    return (*kept, *(one for one in old if one.certificate not in again))[:MAX_KEPT]


def _dump(entry: Entry) -> bytes:
    known = [
        {
            "certificate": _text(one.certificate.public_bytes(Encoding.DER)),
            "capabilities": _text(one.capabilities),
            "chain": [_text(above.public_bytes(Encoding.DER)) for above in one.chain],
        }
        for one in entry.known
    ]
    told = {"address": entry.address, "origin": entry.origin, "at": entry.at, "known": known}
    return json.dumps(told).encode()


def _load(written: bytes) -> Entry:
    told = json.loads(written)
    known = tuple(
        Known(
            _certificate(one["certificate"]),
            base64.b64decode(one["capabilities"]),
            tuple(_certificate(above) for above in one["chain"]),
        )
        for one in told["known"]
    )
    return Entry(told["address"], told["origin"], told["at"], known)


def _certificate(text: str) -> x509.Certificate:
    return x509.load_der_x509_certificate(base64.b64decode(text))


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
