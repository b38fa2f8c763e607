"""The key of keyed hashes, and those before it that are still honoured.

    hmac.key               what is hashed from now on
    hmac-<id>.former.key   what stands in the store under it is still found: the memory of retries,
                           addresses, Message-IDs, links of notices, passkeys, values let pass

What was hashed is not known any more, so nothing can be hashed anew: a former key stays until what
it found is erased, or told again, and goes by the operator's hand (docs/operateur/trousseau.md).
Whoever has the key needs nothing more than that: it is the bytes of the current one.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

from gateway.errors import Misconfigured
from gateway.store.file_blobs import sync_directory

FILE = "hmac.key"
BYTES = 32
_FORMER = "hmac-*.former.key"


class HmacKey(bytes):
    """former: keys that came before, to look up by, the latest first."""

    former: tuple[bytes, ...] = ()


def load(directory: Path) -> HmacKey:
    key = HmacKey(_read(directory / FILE))
    old = sorted(directory.glob(_FORMER), key=lambda path: path.stat().st_mtime, reverse=True)
    key.former = tuple(map(_read, old))
    return key


def honoured(key: bytes) -> tuple[bytes, ...]:
    """This one and those before it."""
    return (key, *former_of(key))


def former_of(key: bytes) -> tuple[bytes, ...]:
    return key.former if isinstance(key, HmacKey) else ()


def replace(directory: Path) -> Path:
    """Put a new key in the place of the current one; where that is now kept. Killed on the way, the
    current one still stands, and is perhaps its own former: that changes nothing."""
    path = directory / FILE
    old, about = _read(path), path.stat()
    former = directory / f"hmac-{hashlib.sha256(old).hexdigest()[:8]}.former.key"
    for target, data in ((former, old), (path, os.urandom(BYTES))):
        draft = path.with_name(f".{FILE}.{os.getpid()}")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o400), "wb") as file:
            os.fchown(file.fileno(), about.st_uid, about.st_gid)
            os.fchmod(file.fileno(), about.st_mode & 0o777)
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.rename(draft, target)
        sync_directory(directory)
    return former


def _read(path: Path) -> bytes:
    try:
        key = path.read_bytes()
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from error
    if len(key) < BYTES:
        raise Misconfigured(f"{path} is shorter than {BYTES} bytes")
    return key
