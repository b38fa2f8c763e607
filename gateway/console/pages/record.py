"""The record of what was done, newest first: nobody can change it, and it outlives the mails."""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.visit import Page, Visit

_PAGE = 100


async def show(visit: Visit) -> Response:
    before = visit.asked("avant")
    events = await visit.desk.queue.record(
        visit.who.compartments, before=int(before) if before.isdigit() else None, limit=_PAGE
    )
    return visit.page(
        "record.html", events=events, following=events[-1][0] if len(events) == _PAGE else 0
    )


PAGES = (Page("GET", "/registre", Act.ACCOUNT_FOR, show),)
