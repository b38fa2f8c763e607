"""A RAR 5 archive without its locks, for a reader that opens none.

Rule: RAR 5.0 archive format, technical note ("Archive encryption header", "File encryption
record"): AES-256 in CBC, the key derived by PBKDF2 with HMAC-SHA256. Members are decrypted, still
packed, and their headers written anew without the lock. Check sums bound to the password go.
Not here: RAR 4, whose locks stay closed.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.ciphers import Cipher, modes
from cryptography.hazmat.primitives.ciphers.algorithms import AES

from gateway.extract.rar5 import (
    DATA,
    EXTRA,
    FILE,
    LOCK,
    LOCKED,
    SERVICE,
    SIGNATURE,
    Header,
    header_at,
    number,
    records,
)

_CHECKED, _BOUND = 1, 2  # flags of a lock: a value to know the password by; the sums depend on it
_HASH = 2  # type of a record in the extra area: a longer check sum
_TIME, _SUM = 2, 4  # flags of a file: these fields of four bytes are there
_METHOD = 0x380  # bits of the field on compression; none set: stored as it is
_LAST = 0x40  # flag of a block of compression
_MOST_ROUNDS = 18  # as a power of two; programs write 15, which takes some 20 ms
_CHECK_ROUNDS = 32  # beyond those of the key
_SALT = _IV = _BLOCK = 16  # bytes
_CHECK = 8  # bytes
_COPIES = b"\x02QO"  # name of a service, after its length: copies of headers, for quick listing


class _Closed(Exception):
    """A wrong password, or a lock that is not known here."""


@dataclass(frozen=True, slots=True)
class _Lock:
    rounds: int
    bound: bool
    salt: bytes
    iv: bytes
    check: bytes


def opened(data: bytes, password: str) -> bytes | None:
    """The archive in clear, its members still packed; None if this password opens nothing."""
    ring = _Ring(password.encode("utf-8", "ignore"))
    try:
        return SIGNATURE + b"".join(_clear(*block, ring) for block in _blocks(data, ring))
    except _Closed:
        return None


@dataclass(slots=True)
class _Ring:
    """The keys that one password gives, each of them derived once."""

    password: bytes
    keys: dict[tuple[bytes, int], bytes] = field(default_factory=dict)

    def key(self, lock: _Lock) -> bytes:
        name = lock.salt, lock.rounds
        if name not in self.keys:
            self.keys[name] = self._derived(lock)
        return self.keys[name]

    def _derived(self, lock: _Lock) -> bytes:
        rounds = 1 << lock.rounds
        if lock.check:
            check = self._stretched(lock, rounds + _CHECK_ROUNDS)
            folded = bytes(
                check[at] ^ check[at + 8] ^ check[at + 16] ^ check[at + 24] for at in range(_CHECK)
            )
            if folded != lock.check:
                raise _Closed
        return self._stretched(lock, rounds)

    def _stretched(self, lock: _Lock, rounds: int) -> bytes:
        return hashlib.pbkdf2_hmac("sha256", self.password, lock.salt, rounds, 32)


def _blocks(data: bytes, ring: _Ring) -> Iterator[tuple[Header, bytes, bytes]]:
    """Each header, its bytes in clear, and the data that belong to it as they lie."""
    key = b""
    at = len(SIGNATURE)
    while at < len(data):
        head, after = _opened_head(data, at, key) if key else (data[at:], at)
        header = header_at(head, 0)
        if header is None:
            return
        start = after if key else at + header.end
        at = start + header.next - header.end
        if header.type == LOCK:
            key = ring.key(_lock(head, header.body, iv=False))
        else:
            yield header, head[: header.end], data[start:at]


def _opened_head(data: bytes, at: int, key: bytes) -> tuple[bytes, int]:
    """A header that is encrypted in blocks, and where it ends."""
    iv, start = data[at : at + _IV], at + _IV
    size, fields = number(_decrypted(data[start : start + _BLOCK], key, iv), 4)
    end = start + -(-(fields + size) // _BLOCK) * _BLOCK
    return _decrypted(data[start:end], key, iv), end


def _clear(header: Header, head: bytes, packed: bytes, ring: _Ring) -> bytes:
    """A block without its lock."""
    if header.type not in (FILE, SERVICE):
        return head + packed
    if header.type == SERVICE and _COPIES in head[header.body : header.extra]:
        return b""
    found = list(records(head, header))
    locks = [
        _lock(head, number(head, number(head, start)[1])[1], iv=True)
        for kind, start, _ in found
        if kind == LOCKED
    ]
    if not locks:
        return head + packed
    lock = locks[0]
    dropped = (LOCKED, _HASH) if lock.bound else (LOCKED,)
    extra = b"".join(head[start:end] for kind, start, end in found if kind not in dropped)
    told = _body(head[header.body : header.extra])
    packed = _decrypted(packed, ring.key(lock), lock.iv)
    packed = packed[: told.size if told.stored else _length(packed)]
    if told.stored and not lock.check and zlib.crc32(packed).to_bytes(4, "little") != told.sum:
        raise _Closed  # nobody else would look
    return _written(header, told.summed if not lock.bound else told.bare, extra, packed)


def _lock(head: bytes, at: int, *, iv: bool) -> _Lock:
    version, at = number(head, at)
    flags, at = number(head, at)
    rounds = head[at] if at < len(head) else _MOST_ROUNDS + 1
    if version or rounds > _MOST_ROUNDS:
        raise _Closed
    salt = at + 1
    start = salt + _SALT
    check = start + (_IV if iv else 0)
    return _Lock(
        rounds,
        bool(flags & _BOUND),
        head[salt:start],
        head[start:check],
        head[check : check + _CHECK] if flags & _CHECKED else b"",
    )


@dataclass(frozen=True, slots=True)
class _Body:
    """The fields of a file. size: once unpacked. stored: not packed at all. sum: or nothing.
    summed, bare: all of the fields as they are, and without the check sum."""

    size: int
    stored: bool
    sum: bytes
    summed: bytes
    bare: bytes


def _body(body: bytes) -> _Body:
    flags, at = number(body, 0)
    size, at = number(body, at)
    _, at = number(body, at)  # attributes
    at += 4 if flags & _TIME else 0
    rest = at + 4 if flags & _SUM else at
    bare = _numbered(flags & ~_SUM) + body[number(body, 0)[1] : at] + body[rest:]
    return _Body(size, not number(body, rest)[0] & _METHOD, body[at:rest], body, bare)


def _length(packed: bytes) -> int:
    """Without what filled it up to whole blocks of the cipher, which a reader takes for more. The
    last of the blocks of compression says that it is."""
    at = 0
    while at + 2 < len(packed):
        flags = packed[at]
        width = (flags >> 3 & 3) + 1
        at, start = at + 2 + width, at + 2
        at += int.from_bytes(packed[start : start + width], "little")
        if flags & _LAST:
            return at
    return len(packed)


def _written(header: Header, body: bytes, extra: bytes, packed: bytes) -> bytes:
    flags = header.flags & ~EXTRA | DATA | (EXTRA if extra else 0)
    sizes = (len(extra), len(packed)) if extra else (len(packed),)
    fields = b"".join(map(_numbered, (header.type, flags, *sizes))) + body + extra
    head = _numbered(len(fields)) + fields
    return zlib.crc32(head).to_bytes(4, "little") + head + packed


def _numbered(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _decrypted(data: bytes, key: bytes, iv: bytes) -> bytes:
    if len(iv) != _IV:
        raise _Closed
    whole = data[: len(data) // _BLOCK * _BLOCK]
    return Cipher(AES(key), modes.CBC(iv)).decryptor().update(whole)
