"""What of the store's rows goes by its age alone: each class, since when it counts, and how long.

Held mails have rules of their own (`gateway.retain`); parcels are the portal's. A class is a table,
or a part of one; whatever must outlive its period for a reason (an incident that nobody qualified,
a pair still stopped) is no part of it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Delete, Select, Table, and_, delete, func, or_, select, true

from gateway.store.history_tables import domains, flows, pairs, staff, together
from gateway.store.schema import (
    Post,
    attempts,
    daily,
    events,
    incidents,
    invitations,
    memory,
    monitored,
    outbox,
    sessions,
    tokens,
)

DAY_SECONDS = 86400.0
SIGN_INS = ("signed in", "sign-in failed", "vault unlocked")


@dataclass(frozen=True, slots=True)
class Periods:
    """In days. As `retention` of gateway.yaml has them."""

    decided: float = 7
    sent: float = 7
    failed: float = 30
    monitored: float = 30
    sign_in: float = 365
    events: float = 1096
    incidents: float = 1826
    figures: float = 400


@dataclass(frozen=True, slots=True)
class Class:
    """since: the column that its period is counted from: seconds since the epoch, or ordinals of
    days where `ordinal`. days: 0: the column is itself the end."""

    name: str
    table: Table
    since: ColumnElement[Any]
    days: float = 0
    which: ColumnElement[bool] = field(default_factory=true)
    ordinal: bool = False

    def over(self, now: float) -> ColumnElement[bool]:
        then = now - self.days * DAY_SECONDS
        if self.ordinal:
            return and_(self.which, self.since < date.fromtimestamp(then).toordinal())
        return and_(self.which, self.since <= then)

    def erasure(self, now: float) -> Delete:
        return delete(self.table).where(self.over(now))

    def standing(self, since: ColumnElement[Any] | None = None) -> Select[Any]:
        """How many there are, and since when the oldest: by another column, perhaps."""
        told: tuple[ColumnElement[Any], ...] = (
            func.count(),
            func.min(self.since if since is None else since),
        )
        return select(*told).select_from(self.table).where(self.which)


def classes(periods: Periods) -> tuple[Class, ...]:
    """All but the record, whose rows must go one part after the other (`gateway.retain`)."""
    post, seen = outbox.c, incidents.c
    settled = or_(seen.blocked.is_(None), seen.lifted.is_not(None))
    return (
        Class("sent", outbox, post.finished, periods.sent, post.state == Post.DONE),
        Class("failed", outbox, post.finished, periods.failed, post.state == Post.GIVEN_UP),
        Class("memory", memory, memory.c.expires),
        Class("monitored", monitored, monitored.c.at, periods.monitored),
        Class("incidents", incidents, seen.qualified, periods.incidents, settled),
        Class("figures", daily, daily.c.day, periods.figures, daily.c.day > 0, ordinal=True),
        Class("invitations", invitations, invitations.c.expires),
        Class("attempts", attempts, attempts.c.expires),
        Class("tokens", tokens, tokens.c.expires),
        Class("sessions", sessions, sessions.c.seen, 1),
    )


def fading() -> tuple[Class, ...]:
    """What was learnt of who writes to whom: each row tells until when it counts."""
    tables = (pairs, domains, together, flows, staff)
    return tuple(Class(one.name, one, one.c.until, ordinal=True) for one in tables)


def record(periods: Periods) -> tuple[Class, Class]:
    """Of the events: sign-ins, and all."""
    at = events.c.at
    return (
        Class("sign_ins", events, at, periods.sign_in, events.c.kind.in_(SIGN_INS)),
        Class("events", events, at, periods.events),
    )
