"""The tables, as the code of today wants them; how they came to be is in `migrations`.

No column in clear holds personal data: ids, times, states, rule ids, domains, counts, and keyed
hashes of addresses (hex) to search by. What names anybody is sealed. Times are seconds since the
epoch. The same tables serve SQLite and PostgreSQL.
"""

from __future__ import annotations

from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Double,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)


class State(StrEnum):
    """What became of one recipient's copy."""

    HELD = "held"
    RELEASING = "releasing"  # ordered, waiting in the outbox
    RELEASED = "released"
    REJECTED = "rejected"
    EXPIRED = "expired"

    @property
    def pending(self) -> bool:
        """Still in our care: nothing of it may be erased."""
        return self in PENDING


PENDING = (State.HELD, State.RELEASING)


class Post(StrEnum):
    """What became of an item of the outbox."""

    WAITING = "waiting"
    DONE = "done"
    GIVEN_UP = "given_up"


metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers INTEGER keys only

holds = Table(
    "holds",
    metadata,
    Column("id", String(32), primary_key=True),  # the code quoted in replies; ".2" for a second one
    Column("blob", String(32), nullable=False, unique=True),
    Column("size", BigInteger, nullable=False),
    Column("received", Double, nullable=False),
    Column("held", Double, nullable=False),
    Column("door", String, nullable=False),
    Column("queue_id", String, nullable=False),
    Column("rule", String, nullable=False),
    Column("compartment", String, nullable=False),
    Column("grave", Boolean, nullable=False),
    Column("remind", Double, nullable=False),
    Column("reminded", Double),
    Column("until", Double, nullable=False),
    Column("decided", Double),  # when the last copy left our care
    Column("sender_domain", String, nullable=False),
    Column("sender_hash", String(64), nullable=False),
    Column("sealed_key", LargeBinary, nullable=False),  # opens `dossier` and the blob
    Column("dossier", LargeBinary, nullable=False),
    Index("holds_by_sender", "sender_hash"),
    Index("holds_by_decision", "decided", "held"),
)

copies = Table(
    "copies",
    metadata,
    Column("hold_id", ForeignKey("holds.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True),  # in the envelope of the dossier
    Column("state", String(16), nullable=False),
    Column("changed", Double, nullable=False),
    Column("domain", String, nullable=False),
    Column("address_hash", String(64), nullable=False),
    Index("copies_by_address", "address_hash"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("kind", String, nullable=False),  # a Letter's, or "release", or "bundled"
    Column("route", String, nullable=False),
    Column("about", String, nullable=False),
    Column("hold_id", String(32)),  # of a release
    Column("positions", String, nullable=False),  # JSON: which recipients are still to be served
    Column("sealed", LargeBinary),  # the Letter; a release has its hold
    Column("created", Double, nullable=False),
    Column("due", Double, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("owner", String(64)),
    Column("leased_until", Double, nullable=False),
    Column("state", String(16), nullable=False),
    Column("finished", Double),
    Column("cause", String(64), nullable=False),  # codes of the last reply, without its text
    Column("person", String(64)),  # of a notice: keyed hash of its readers; see `bundles`
    Column("hour", Double),  # when the hour began that it counts in
    Index("outbox_by_due", "state", "due"),
    Index("outbox_by_person", "person", "hour"),
)

memory = Table(
    "memory",
    metadata,
    Column("key", String(64), primary_key=True),
    Column("hint", String(64), nullable=False),
    Column("accepted", Boolean, nullable=False),
    Column("sealed", LargeBinary, nullable=False),  # the Receipt, under the doors' own key
    Column("expires", Double, nullable=False),
    Index("memory_by_hint", "hint"),
    Index("memory_by_expiry", "expires"),
)

events = Table(  # append-only: triggers refuse UPDATE and DELETE
    "events",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("at", Double, nullable=False),
    Column("kind", String, nullable=False),
    Column("hold_id", String(32)),
    Column("who", String, nullable=False),  # an officer's account name; "" for the gateway
    Column("reason", LargeBinary),  # in the officer's words, sealed
    Column("detail", String, nullable=False),  # counts and codes
    Index("events_by_hold", "hold_id"),
)
