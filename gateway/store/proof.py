"""The proof of what was erased: lines of the record ("erased", a mail; "purged", a sweep), each of
which holds fast the one before it.

    kind at hold counts ‖ key=… after=<proof of the line before> proof=HMAC(hmac.key, all that)

Whoever writes into the database without `hmac.key` can neither invent a line, nor change or take
one out of their midst, unseen. The first lines go as they grow old, as the whole record does; the
last ones could be cut off, so their proof is also in the log, and may be noted anywhere else. A
line says by which key it was proven: of what a key proved that was taken away, only the place in
the chain is held to. Such lines, and those of a version that proved nothing, stand before all that
are proven: later on, anybody could have written them.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from gateway.store.events import note
from gateway.store.hmac_key import honoured
from gateway.store.keys import keyed
from gateway.store.schema import events
from gateway.store.turn import take_turn

KINDS = ("erased", "purged")
_DIGITS = 32  # hex digits of a proof: 128 bits
_KEY_DIGITS = 8
_MARK = " proof="
_LINES = select(events).where(events.c.kind.in_(KINDS)).order_by(events.c.id)
_LAST = (
    select(events.c.detail)
    .where(events.c.kind.in_(KINDS), events.c.detail.contains("proof=", autoescape=True))
    .order_by(events.c.id.desc())
    .limit(1)
)


class Chain:
    """To add lines within a transaction; others wait until it ends."""

    def __init__(self, connection: Connection, key: bytes) -> None:
        take_turn(connection, "proof")
        self._connection, self._key = connection, key
        self.head = head(connection)

    def add(
        self, kind: str, now: float, hold: str = "", counts: Mapping[str, object] | None = None
    ) -> None:
        said = {**(counts or {}), "key": _id(self._key), "after": self.head or "-"}
        words = " ".join(f"{name}={value}" for name, value in said.items())
        self.head = _sign(self._key, now, kind, hold, words)
        note(self._connection, kind, now, hold, counts=said | {"proof": self.head})


def head(connection: Connection) -> str:
    """The last proof; "" where there is none."""
    last = connection.execute(_LAST).scalar()
    return _proof(last)[1] if last else ""


@dataclass(frozen=True, slots=True)
class Checked:
    """proven: lines that are as they were written. unkeyed: those whose key is here no more.
    unproven: without a proof, by a version before this. broken: ids of lines that were changed,
    follow one that is gone, or follow a proven one and are not. head: the last proof."""

    proven: int = 0
    unkeyed: int = 0
    unproven: int = 0
    broken: tuple[int, ...] = ()
    head: str = ""
    known: bool = True

    @property
    def sound(self) -> bool:
        return self.known and not self.broken


def check(connection: Connection, key: bytes, known: str = "") -> Checked:
    """known: a proof noted elsewhere, which must be among these."""
    keys = {_id(one): one for one in honoured(key)}
    return _checked(connection.execute(_LINES), keys, known)


def _checked(rows: Iterable[Any], keys: Mapping[str, bytes], known: str) -> Checked:
    proven = unkeyed = unproven = 0
    broken: list[int] = []
    head, seen = "", not known
    for row in rows:
        words, proof = _proof(row.detail)
        if not proof:
            if proven:
                broken.append(row.id)
            else:
                unproven += 1
            continue
        said = dict(word.partition("=")[::2] for word in words.split(" "))
        key = keys.get(said.get("key", ""))
        follows = not head or said.get("after") == head
        if key is None:
            right = not proven
        else:
            right = hmac.compare_digest(
                proof, _sign(key, row.at, row.kind, row.hold_id or "", words)
            )
        if not (follows and right):
            broken.append(row.id)
        elif key is None:
            unkeyed += 1
        else:
            proven += 1
        head, seen = proof, seen or proof == known
    return Checked(proven, unkeyed, unproven, tuple(broken), head, seen)


def _sign(key: bytes, at: float, kind: str, hold: str, words: str) -> str:
    parts: Sequence[str] = (repr(float(at)), kind, hold, words)
    return keyed(key, "erasure", *(part.encode() for part in parts))[:_DIGITS]


def _proof(detail: str) -> tuple[str, str]:
    """What is proven, and the proof; "" of a line without one."""
    words, mark, rest = detail.partition(_MARK)
    return words, rest.partition(" ")[0] if mark else ""


def _id(key: bytes) -> str:
    return hashlib.sha256(key).hexdigest()[:_KEY_DIGITS]
