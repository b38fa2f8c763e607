"""The tables of who writes to whom, and of our own addresses: `schema` has them among its own.

Apart, since nothing here names a held mail; see `gateway.store.correspondents` and
`gateway.store.staff`.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import (
    BigInteger,
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

metadata = MetaData()
_serial = BigInteger().with_variant(Integer, "sqlite")  # SQLite numbers INTEGER keys only


def _known(name: str, *columns: Column[Any] | Index, digits: int | None = 32) -> Table:
    """What was seen so often (`weight`, which fades) and last on `day`, and is forgotten after
    `until`; days are ordinals. digits: of the key. See `gateway.store.correspondents`."""
    return Table(
        name,
        metadata,
        Column("id", String(digits), primary_key=True),
        Column("weight", Double, nullable=False),
        Column("day", Integer, nullable=False),
        Column("until", Integer, nullable=False),
        *columns,
        Index(f"{name}_by_end", "until"),
        sqlite_with_rowid=False,
    )


pairs = _known(  # who writes to whom, by keyed hashes of their own
    "pairs",
    Column("sender", String(32), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("sealed", LargeBinary),  # the recipient's address, for whoever knows the sender's
    Index("pairs_by_sender", "sender", "day"),
    Index("pairs_by_recipient", "recipient"),
)

domains = _known("domains", digits=None)  # that somebody of ours writes to, in clear

together = _known(  # who stands beside whom in a mail
    "together",
    Column("one", String(32), nullable=False),
    Column("other", String(32), nullable=False),
    Index("together_by_one", "one"),
    Index("together_by_other", "other"),
)

flows = _known(  # series sent by software: each as a whole (no recipient), and each recipient's
    "flows",
    Column("flow", String(32), nullable=False),
    Column("sender", String(32), nullable=False),
    Column("recipient", String(32), nullable=False),
    Column("mails", Integer, nullable=False),
    *(Index(f"flows_by_{name}", name) for name in ("flow", "sender", "recipient")),
)

staff = Table(  # addresses of our own, in clear
    "staff",
    metadata,
    Column("id", _serial, primary_key=True, autoincrement=True),
    Column("address", String, nullable=False, unique=True),
    Column("source", String(16), nullable=False),  # "file", "ldap", or "learnt" of those who write
    Column("until", Integer),  # of what was learnt
)

staff_keys = Table(  # see `gateway.likeness`
    "staff_keys",
    metadata,
    Column("key", String(80), primary_key=True),
    Column("staff_id", ForeignKey("staff.id", ondelete="CASCADE"), primary_key=True),
    Index("staff_keys_by_staff", "staff_id"),
    sqlite_with_rowid=False,
)

learnt = Table(  # what was taken in already: files, by their hash; and since when anything was
    "learnt",
    metadata,
    Column("what", String(80), primary_key=True),
    Column("day", Integer, nullable=False),
)
