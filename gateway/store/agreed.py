"""Passwords agreed on with recipients beforehand, for what is sent to them as PDF or ZIP.

    agreed.txt    beside `hmac.key`: one "HASH SEALED" a line, the latest of one address counts

HASH is the keyed hash of an address or "@domain". SEALED is the password under AES-256-GCM with a
key derived from `hmac.key`: whoever reads that reads these, as the doors must. A password sealed
under a key that came before is still read.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from gateway.errors import Misconfigured
from gateway.store.file_blobs import sync_directory
from gateway.store.hmac_key import FILE as HMAC_FILE
from gateway.store.hmac_key import honoured, load
from gateway.store.keys import address_hash, address_hashes

FILE = "agreed.txt"
LEAST, MOST = 12, 100  # characters: a PDF can be tried for ever, and has no room for more than 127
_NONCE_BYTES = 12


class Agreed:
    """directory: of the keys. Nothing is read before it is asked."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def __call__(self, address: str) -> str:
        """The password of this address, else of its domain, or ""."""
        written = self._lines()
        if not written:
            return ""
        domain = "@" + address.rpartition("@")[2]
        return next(
            (
                secret
                for name in (address.lower(), domain.lower())
                for key in honoured(load(self._directory))
                if (secret := _opened(key, written.get(address_hash(key, name), ""), name))
            ),
            "",
        )

    def put(self, name: str, secret: str) -> None:
        """Durable on return."""
        key = load(self._directory)
        written = self._without(name)
        written[address_hash(key, name)] = _sealed(key, secret, name.lower())
        self._write(written)

    def forget(self, name: str) -> bool:
        """Whether there was one."""
        left = self._without(name)
        known = left != self._lines()
        if known:
            self._write(left)
        return known

    def _without(self, name: str) -> dict[str, str]:
        gone = address_hashes(load(self._directory), name)
        return {hashed: sealed for hashed, sealed in self._lines().items() if hashed not in gone}

    def _lines(self) -> dict[str, str]:
        path = self._directory / FILE
        try:
            pairs = (line.partition(" ") for line in path.read_text("ascii").splitlines())
            return {hashed: sealed for hashed, _, sealed in pairs if sealed}
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeError) as error:
            raise Misconfigured(f"{path}: {type(error).__name__}") from None

    def _write(self, written: Mapping[str, str]) -> None:
        """Readable to whoever may read the key."""
        text = "".join(f"{hashed} {sealed}\n" for hashed, sealed in written.items())
        path, about = self._directory / FILE, (self._directory / HMAC_FILE).stat()
        draft = path.with_name(f".{FILE}.{os.getpid()}")
        try:
            with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), "w") as file:
                os.fchown(file.fileno(), about.st_uid, about.st_gid)
                os.fchmod(file.fileno(), about.st_mode & 0o777)
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            os.rename(draft, path)
        except OSError as error:
            raise Misconfigured(f"{path}: {error.strerror}") from None
        sync_directory(self._directory)


def complaint(secret: str) -> str:
    """Why this is no password to agree on, or ""."""
    if not LEAST <= len(secret) <= MOST:
        return f"between {LEAST} and {MOST} characters, please: a document can be tried for ever"
    if not (secret.isascii() and secret.isprintable()) or secret != secret.strip():
        return "letters without accents, figures and signs only: readers disagree on others"
    return ""


def _sealed(key: bytes, secret: str, name: str) -> str:
    nonce = os.urandom(_NONCE_BYTES)
    sealed = AESGCM(_derived(key)).encrypt(nonce, secret.encode(), name.encode())
    return base64.b64encode(nonce + sealed).decode()


def _opened(key: bytes, sealed: str, name: str) -> str:
    try:
        raw = base64.b64decode(sealed, validate=True)
        nonce, rest = raw[:_NONCE_BYTES], raw[_NONCE_BYTES:]
        return AESGCM(_derived(key)).decrypt(nonce, rest, name.encode()).decode()
    except (ValueError, InvalidTag):  # nothing there, or not ours
        return ""


def _derived(key: bytes) -> bytes:
    return HKDF(hashes.SHA256(), 32, None, b"vaguemestre agreed secrets").derive(key)
