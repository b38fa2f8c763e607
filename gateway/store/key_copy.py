"""The folder of keys as one file under a passphrase: what a backup leaves out, kept elsewhere.

    {"version": 1, "kdf": "scrypt", "salt": …, "sealed": …}
    sealed = AES-256-GCM of {path: {mode, octets}}

Whoever has this file, its passphrase and a backup reads every held mail, but for contents that
officers' sign-ins unlock. Private halves under a passphrase of their own stay under it.
"""

from __future__ import annotations

import base64
import json
import os
from pathlib import Path, PurePosixPath
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from gateway.errors import Misconfigured
from gateway.store.file_blobs import sync_directory
from gateway.store.keys import HMAC_FILE, stretched

_ABOUT = b"vaguemestre keys 1"
_SALT_BYTES = 16


def pack(directory: Path, passphrase: bytes) -> bytes:
    """Misconfigured where one of its files is not ours to read: half a folder saves nobody."""
    files = {}
    for path in sorted(directory.rglob("*")):
        if not path.is_file() or path.name.startswith("."):
            continue
        try:
            octets, mode = path.read_bytes(), path.stat().st_mode
        except OSError as error:
            raise Misconfigured(f"{path}: {error.strerror}; run it as root") from None
        name = path.relative_to(directory).as_posix()
        files[name] = {"mode": mode & 0o777, "octets": base64.b64encode(octets).decode("ascii")}
    if HMAC_FILE not in files:
        raise Misconfigured(f"{directory}: no keys as yet; `keys init` makes them")
    salt = os.urandom(_SALT_BYTES)
    aead = AESGCM(stretched(passphrase, salt))
    sealed = aead.encrypt(bytes(12), json.dumps(files).encode(), _ABOUT)
    told = {"version": 1, "kdf": "scrypt", "salt": _text(salt), "sealed": _text(sealed)}
    return json.dumps(told).encode()


def unpack(path: Path, passphrase: bytes, directory: Path) -> int:
    """Lay the files into the folder; how many. One that is there must be the same, or nothing is
    written: Misconfigured."""
    files = _opened(path, passphrase)
    for name, (octets, _) in files.items():
        there = directory / name
        if there.exists() and there.read_bytes() != octets:
            raise Misconfigured(f"{there}: another key than the saved one; move the folder away")
    for name, (octets, mode) in files.items():
        there = directory / name
        if not there.exists():
            there.parent.mkdir(mode=0o750, parents=True, exist_ok=True)
            _lay(there, octets, mode)
    return len(files)


def _opened(path: Path, passphrase: bytes) -> dict[str, tuple[bytes, int]]:
    try:
        told = json.loads(path.read_bytes())
        salt, sealed = (base64.b64decode(told[name], validate=True) for name in ("salt", "sealed"))
        aead = AESGCM(stretched(passphrase, salt))
        written = json.loads(aead.decrypt(bytes(12), sealed, _ABOUT))
        return {_inside(name): _file(one) for name, one in written.items()}
    except InvalidTag:
        raise Misconfigured(f"{path}: no keys that this passphrase opens") from None
    except OSError as error:
        raise Misconfigured(f"{path}: {error.strerror}") from None
    except (KeyError, ValueError, TypeError, AttributeError):
        raise Misconfigured(f"{path}: no file of keys") from None


def _inside(name: str) -> str:
    """A name that leads nowhere but below the folder."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts or "\0" in name:
        raise ValueError("a path that leads out of the folder")
    return name


def _file(one: dict[str, Any]) -> tuple[bytes, int]:
    return base64.b64decode(one["octets"], validate=True), int(one["mode"]) & 0o777


def _lay(path: Path, octets: bytes, mode: int) -> None:
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with open(descriptor, "wb") as file:
        file.write(octets)
        file.flush()
        os.fchmod(descriptor, mode)
        os.fsync(descriptor)
    os.rename(draft, path)
    sync_directory(path.parent)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")
