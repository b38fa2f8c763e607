"""The link in the mail: how to read, and the code. GET acts on nothing, since filters follow it."""

from __future__ import annotations

from starlette.responses import Response

from gateway.language import later
from gateway.parcel import new_code, spoken, typed
from gateway.portal.visit import COOKIE, Page, Pages, Visit
from gateway.store.parcels import SESSION_SECONDS, Waiting

_TEXT = later("Code : {code}. {who} ne vous le demandera jamais par téléphone ni par courriel.")


async def show(visit: Visit) -> Response:
    return _page(visit, await _waiting(visit))


async def prove(visit: Visit) -> Response:
    waiting = await _waiting(visit)
    code = typed(visit.given("code"))
    cookie = await visit.desk.parcels.prove(visit.token, code) if code else None
    if cookie is None:
        if code:
            visit.desk.guard.wrong(visit.place, visit.desk.clock())
        return _page(visit, await _waiting(visit), 403, wrong=True)
    visit.desk.log.info("parcel opened", id=waiting.about)
    path = f"/m/{waiting.id}"
    answer = visit.away(path)
    answer.set_cookie(
        COOKIE,
        cookie,
        max_age=int(SESSION_SECONDS),
        httponly=True,
        secure=visit.desk.secure,
        samesite="strict",
        path=path,
    )
    return answer


async def ask(visit: Visit) -> Response:
    """Another code: by text message, or through whoever wrote."""
    await _waiting(visit)
    sms = visit.desk.sms
    by_phone = sms is not None and visit.given("par") == "sms"
    code = new_code()
    number = await visit.desk.parcels.ask(visit.token, code, by_phone=by_phone)
    done = number is not None
    if number and sms is not None:
        who = visit.desk.organisation or visit.words("Le portail")
        done = await sms.send(number, visit.words(_TEXT, code=spoken(code), who=who))
        if not done:
            visit.desk.log.warning("text message refused")
    return _page(visit, await _waiting(visit), asked="sms" if by_phone else "voix", done=done)


async def _waiting(visit: Visit) -> Waiting:
    return await visit.sought(visit.desk.parcels.find)


def _page(
    visit: Visit,
    waiting: Waiting,
    status: int = 200,
    *,
    wrong: bool = False,
    asked: str = "",
    done: bool = False,
) -> Response:
    by_phone = waiting.phone and visit.desk.sms is not None
    return visit.page(
        "link.html",
        status,
        waiting=waiting,
        by_phone=by_phone,
        wrong=wrong,
        asked=asked,
        done=done,
        token=visit.token,
    )


PAGES: Pages = (
    Page("GET", "/l/{token}", show),
    Page("POST", "/l/{token}", prove),
    Page("POST", "/l/{token}/code", ask),
)
