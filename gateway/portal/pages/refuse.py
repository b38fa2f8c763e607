""" "This message is not for me": the access is closed at once, and the right people are told."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.portal.visit import Page, Pages, Visit


async def show(visit: Visit) -> Response:
    await visit.sought(visit.desk.parcels.find)
    return visit.page("refuse.html", action=visit.request.url.path)


async def refuse(visit: Visit) -> Response:
    await visit.sought(visit.desk.parcels.find)
    box = await visit.desk.parcels.box(visit.token)
    if not await visit.desk.parcels.refuse(visit.token):
        raise HTTPException(404)
    await visit.desk.give_up(box)
    return visit.page("refused.html")


async def refuse_opened(visit: Visit) -> Response:
    await visit.desk.parcels.refuse_opened(visit.mine)
    await visit.desk.give_up(visit.mine.box)
    return visit.page("refused.html")


PAGES: Pages = (
    Page("GET", "/erreur/{token}", show),
    Page("POST", "/erreur/{token}", refuse),
    Page("POST", "/m/{id}/erreur", refuse_opened, session=True),
)
