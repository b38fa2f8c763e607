"""The password that a recipient chooses for the documents sent to him later.

He chooses it, or another, once link and code have proved who he is. He withdraws it there, or on
the page whose address stands in the mails that bring him documents: there without proof, since
whoever has lost his password has none, and since all that follows is that the next message waits
on the portal, with a code.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.act.sealed_pdf import new_secret
from gateway.language import later
from gateway.parcel import Box
from gateway.portal.strength import complaint
from gateway.portal.visit import Page, Pages, Visit
from gateway.store.boxes import Boxes

_OFTEN = later("Trop de changements. Attendez le prochain message.")


async def show(visit: Visit) -> Response:
    return _page(visit)


async def choose(visit: Visit) -> Response:
    boxes, box = _mine(visit)
    secret = visit.given("secret")
    if refusal := complaint(secret, visit.given("encore")):
        text, fields = refusal
        return _page(visit, 422, error=visit.words(text, **fields))
    if not await visit.desk.parcels.chose(visit.mine):
        await visit.opened()
        return _page(visit, 429, error=visit.words(_OFTEN))
    try:
        await asyncio.to_thread(boxes.choose, box, secret)
    except OSError as error:  # disk full, read-only
        visit.desk.log.error("password cannot be kept", why=error.strerror)
        raise HTTPException(503) from None
    visit.desk.log.info("password chosen", id=visit.mine.about)
    return visit.away(f"/m/{visit.mine.id}/mot-de-passe/choisi")


async def chosen(visit: Visit) -> Response:
    return visit.page("chosen.html", parcel=visit.mine)


async def withdraw(visit: Visit) -> Response:
    boxes, box = _mine(visit)
    await asyncio.to_thread(boxes.withdraw, box.token)
    return visit.page("withdrawn.html")


async def show_link(visit: Visit) -> Response:
    await visit.sought(_looking(visit))
    return visit.page("withdraw.html", action=visit.request.url.path)


async def withdraw_by_link(visit: Visit) -> Response:
    boxes = await visit.sought(_looking(visit))
    await asyncio.to_thread(boxes.withdraw, visit.token)
    return visit.page("withdrawn.html")


def _looking(visit: Visit) -> Callable[[str], Awaitable[Boxes | None]]:
    async def look(token: str) -> Boxes | None:
        boxes = visit.desk.boxes
        return boxes if boxes and boxes.has(token) else None

    return look


def _mine(visit: Visit) -> tuple[Boxes, Box]:
    boxes, box = visit.desk.boxes, visit.mine.box
    if boxes is None or box is None:
        raise HTTPException(404)
    return boxes, box


def _page(visit: Visit, status: int = 200, *, error: str = "") -> Response:
    boxes, box = _mine(visit)
    return visit.page(
        "password.html",
        status,
        parcel=visit.mine,
        has=boxes.has(box.token),
        proposed=new_secret(),
        error=error,
        csrf=visit.csrf,
    )


PAGES: Pages = (
    Page("GET", "/m/{id}/mot-de-passe", show, session=True),
    Page("POST", "/m/{id}/mot-de-passe", choose, session=True),
    Page("GET", "/m/{id}/mot-de-passe/choisi", chosen, session=True),
    Page("POST", "/m/{id}/mot-de-passe/retrait", withdraw, session=True),
    Page("GET", "/boite/{token}", show_link),
    Page("POST", "/boite/{token}", withdraw_by_link),
)
