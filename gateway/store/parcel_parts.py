"""What those have in common who see parcels each from his side: recipients (`parcels`), senders
(`parcel_sender`), the release process (`parcel_clock`)."""

from __future__ import annotations

import hashlib
import io
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, delete, insert, update

from gateway.store import vault
from gateway.store.portal_tables import news, parcels, sessions

PARTIES, NEWS = b"parcel parties", b"parcel news"  # contexts of what is sealed to officers


class End(StrEnum):
    """Why nobody can open it any more; "" in the column while somebody can."""

    REFUSED = "refused"  # "this is not for me"
    RECALLED = "recalled"
    EXPIRED = "expired"
    UNSENT = "unsent"  # its mail never left


class News(StrEnum):
    OPENED = "opened"
    CODE = "code"  # a new one, to be told the sender
    LOCKED = "locked"  # too many wrong ones
    REPLY = "reply"
    REFUSED = "refused"
    REFUSED_READ = "refused, read"  # by whoever had opened it
    RECALLED = "recalled"
    RECALLED_READ = "recalled, read"  # too late for whoever had opened it
    CHOSEN = "chosen"  # a password, for documents to come


@dataclass(frozen=True, slots=True)
class Parties:
    """What the release process needs to write to the sender. received: seconds since the epoch."""

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    own: str = field(repr=False)
    message_id: str = field(repr=False)
    received: float
    until: float


@dataclass(frozen=True, slots=True)
class ForSender:
    """What the sender's page shows of it, and the key he gives a number under."""

    recipient: str = field(repr=False)
    phone_key: bytes = field(repr=False)


def root_of(token: str) -> bytes:
    """What everything that a token is good for is derived from. Tokens are random: one round."""
    return hashlib.sha256(b"vaguemestre portal " + token.encode()).digest()


def identity(root: bytes) -> str:
    """Tells nothing of the token."""
    return vault.derived(root, b"portal id")[:16].hex()


def under(root: bytes, purpose: bytes, plain: bytes) -> bytes:
    return b"".join(vault.encrypt(root, b"portal " + purpose, plain))


def opened(root: bytes, purpose: bytes, sealed: bytes) -> bytes:
    """Raises CannotOpen."""
    return vault.decrypt(root, b"portal " + purpose, io.BytesIO(sealed))


def close(connection: Connection, row: Any, how: End, now: float) -> None:
    """Its key is gone from here, and its sessions with it."""
    values = {"how": how, "closed": now, "sealed_key": None, "code": None, "phone": None}
    connection.execute(update(parcels).where(parcels.c.id == row.id).values(values))
    connection.execute(delete(sessions).where(sessions.c.parcel == row.id))


def tell(
    connection: Connection, kind: News, row: Any, now: float, sealed: bytes | None = None
) -> None:
    told = {"about": row.about, "compartment": row.compartment, "parties": row.parties}
    connection.execute(insert(news).values(told | {"at": now, "kind": kind, "sealed": sealed}))
