"""The account of what was done to held mail, and by whom. Nothing in it is changed, and it is
erased by its age alone (`gateway.retain`).

It outlives the mail: ids, times, counts, codes, officers' account names. An officer's reason is
in words, so it is sealed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Connection, select

from gateway.store import vault
from gateway.store.keys import OpeningKey, SealingKey
from gateway.store.schema import events

SENDER = "sender"  # in place of an account's name: whoever sent the mail
_CONTEXT = b"reason"
_INSERT = events.insert()
_BESIDE: ContextVar[Mapping[str, str]] = ContextVar("beside", default=MappingProxyType({}))


@contextmanager
def beside(**said: str) -> Iterator[None]:
    """What every event of the acts within says as well: by which token a program did them. No act
    can forget it, and none need know."""
    before = _BESIDE.set(MappingProxyType({**_BESIDE.get(), **said}))
    try:
        yield
    finally:
        _BESIDE.reset(before)


@dataclass(frozen=True, slots=True)
class Event:
    """kind: "held", "reminded", "previewed", "revealed", "reading asked", "reading granted",
    "exception drafted", "exception added", "release", "released", "release failed", "rejected",
    "expired", "erased", "asked", "urgent release", "corrected release", "confirmed", "delay over",
    "unanswered", "restored" (from a backup); "portal opened" and its like, of which
    `gateway.means.porter` tells; "purged" for a sweep of `gateway.retain`."""

    at: float
    kind: str
    hold: str
    who: str
    detail: str
    sealed_reason: bytes = field(default=b"", repr=False)

    def reason(self, keys: Sequence[OpeningKey]) -> str:
        """In the officer's words; "" where none was given. Raises CannotOpen."""
        if not self.sealed_reason:
            return ""
        return vault.open_sealed(self.sealed_reason, keys, _CONTEXT).decode("utf-8", "replace")


def note(
    connection: Connection,
    kind: str,
    now: float,
    hold: str = "",
    *,
    who: str = "",
    reason: bytes = b"",
    counts: Mapping[str, object] | None = None,
) -> None:
    """reason: from `sealed_reason`. counts: "recipients=3"; never anything of the mail."""
    said = {**(counts or {}), **_BESIDE.get()}
    detail = " ".join(f"{name}={value}" for name, value in said.items())
    row = {"at": now, "kind": kind, "hold_id": hold or None, "who": who, "detail": detail}
    connection.execute(_INSERT, row | {"reason": reason or None})


def sealed_reason(reason: str, keys: Sequence[SealingKey]) -> bytes:
    return vault.seal(reason.encode("utf-8", "replace"), keys, _CONTEXT) if reason else b""


def history(connection: Connection, hold: str) -> tuple[Event, ...]:
    rows = connection.execute(select(events).where(events.c.hold_id == hold).order_by(events.c.id))
    return tuple(map(event_of, rows))


def event_of(row: Any) -> Event:
    sealed = bytes(row.reason or b"")
    return Event(row.at, row.kind, row.hold_id or "", row.who, row.detail, sealed)
