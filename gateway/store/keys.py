"""Keys in a directory: the officers' sealing keys, and the key of keyed hashes.

    officer-<id>.pub    public half; every door reads it, to seal
    officer-<id>.key    private half, 0400; for the processes `release` and `console` alone
    content-<id>.pub    of a compartment that sign-ins unlock: what contents are sealed to there
    hmac.key            32 bytes: hashes of addresses, fingerprints, memory (`hmac_key`)

Officer keys are X25519, for HPKE (RFC 9180). Rotation is one more pair: mail is sealed to every
public half in the directory, so to retire a key is to take its .pub away and keep its .key until
the last mail sealed to it is gone. Files are JSON, to be told apart and extended. A passphrase
is stretched by scrypt, not by the 2048 rounds of PBKDF2 that PKCS #8 files get by default.

Of a content pair no private half lies here: officers have it, sealed to each (`keyrings`), and its
escrow is a file that lies elsewhere, under a passphrase.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import hmac
import json
import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from gateway.errors import Misconfigured
from gateway.store import hmac_key
from gateway.store.file_blobs import sync_directory

DEFAULT = "default"  # the compartment of whoever is in no other
HMAC_FILE = hmac_key.FILE
ID_BYTES = 8
_SCRYPT_N = 2**16  # 64 MiB and about 0.2 s a guess, with r = 8 and p = 1


@dataclass(frozen=True, slots=True)
class SealingKey:
    """Public half. id: 16 hex digits of its hash. compartment: whose officers may open."""

    id: str
    public: X25519PublicKey = field(repr=False)
    compartment: str = DEFAULT


@dataclass(frozen=True, slots=True)
class OpeningKey:
    """Private half."""

    id: str
    private: X25519PrivateKey = field(repr=False)
    compartment: str = DEFAULT


def make_keys(
    directory: Path,
    *,
    compartment: str = DEFAULT,
    passphrase: bytes | None = None,
    owner: int | None = None,
    group: int | None = None,
) -> SealingKey:
    """Add an officer's pair, and `hmac.key` where there is none yet.

    owner: the uid that is to read the private half (changing it asks for root).
    group: a gid whose members may look in and read `hmac.key`: those of doors and release.
    """
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    if group is not None:
        os.chown(directory, -1, group)
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    key = SealingKey(_id(public), private.public_key(), compartment)
    about = {"version": 1, "kem": "X25519", "id": key.id, "compartment": compartment}
    secret = about | _protected(private.private_bytes_raw(), passphrase, key.id)
    _create(directory / f"officer-{key.id}.key", json.dumps(secret).encode(), 0o400, owner)
    if not (directory / HMAC_FILE).exists():
        mode = 0o400 if group is None else 0o440
        with contextlib.suppress(FileExistsError):  # another process was first: its key stands
            _create(directory / HMAC_FILE, os.urandom(hmac_key.BYTES), mode, group=group)
    # Last: from the moment it stands, mail is sealed to it.
    open_half = json.dumps(about | {"public": _text(public)}).encode()
    _create(directory / f"officer-{key.id}.pub", open_half, 0o444)
    return key


def make_content_keys(
    directory: Path, *, compartment: str, escrow: Path, passphrase: bytes
) -> SealingKey:
    """Add a compartment's content pair. escrow: a new file for its private half, the only one until
    an officer has it. Misconfigured where that cannot be written."""
    private = X25519PrivateKey.generate()
    public = private.public_key().public_bytes_raw()
    about = {"version": 1, "kem": "X25519", "id": _id(public), "compartment": compartment}
    secret = about | _protected(private.private_bytes_raw(), passphrase, _id(public))
    directory.mkdir(mode=0o750, parents=True, exist_ok=True)
    try:
        _put_away(escrow, json.dumps(secret).encode())
    except OSError as error:
        raise Misconfigured(f"{escrow}: {error.strerror}") from None
    # Last: from the moment it stands, contents are sealed to it.
    open_half = json.dumps(about | {"public": _text(public)}).encode()
    _create(directory / f"content-{_id(public)}.pub", open_half, 0o444)
    return SealingKey(_id(public), private.public_key(), compartment)


def read_escrow(path: Path, passphrase: bytes) -> OpeningKey:
    """Misconfigured where it is no escrow, or the passphrase is another."""
    written = _read(path)
    secret = _disclosed(path, written, passphrase) if "salt" in written else None
    if secret is None:
        raise Misconfigured(f"{path}: no escrow that this passphrase opens")
    return opening_key(secret, written.get("compartment", DEFAULT))


def opening_key(private: bytes, compartment: str) -> OpeningKey:
    key = X25519PrivateKey.from_private_bytes(private)
    return OpeningKey(_id(key.public_key().public_bytes_raw()), key, compartment)


def sealing_key(public: bytes, compartment: str = DEFAULT) -> SealingKey:
    return SealingKey(_id(public), X25519PublicKey.from_public_bytes(public), compartment)


def load_content(directory: Path) -> tuple[SealingKey, ...]:
    """Those that contents are sealed to, of compartments that sign-ins unlock."""
    return tuple(map(_public_half, sorted(directory.glob("content-*.pub"))))


def load_public(directory: Path) -> tuple[SealingKey, ...]:
    """Every key to seal to; refuses to go on without any."""
    found = tuple(map(_public_half, sorted(directory.glob("officer-*.pub"))))
    if not found:
        closed = directory.exists() and not os.access(directory, os.R_OK | os.X_OK)
        why = ": you may not look in; run this as one who may (root, the officers' user)"
        raise Misconfigured(f"no sealing key (officer-*.pub) in {directory}{why if closed else ''}")
    return found


def of_compartment(keys: Sequence[SealingKey], name: str) -> tuple[SealingKey, ...]:
    """Those that what concerns this compartment is sealed to. One that has none any more is seen to
    by `default`, and where that has none either, by all."""
    for wanted in (name, DEFAULT):
        if found := tuple(key for key in keys if key.compartment == wanted):
            return found
    return tuple(keys)


def compartments_of(directory: Path) -> set[str]:
    """Of every pair there is, retired ones too, as far as this uid may look."""
    found = (path for path in directory.glob("officer-*.*") if os.access(path, os.R_OK))
    return {_read(path).get("compartment", DEFAULT) for path in found}


def load_private(directory: Path, passphrase: bytes | None = None) -> tuple[OpeningKey, ...]:
    """Every private half that this uid and this passphrase open; refuses when there is none."""
    found = []
    for path in sorted(directory.glob("officer-*.key")):
        if not os.access(path, os.R_OK):
            continue
        written = _read(path)
        secret = _disclosed(path, written, passphrase)
        if secret is not None:
            found.append(opening_key(secret, written.get("compartment", DEFAULT)))
    if not found:
        raise Misconfigured(
            f"no private key in {directory} opens (not ours to read, or passphrase)"
        )
    return tuple(found)


def asks_passphrase(directory: Path) -> bool:
    """Whether a private half that this uid can read is under a passphrase."""
    readable = (path for path in directory.glob("officer-*.key") if os.access(path, os.R_OK))
    return any("salt" in _read(path) for path in readable)


def load_hmac(directory: Path) -> hmac_key.HmacKey:
    return hmac_key.load(directory)


def separated(directory: Path) -> bool:
    """Whether this uid cannot read any private half: another's file, or under a passphrase."""
    for path in directory.glob("officer-*.key"):
        if os.access(path, os.R_OK) and "salt" not in _read(path):
            return False
    return True


