"""An OpenPGP key (RFC 9580) as far as mail for its owner is concerned: whether it may be used now.

Sequoia's standard policy judges algorithms, signatures and revocations. Its Python binding falls
back, without a word, on encryption subkeys that have expired when no other is left, and looks at
neither the expiry nor the revocation of the whole: so both are asked here, and subkeys whose time
is not now are taken away before anything is encrypted.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from math import inf
from typing import TypeVar

from pysequoia import Cert, encrypt
from pysequoia.packet import Packet, PacketPile, SignatureType, Tag

MAX_BYTES = 1024 * 1024  # of one file; a key signed by everybody has some 100 KB
MAX_PACKETS = 5_000  # of one key
MAX_USERS = 30  # User IDs of one key: Sequoia takes time with their square, 20 s for 800
T = TypeVar("T")
_SUBKEYS = (Tag.PublicSubkey, Tag.SecretSubkey)


@dataclass(frozen=True, slots=True)
class Key:
    """until: a part of it ends, and it must be judged anew; end: nothing can be encrypted to it.
    Seconds since the epoch."""

    cert: Cert = field(repr=False)
    until: float = inf
    end: float = inf


@dataclass(frozen=True, slots=True)
class _Validity:
    """Of a subkey. encrypts: it is made for that."""

    begins: float
    ends: float
    encrypts: bool = False


_NEVER = _Validity(inf, -inf)


def read(data: bytes) -> list[Cert]:
    """Of one file, armoured or not; [] for what is none. What has too much in it is left out."""
    if len(data) > MAX_BYTES:
        return []
    several: list[Cert] = _asked(lambda: Cert.split_bytes(data), [])
    return [cert for cert in several if _asked(partial(_is_bounded, cert), False)]


def usable(cert: Cert, now: float) -> Key | None:
    """None: revoked, expired, not valid yet, too weak, or with no subkey that encrypts."""
    return _asked(lambda: _judged(cert, now), None)


def is_revoked(cert: Cert) -> bool:
    """As a whole."""
    return _asked(lambda: cert.is_revoked, True)


def addresses(cert: Cert) -> tuple[str, ...]:
    """Of the User IDs that are not revoked: of "Marie <marie@cabinet.example>", or of the address
    alone, in small letters. () for a key too weak to be looked at."""
    return _asked(lambda: tuple(dict.fromkeys(map(_address, map(str, cert.user_ids)))), ())


def _asked(ask: Callable[[], T], otherwise: T) -> T:
    """What Sequoia answers. It refuses by RuntimeError and ValueError; should it panic at what a
    stranger sent, by a BaseException of its own, which would end more than this mail."""
    try:
        return ask()
    except (KeyboardInterrupt, SystemExit):
        raise
    except BaseException:
        return otherwise


def _is_bounded(cert: Cert) -> bool:
    tags = [packet.tag for packet in PacketPile.from_bytes(bytes(cert))]
    return len(tags) <= MAX_PACKETS and tags.count(Tag.UserID) <= MAX_USERS


def _judged(cert: Cert, now: float) -> Key | None:
    written = cert.expiration
    end = written.timestamp() if written else inf
    if cert.is_revoked or end <= now:
        return None
    packets, subkeys = _in_force(list(PacketPile.from_bytes(bytes(cert))), now)
    kept = Cert.from_packets(packets)
    encrypt(b"", recipients=[kept])  # whether there is a subkey for it is Sequoia's to say
    until = min([end, *(one.ends for one in subkeys)])
    last = max((one.ends for one in subkeys if one.encrypts), default=end)
    return Key(kept, until, min(end, last))


def _in_force(packets: Sequence[Packet], now: float) -> tuple[list[Packet], list[_Validity]]:
    """Without the subkeys that have expired, are not valid yet or are revoked."""
    kept: list[Packet] = []
    subkeys: list[_Validity] = []
    for group in _components(packets):
        if group[0].tag in _SUBKEYS:
            subkey = _validity(group)
            if not subkey.begins <= now < subkey.ends:
                continue
            subkeys.append(subkey)
        kept += group
    return kept, subkeys


def _components(packets: Sequence[Packet]) -> Iterator[list[Packet]]:
    """Each key or User ID with the signatures that follow it."""
    group: list[Packet] = []
    for packet in packets:
        if packet.tag != Tag.Signature and group:
            yield group
            group = []
        group.append(packet)
    if group:
        yield group


def _validity(group: Sequence[Packet]) -> _Validity:
    """As its newest binding says; a revocation ends it, whoever it is by: then the
    next channel is taken, which harms nobody."""
    subkey, *signatures = group
    if any(one.signature_type == SignatureType.SubkeyRevocation for one in signatures):
        return _NEVER
    bindings = [one for one in signatures if one.signature_type == SignatureType.SubkeyBinding]
    created = subkey.key_created
    if not bindings or created is None:
        return _NEVER
    newest = max(bindings, key=_made)
    period = newest.key_validity_period
    flags, begins = newest.key_flags, created.timestamp()
    ends = begins + period.total_seconds() if period else inf
    encrypts = flags is not None and (flags.transport_encryption or flags.storage_encryption)
    return _Validity(begins, ends, encrypts)


def _made(signature: Packet) -> float:
    made: datetime | None = signature.signature_created
    return made.timestamp() if made else 0


def _address(user: str) -> str:
    inside = user.rpartition("<")[2].removesuffix(">") if user.endswith(">") else user
    return inside.strip().lower()
