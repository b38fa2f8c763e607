"""The figures above the queue, for a page that stands open: a script asks for them now and then.

They are shown without touching the list, where somebody may be ticking boxes; the list itself is
made anew when its reader asks for it.
"""

from __future__ import annotations

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.visit import Page, Visit


async def show(visit: Visit) -> Response:
    """depuis: when the page was made, seconds since the epoch."""
    queue, mine = visit.desk.queue, visit.who.compartments
    since = _moment(visit.asked("depuis"))
    return visit.page(
        "figures.html",
        standing=await queue.standing(mine),
        fresh=0 if since is None else await queue.since(since, mine),
        now=visit.desk.clock(),
    )


def _moment(asked: str) -> float | None:
    try:
        return float(asked)
    except ValueError:
        return None


PAGES = (Page("GET", "/etat", Act.SEE, show, unattended=True),)