def keyed(key: bytes, purpose: str, *parts: bytes) -> str:
    """HMAC-SHA256 in hex. Each part goes with its length, so that no two lists run together."""
    state = _begun(key, purpose).copy()
    for part in parts:
        state.update(len(part).to_bytes(8, "big") + part)
    return state.hexdigest()


@lru_cache(maxsize=16)
def _begun(key: bytes, purpose: str) -> hmac.HMAC:
    """Every mail asks for three: half of the cost is to set up the key."""
    name = purpose.encode()
    return hmac.new(key, len(name).to_bytes(8, "big") + name, "sha256")


def address_hash(key: bytes, address: str) -> str:
    """To search by. Case is folded: nobody looks for A@b and means to miss a@b."""
    return keyed(key, "address", address.lower().encode("utf-8", "surrogatepass"))


def address_hashes(key: bytes, address: str) -> tuple[str, ...]:
    """The same under every key that is honoured: to find what came before the last rotation."""
    return tuple(address_hash(one, address) for one in hmac_key.honoured(key))


def _id(public: bytes) -> str:
    return hashlib.sha256(public).digest()[:ID_BYTES].hex()


def _public_half(path: Path) -> SealingKey:
    written = _read(path)
    try:
        public = base64.b64decode(written["public"], validate=True)
        key = sealing_key(public, written.get("compartment", DEFAULT))
    except (KeyError, ValueError, TypeError):
        raise Misconfigured(f"{path} is no sealing key") from None
    if written.get("id") != key.id:
        raise Misconfigured(f"{path}: the key does not match its id")
    return key


def _protected(private: bytes, passphrase: bytes | None, identity: str) -> dict[str, str]:
    if passphrase is None:
        return {"private": _text(private)}
    salt = os.urandom(16)
    sealed = AESGCM(stretched(passphrase, salt)).encrypt(bytes(12), private, identity.encode())
    return {"kdf": "scrypt", "salt": _text(salt), "private": _text(sealed)}


def _disclosed(path: Path, written: dict[str, str], passphrase: bytes | None) -> bytes | None:
    """The private bytes, or None where the passphrase is not the one."""
    try:
        private = base64.b64decode(written["private"], validate=True)
        if "salt" not in written:
            return private
        if passphrase is None:
            return None
        aead = AESGCM(stretched(passphrase, base64.b64decode(written["salt"], validate=True)))
        return aead.decrypt(bytes(12), private, written["id"].encode())
    except InvalidTag:
        return None
    except (KeyError, ValueError, TypeError):
        raise Misconfigured(f"{path} is no private key") from None


def stretched(passphrase: bytes, salt: bytes) -> bytes:
    """A fresh salt makes a fresh key, so that the constant nonce serves once."""
    return Scrypt(salt=salt, length=32, n=_SCRYPT_N, r=8, p=1).derive(passphrase)


def _text(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def _read(path: Path) -> dict[str, str]:
    try:
        written = json.loads(path.read_bytes())
    except (OSError, ValueError):
        raise Misconfigured(f"{path} cannot be read as a key") from None
    if not isinstance(written, dict):
        raise Misconfigured(f"{path} cannot be read as a key")
    return written


def _put_away(path: Path, data: bytes) -> None:
    """A new file, on a stick perhaps, whose file system knows no links: not by `_create`."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o400)
    with open(descriptor, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(descriptor)
    sync_directory(path.parent)


def _create(
    path: Path, data: bytes, mode: int, owner: int | None = None, group: int | None = None
) -> None:
    """A new file, whole and durable under its name or not there at all; never replaces one."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    try:
        with open(descriptor, "wb") as file:
            os.fchmod(descriptor, mode)
            if owner is not None or group is not None:
                os.fchown(
                    descriptor, -1 if owner is None else owner, -1 if group is None else group
                )
            file.write(data)
            file.flush()
            os.fsync(descriptor)
        os.link(draft, path)
    finally:
        os.unlink(draft)
    sync_directory(path.parent)
