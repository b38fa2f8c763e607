"""OpenPGP keys that a domain published or a correspondent sent, kept on disk for all processes.

    <folder>/<HMAC of the address>    sealed (AES-256-GCM) under a key derived from `hmac.key`

As with certificates found: neither the name of a file nor what is in it tells whom we write to.
Each holds until its time; an empty one says that there is no key. Trust is asked when it is used.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pysequoia import Cert

from gateway.act import openpgp_key
from gateway.act.folder import stamp
from gateway.store.keys import keyed

_UNTIL = struct.Struct(">d")
_NONCE = 12  # bytes
MAX_KEYS = 8  # of one address: an old one beside the new
MAX_CACHED = 2048  # addresses in memory
_NOTHING = (0.0, b"")


class FoundKeys:
    """origin: "wkd" or "autocrypt": what one says is not the other's."""

    def __init__(
        self,
        folder: Path,
        hmac_key: bytes,
        origin: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder / origin
        self._hmac_key = hmac_key
        self._purpose = f"found OpenPGP key, {origin}"
        self._aead = AESGCM(bytes.fromhex(keyed(hmac_key, f"{self._purpose}: seal")))
        self._clock = clock
        self._read: dict[str, tuple[tuple[int, int], float, tuple[Cert, ...]]] = {}

    def find(self, address: str) -> Sequence[Cert]:
        """Read once: a stranger's key may take a quarter of a second."""
        name, now = self._name(address), self._clock()
        seen = stamp(self._folder / name)
        known = self._read.get(name)
        if known is None or known[0] != seen:
            until, told = self._open(name)
            several = openpgp_key.read(told)[:MAX_KEYS]
            named = [one for one in several if address.lower() in openpgp_key.addresses(one)]
            if len(self._read) >= MAX_CACHED:
                self._read.clear()
            known = self._read[name] = (seen, until, tuple(named))
        return known[2] if now < known[1] else ()

    def held(self, address: str) -> bytes | None:
        """None: nothing that still holds is known. b"": there is no key."""
        until, told = self._open(self._name(address))
        return told if self._clock() < until else None

    def keep(self, address: str, key: bytes, seconds: float) -> None:
        """In the place of what was kept. OSError where it cannot be written."""
        name, nonce = self._name(address), os.urandom(_NONCE)
        told = _UNTIL.pack(self._clock() + seconds) + key
        self._folder.mkdir(mode=0o770, parents=True, exist_ok=True)
        part = self._folder / f".{secrets.token_hex(8)}"
        part.write_bytes(nonce + self._aead.encrypt(nonce, told, name.encode()))
        part.replace(self._folder / name)

    def forget_older(self, seconds: float) -> None:
        """Files not written anew for so long."""
        oldest = self._clock() - seconds
        for path in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                if path.stat().st_mtime < oldest:
                    path.unlink()

    def _open(self, name: str) -> tuple[float, bytes]:
        """Until when it holds, and the key."""
        try:
            sealed = (self._folder / name).read_bytes()
            told = self._aead.decrypt(sealed[:_NONCE], sealed[_NONCE:], name.encode())
            (until,) = _UNTIL.unpack_from(told)
        except (OSError, InvalidTag, ValueError, struct.error):
            return _NOTHING
        return until, told[_UNTIL.size :]

    def _name(self, address: str) -> str:
        return keyed(self._hmac_key, self._purpose, address.lower().encode())
