"""The record of what was done, newest first: nobody can change it, and it outlives the mails."""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from gateway.console.access import Act
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape, moment

_MOST = 500


class RecordQuery(Shape):
    """before: the `next` of the page before."""

    before: int | None = Field(default=None, ge=1, le=2**53)
    limit: int = Field(default=100, ge=1, le=_MOST)


class RecordEvent(Shape):
    """who: an account, "sender", or "" for the gateway. detail: counts and codes, and by which
    token it was done."""

    number: int
    at: datetime
    kind: str
    hold: str
    who: str
    detail: str


class Record(Shape):
    events: tuple[RecordEvent, ...]
    next: int | None


async def show(call: Call, asked: RecordQuery) -> Record:
    """What was done, by whom, newest first, a page at a time. Reasons are with each mail."""
    found = await call.desk.queue.record(
        call.who.compartments, before=asked.before, limit=asked.limit
    )
    events = tuple(
        RecordEvent(
            number=number,
            at=moment(one.at),
            kind=one.kind,
            hold=one.hold,
            who=one.who,
            detail=one.detail,
        )
        for number, one in found
    )
    return Record(events=events, next=events[-1].number if len(events) == asked.limit else None)


ROUTES = (Route("GET", "/v1/record", Act.ACCOUNT_FOR, show),)
