"""Recipients' OpenPGP keys, and the gateway's own to sign with: what `openpgp` names.

    marie@cabinet.example.asc      for that address, whoever it names (the operator says so)
    anything-else.asc              for the addresses of its User IDs

What lies in the folder is trusted; then what a domain publishes of its own people (`wkd`), and last
what correspondents sent of themselves (`autocrypt`), both kept ahead of time.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Protocol

from pysequoia import Cert, PySigner, Tsk

from gateway.act import openpgp_key
from gateway.act.folder import Folder
from gateway.act.openpgp_key import Key
from gateway.errors import Misconfigured

SUFFIXES = (".asc", ".pgp", ".gpg", ".key")
MAX_JUDGED = 4096  # keys remembered
REFUSED_SECONDS = 600.0  # what cannot be used now may be later


class Kept(Protocol):
    def find(self, address: str) -> Sequence[Cert]:
        """What was kept of this address, names it, and still counts."""


class Keyring:
    """folder: None for none. kept: further places, the surest first. signature: file of the secret
    key that signs inside what is encrypted, or None."""

    def __init__(
        self,
        folder: Path | None = None,
        kept: Sequence[Kept] = (),
        signature: Path | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._clock = clock
        self._kept = tuple(kept)
        self._folder = Folder(folder, SUFFIXES, _read)
        self._judged: dict[str, tuple[Cert, Key | None, float]] = {}  # by fingerprint; until when
        self._secret = _secret(signature) if signature else None

    def find(self, address: str) -> Cert | None:
        """One that may be used now: of several, the one that lasts longest. A key that one place
        knows to be revoked is not used as a less sure one still has it."""
        address = address.lower()
        revoked: set[str] = set()  # fingerprints
        for look in (self._folder.of, *(place.find for place in self._kept)):
            several = [cert for cert in look(address) if cert.fingerprint not in revoked]
            found = [key for cert in several if (key := self._usable(cert))]
            if found:
                return max(found, key=lambda key: key.end).cert
            revoked |= {cert.fingerprint for cert in several if openpgp_key.is_revoked(cert)}
        return None

    def signer(self) -> PySigner | None:
        return self._secret.signer() if self._secret else None

    def ends(self) -> dict[str, float]:
        """When each address of the folder has no key any more, in seconds since the epoch."""
        found: dict[str, float] = {}
        for address, cert in self._folder.all():
            key = self._usable(cert)
            if key is not None:
                found[address] = max(key.end, found.get(address, key.end))
        return found

    def _usable(self, cert: Cert) -> Key | None:
        """Judged once, and again when its time has come."""
        now, name = self._clock(), cert.fingerprint
        known = self._judged.get(name)
        if known is None or known[0] is not cert or known[2] <= now:
            if len(self._judged) >= MAX_JUDGED:
                self._judged.clear()
            key = openpgp_key.usable(cert, now)
            until = key.until if key else now + REFUSED_SECONDS
            known = self._judged[name] = (cert, key, until)
        return known[1]


def _read(path: Path) -> Iterable[tuple[str, Cert]]:
    try:
        with path.open("rb") as file:
            certs = openpgp_key.read(file.read(openpgp_key.MAX_BYTES + 1))
    except OSError:
        return
    for cert in certs:
        for owner in (path.stem.lower(),) if "@" in path.stem else openpgp_key.addresses(cert):
            yield owner, cert


def _secret(path: Path) -> Tsk:
    try:
        secret = Tsk.from_file(str(path))
        secret.signer()  # at the start, rather than with the first mail
    except (OSError, RuntimeError, ValueError):
        wrong = "no OpenPGP secret key without a passphrase that signs"
        raise Misconfigured(f"{path}: {wrong}") from None
    return secret
