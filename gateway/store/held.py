"""A held mail as its row tells of it, and what of it opens with which key.

    dossier ── the service's key: who, to whom, what was found, addresses put right
    content ── the same; or, in a compartment that officers' sign-ins unlock, a key of its own

Columns are those of `gateway.store.schema`; what is sealed with what is `gateway.store.custody`.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy import Connection, select

from gateway.model import Disposition, Envelope, Inspection
from gateway.store import codec, correction, prints, vault
from gateway.store.blobs import Blobs
from gateway.store.custody import CONTENT, DOSSIER, content_context_of, context_of
from gateway.store.discretion import discreet
from gateway.store.dossier import Dossier, Outside
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.schema import State, copies

# What a hold with copies in several states is called: what asks for somebody comes first.
_FOREMOST = (State.HELD, State.RELEASING, State.RELEASED, State.REJECTED, State.EXPIRED)


@dataclass(frozen=True, slots=True)
class Copy:
    """One recipient's. position: in the envelope of the dossier and of the opened mail. corrected:
    his address where the sender mended it, under the hold's key. after: what becomes of it once
    whoever it waits for lets it go."""

    position: int
    domain: str
    state: State
    corrected: bytes = field(default=b"", repr=False)
    after: Disposition = Disposition.PASS


@dataclass(frozen=True, slots=True)
class Held:
    """A hold as it may be shown without any key. hidden: why not even its officers may look into it
    (a `Hidden`, or "" where they may). awaits: whom it waits for before them: "confirm", "delay",
    "review", or "" where it is theirs."""

    id: str
    received: float
    held: float
    door: str
    queue_id: str
    rule: str
    compartment: str
    hidden: str
    grave: bool
    rank: int
    remind: float
    reminded: float | None
    until: float
    decided: float | None
    size: int  # bytes
    sender_domain: str
    sender_hash: str
    copies: tuple[Copy, ...]
    blob: str = field(repr=False)
    sealed_key: bytes = field(repr=False)
    sealed_dossier: bytes = field(repr=False)
    sealed_content_key: bytes = field(default=b"", repr=False)
    sealed_release_key: bytes = field(default=b"", repr=False)
    awaits: str = ""

    @property
    def under_lock(self) -> bool:
        """Whether its content has a key of its own, which officers' sign-ins unlock."""
        return bool(self.sealed_content_key)

    def unlocked_by(self, keys: Sequence[OpeningKey]) -> bool:
        """Whether one of these opens its content; true of what is not under lock."""
        if not self.under_lock:
            return True
        return not vault.keys_of(self.sealed_content_key).isdisjoint(key.id for key in keys)

    @property
    def state(self) -> State:
        return min((copy.state for copy in self.copies), key=_FOREMOST.index)

    def dossier(self, keys: Sequence[OpeningKey]) -> Dossier:
        """As officers may see it. Raises CannotOpen."""
        dossier = self.whole(keys)
        return discreet(dossier) if self.hidden else dossier

    def whole(self, keys: Sequence[OpeningKey]) -> Dossier:
        """Who wrote to whom, and what was found: for the sender and for what is done unseen. Raises
        CannotOpen."""
        key = self._key(keys)
        dossier = codec.load(Dossier, self._written(key))
        return replace(dossier, envelope=self._mended(dossier.envelope, key))

    def opens_to(self, keys: Sequence[OpeningKey]) -> bool:
        """Whether one of these keys is among those that it is sealed to."""
        return not vault.keys_of(self.sealed_key).isdisjoint(key.id for key in keys)

    def parties(self, keys: Sequence[OpeningKey] = ()) -> tuple[str, tuple[str, ...]]:
        """Sender and recipients, for officers' lists; "…@domain" for whoever may not or cannot see
        them."""
        try:
            if self.hidden:
                raise vault.CannotOpen("nobody's business")
            key = self._key(keys)
            envelope = self._mended(codec.load(Outside, self._written(key)).envelope, key)
        except vault.CannotOpen:
            return _masked(self.sender_domain), tuple(_masked(c.domain) for c in self.copies)
        return envelope.sender, tuple(envelope.addresses[c.position] for c in self.copies)

    def content(self, keys: Sequence[OpeningKey], blobs: Blobs, *, ordered: bool = False) -> bytes:
        """The mail's bytes as received. ordered: by the key that a ruling left for whoever sends
        it. Raises CannotOpen, or OSError for the disk."""
        key = self._content_key(keys, ordered) if self.under_lock else self._key(keys)
        with blobs.open(self.blob) as stream:
            return vault.decrypt(key, CONTENT, stream)

    def inspected(
        self, seen: Inspection, keys: Sequence[OpeningKey], *, ordered: bool = False
    ) -> Inspection:
        """With the fingerprints as they were taken. Raises CannotOpen."""
        if not self.under_lock:
            return seen
        return prints.unveiled(seen, self._content_key(keys, ordered))

    def lent(self, keys: Sequence[OpeningKey], to: Sequence[SealingKey]) -> bytes:
        """What `release_key` takes; b"" where the dossier's key opens all. Raises UnderLock."""
        if not self.under_lock:
            return b""
        with _unlocking():
            context = content_context_of(self.blob)
            return vault.wrap_anew(self.sealed_content_key, keys, to, context)

    def corrected(self, address: str, keys: Sequence[OpeningKey]) -> bytes:
        """What the column of that name takes. Raises CannotOpen."""
        return correction.seal(address, self._key(keys))

    def _mended(self, envelope: Envelope, key: bytes) -> Envelope:
        mended = {copy.position: copy.corrected for copy in self.copies if copy.corrected}
        return correction.applied(envelope, mended, key) if mended else envelope

    def _written(self, key: bytes) -> bytes:
        return vault.decrypt(key, DOSSIER, io.BytesIO(self.sealed_dossier))

    def _content_key(self, keys: Sequence[OpeningKey], ordered: bool) -> bytes:
        sealed = self.sealed_content_key
        if ordered and self.sealed_release_key:
            sealed = self.sealed_release_key
        with _unlocking():
            return vault.unwrap(sealed, keys, content_context_of(self.blob))

    def _key(self, keys: Sequence[OpeningKey]) -> bytes:
        return vault.unwrap(self.sealed_key, keys, context_of(self.blob))


