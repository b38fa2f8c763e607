"""Held mails: the queue, with the filters and the cursor of its page, and one of them whole.

Addresses searched for travel in a body, never in a URL. To look marks nothing as seen: no person
did.
"""

from __future__ import annotations

from datetime import datetime

from pydantic import Field

from gateway.console.access import Act, sees
from gateway.console.api import held as told
from gateway.console.api import problem
from gateway.console.api.held import Hold, WholeHold
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import HoldId, Shape, moment, moment_or_none
from gateway.store.events import Event
from gateway.store.queue import PAGE, Filter, Order
from gateway.store.vault import CannotOpen


class QueueQuery(Shape):
    """rule: its id. assigned: "me" or "nobody". decided: those ruled on in place of those that
    wait. after: the `next` of the page before."""

    rule: str = Field(default="", max_length=200, pattern=r"^[A-Za-z0-9_./-]*$")
    assigned: str = Field(default="", pattern="^(me|nobody)?$")
    second: bool = False
    asked: bool = False
    review: bool = False
    decided: bool = False
    order: Order = Order.RISK
    after: HoldId | None = None
    limit: int = Field(default=PAGE, ge=1, le=200)


class QueueSearch(QueueQuery):
    """address: a sender's or a recipient's, looked for by its keyed hash."""

    address: str = Field(min_length=3, max_length=254, pattern=r"^[^\x00-\x20\x7f]+$")


class Holds(Shape):
    """next: for `after`; null on the last page."""

    holds: tuple[Hold, ...]
    next: HoldId | None


class Step(Shape):
    """One line of the record. reason: in words, "" where none was given."""

    at: datetime
    kind: str
    who: str
    detail: str
    reason: str


class History(Shape):
    events: tuple[Step, ...]


class RuleCount(Shape):
    rule: str
    title: str
    count: int


class Standing(Shape):
    """messages: that wait. due: how many are cancelled within a day."""

    messages: int
    oldest: datetime | None
    due: int
    rules: tuple[RuleCount, ...]


class Series(Shape):
    """Mails of one sender under one rule within hours. first: one of them."""

    rule: str
    title: str
    sender_domain: str
    count: int
    first: HoldId


class AllSeries(Shape):
    series: tuple[Series, ...]


async def list_(call: Call, asked: QueueQuery) -> Holds:
    """The queue: what waits, the gravest first, a page at a time."""
    return await _page(call, asked, "")


async def search(call: Call, body: QueueSearch) -> Holds:
    """The queue, for one person's address, which no URL should hold."""
    return await _page(call, body, body.address)


async def show(call: Call) -> WholeHold:
    """One held mail: rule, recipients, what was found (masked), what could not be read."""
    held = await call.held()
    call.tag = told.tag(held)
    return await told.whole(call, held)


async def history(call: Call) -> History:
    """What was done to one held mail, by whom and why."""
    held = await call.held()
    return History(events=tuple(_step(call, one) for one in await call.desk.holds.history(held.id)))


async def standing(call: Call) -> Standing:
    """How many wait, since when, under which rules."""
    found = await call.desk.queue.standing(call.who.compartments)
    return Standing(
        messages=found.messages,
        oldest=moment_or_none(found.oldest),
        due=found.due,
        rules=tuple(
            RuleCount(rule=rule, title=told.title(call, rule), count=count)
            for rule, count in found.rules
        ),
    )


async def series(call: Call) -> AllSeries:
    """Mails that may be one matter, to be ruled on as one."""
    found = await call.desk.queue.series(call.who.compartments)
    return AllSeries(
        series=tuple(
            Series(
                rule=one.rule,
                title=told.title(call, one.rule),
                sender_domain=one.sender_domain,
                count=one.count,
                first=one.first,
            )
            for one in found
        )
    )


async def _page(call: Call, asked: QueueQuery, address: str) -> Holds:
    desk = call.desk
    if asked.after:
        last = await desk.holds.get(asked.after)
        if last is None or not sees(call.who, last):  # or the page would tell that it exists
            raise Problem(problem.NOT_FOUND)
    wanted = Filter(
        compartments=call.who.compartments,
        rule=asked.rule,
        address=address,
        assigned={"me": call.who.name, "nobody": "-"}.get(asked.assigned, ""),
        second=asked.second,
        asked=asked.asked,
        review=asked.review,
        decided=asked.decided,
    )
    lines = await desk.queue.page(wanted, asked.order, asked.after or "", asked.limit)
    return Holds(
        holds=tuple(told.line(call, one.held, one.mark) for one in lines),
        next=lines[-1].held.id if len(lines) == asked.limit else None,
    )


def _step(call: Call, event: Event) -> Step:
    try:
        reason = event.reason(call.desk.keys)
    except CannotOpen:
        reason = "…"
    return Step(
        at=moment(event.at), kind=event.kind, who=event.who, detail=event.detail, reason=reason
    )


_GONE = (problem.NOT_FOUND,)
ROUTES = (
    Route("GET", "/v1/holds", Act.SEE, list_, problems=_GONE),
    Route("POST", "/v1/search", Act.SEE, search, problems=_GONE),
    Route("GET", "/v1/holds/standing", Act.SEE, standing),
    Route("GET", "/v1/holds/series", Act.SEE, series),
    Route("GET", "/v1/holds/{id}", Act.SEE, show, problems=(problem.SEALED,), tagged=True),
    Route("GET", "/v1/holds/{id}/record", Act.SEE, history),
)
