"""Boxes on the portal: the password that a recipient chose for the documents sent to him later.

    token      derived from `hmac.key` and his address; stands in his parcels, under their links,
               and in the mails that bring him documents
    <folder>/<id>    id derived from the token: until when it holds, and the password, sealed (HPKE)
                     to a key whose private half is derived from `hmac.key`

So the portal, which has no such key, writes a password and never reads it again; doors and the
release process, which encrypt, read it without asking a database. Neither name nor content of a
file tells whose it is. A password chosen under a key that came before is still read.

The folder is the portal's, which may have been taken over: a pipe or a link there is no file, and
what is sealed there is a password only where it is one that the portal's page would have taken.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import struct
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from gateway.parcel import Box, Chosen, token_of
from gateway.store import agreed, vault
from gateway.store.file_blobs import sync_directory
from gateway.store.hmac_key import honoured
from gateway.store.keys import OpeningKey, keyed, opening_key, sealing_key
from gateway.store.parcel_parts import identity, root_of
from gateway.store.vault import CannotOpen

_UNTIL = struct.Struct(">d")  # seconds since the epoch
_MODE = 0o640  # the portal's own, and readable to its group: doors and release
_LONGEST = 4096  # bytes: a password has a hundred


class Boxes:
    """As the portal sees them. seconds: that a password holds."""

    def __init__(
        self, folder: Path, seconds: float, *, clock: Callable[[], float] = time.time
    ) -> None:
        self._folder = folder
        self._seconds = seconds
        self._clock = clock

    def choose(self, box: Box, secret: str) -> None:
        """In the place of what was chosen before; durable on return. Raises OSError."""
        name, until = id_of(box.token), _UNTIL.pack(self._clock() + self._seconds)
        sealed = vault.seal(secret.encode(), [sealing_key(box.public)], _context(name, until))
        self._folder.mkdir(mode=0o750, parents=True, exist_ok=True)
        draft = self._folder / f".{secrets.token_hex(8)}"
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _MODE), "wb") as file:
            file.write(until + sealed)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._folder / name)
        sync_directory(self._folder)

    def has(self, token: str) -> bool:
        """Whether a password is there, and holds."""
        return self.kept(token) is not None

    def kept(self, token: str) -> bytes | None:
        """As it lies there, while it holds. Whoever may not look sees none."""
        try:
            written = _read(self._folder / id_of(token), _LONGEST)
        except OSError:
            return None
        return written if self._holds(written) else None

    def withdraw(self, token: str) -> bool:
        """Whether there was one."""
        try:
            (self._folder / id_of(token)).unlink()
        except FileNotFoundError:
            return False
        sync_directory(self._folder)
        return True

    def sweep(self) -> int:
        """Forget those that hold no longer, and what a process that was killed left; how many."""
        gone = 0
        for path in self._over():
            with contextlib.suppress(OSError):  # gone already, or a folder
                path.unlink()
                gone += 1
        return gone

    def _over(self) -> Iterator[Path]:
        drafts = self._clock() - self._seconds
        for path in self._folder.glob("*"):
            with contextlib.suppress(OSError):
                if path.name.startswith("."):
                    over = path.stat().st_mtime < drafts
                else:
                    over = not self._holds(_read(path, _UNTIL.size))
                if over:
                    yield path

    def _holds(self, written: bytes) -> bool:
        if len(written) < _UNTIL.size:
            return False
        (until,) = _UNTIL.unpack_from(written)
        return bool(self._clock() < until)


class Office:
    """Whose box is which, for those who have `hmac.key`."""

    def __init__(self, boxes: Boxes, hmac_key: bytes) -> None:
        self._boxes = boxes
        self._keys = tuple((key, _private(key)) for key in honoured(hmac_key))

    def box(self, address: str) -> Box:
        key, private = self._keys[0]
        return Box(_token(key, address), private.private.public_key().public_bytes_raw())

    def chosen(self, address: str) -> Chosen | None:
        """The password of this address, where it left one that holds."""
        for key, private in self._keys:
            token = _token(key, address)
            if (written := self._boxes.kept(token)) is None:
                continue
            until, sealed = written[: _UNTIL.size], written[_UNTIL.size :]
            with contextlib.suppress(CannotOpen, UnicodeDecodeError):
                secret = vault.open_sealed(sealed, [private], _context(id_of(token), until))
                if _is_one(text := secret.decode("ascii")):
                    return Chosen(text, token)
        return None

    def forget(self, address: str) -> bool:
        """Whether there was a password. Raises OSError."""
        gone = [self._boxes.withdraw(_token(key, address)) for key, _ in self._keys]
        return any(gone)


def id_of(token: str) -> str:
    """Under which name a box is kept: tells nothing of its token."""
    return identity(root_of(token))


def _read(path: Path, most: int) -> bytes:
    with open(path, "rb", opener=_at_once) as file:
        return file.read(most) or b""  # None: a pipe with nothing in it


def _at_once(path: str, flags: int) -> int:
    """To open a pipe would be to wait for whoever writes into it."""
    return os.open(path, flags | os.O_NONBLOCK | os.O_NOFOLLOW)


def _is_one(secret: str) -> bool:
    """A document under an empty password is open to everybody."""
    return agreed.LEAST <= len(secret) <= agreed.MOST and secret.isprintable()


def _token(key: bytes, address: str) -> str:
    return token_of(
        bytes.fromhex(keyed(key, "portal box", address.lower().encode("utf-8", "surrogatepass")))
    )


def _private(key: bytes) -> OpeningKey:
    return opening_key(bytes.fromhex(keyed(key, "portal box: seal")), "")


def _context(name: str, until: bytes) -> bytes:
    """What is moved to another box, or made to hold for longer, does not open."""
    return b"portal box " + name.encode() + until
