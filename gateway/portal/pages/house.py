"""What is the same for everybody: the front door, and the colours of the house."""

from __future__ import annotations

from starlette.responses import Response

from gateway.portal.colours import ink_on
from gateway.portal.visit import Page, Pages, Visit


async def front(visit: Visit) -> Response:
    return visit.page("front.html")


async def colours(visit: Visit) -> Response:
    """A sheet of its own, since no page may carry a style."""
    colour = visit.desk.colour
    sheet = f":root {{ --house: {colour}; --house-ink: {ink_on(colour)}; }}\n"
    return Response(sheet, media_type="text/css")


PAGES: Pages = (Page("GET", "/", front), Page("GET", "/couleurs.css", colours))