def fetch(connection: Connection, query: Any) -> tuple[Held, ...]:
    rows = connection.execute(query).all()
    found: dict[str, list[Copy]] = {row.id: [] for row in rows}
    ids = tuple(found)
    for start in range(0, len(ids), 500):  # SQLite takes so many values a statement, and no more
        some = copies.c.hold_id.in_(ids[start : start + 500])
        ordered = select(copies).where(some).order_by(copies.c.hold_id, copies.c.position)
        for row in connection.execute(ordered):
            found[row.hold_id].append(_copy(row))
    return tuple(_held(row, tuple(found[row.id])) for row in rows)


def _copy(row: Any) -> Copy:
    after, corrected = Disposition(row.after), bytes(row.corrected or b"")
    return Copy(row.position, row.domain, State(row.state), corrected, after)


def _held(row: Any, kept: tuple[Copy, ...]) -> Held:
    return Held(
        row.id,
        row.received,
        row.held,
        row.door,
        row.queue_id,
        row.rule,
        row.compartment,
        row.hidden,
        row.grave,
        row.rank,
        row.remind,
        row.reminded,
        row.until,
        row.decided,
        row.size,
        row.sender_domain,
        row.sender_hash,
        kept,
        row.blob,
        bytes(row.sealed_key),
        bytes(row.dossier),
        bytes(row.content_key or b""),
        bytes(row.release_key or b""),
        row.awaits,
    )


def _masked(domain: str) -> str:
    return f"…@{domain}" if domain else ""


@contextmanager
def _unlocking() -> Iterator[None]:
    try:
        yield
    except vault.CannotOpen:
        raise vault.UnderLock("no officer's sign-in unlocks it here") from None
