"""The link in the mail: how to read, and the code. GET acts on nothing, since filters follow it."""

from __future__ import annotations

from starlette.responses import Response

from gateway.language import later
from gateway.parcel import new_code, spoken, typed
from gateway.portal.visit import COOKIE, Page, Pages, Visit
from gateway.store.boxes import id_of
from gateway.store.parcels import SESSION_SECONDS, Waiting

_TEXT = later("Code : {code}. {who} ne vous le demandera jamais par téléphone ni par courriel.")


async def show(visit: Visit, *, error: str = "") -> Response:
    """error: why what was tried in place of a code did not open it."""
    return await _page(visit, await _waiting(visit), 403 if error else 200, error=error)


async def prove(visit: Visit) -> Response:
    waiting = await _waiting(visit)
    code = typed(visit.given("code"))
    cookie = await visit.desk.parcels.prove(visit.token, code) if code else None
    if cookie is None:
        if code:
            visit.desk.guard.wrong(visit.place, visit.desk.clock())
        return await _page(visit, await _waiting(visit), 403, wrong=True)
    visit.desk.log.info("parcel opened", id=waiting.about)
    return admitted(visit, waiting.id, cookie)


def admitted(visit: Visit, parcel: str, cookie: str) -> Response:
    """To the message, with a session."""
    path = f"/m/{parcel}"
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
    waiting = await _waiting(visit)
    return await _page(visit, waiting, asked="sms" if by_phone else "voix", done=done)


async def _waiting(visit: Visit) -> Waiting:
    return await visit.sought(visit.desk.parcels.find)


async def _has_keys(visit: Visit) -> bool:
    accounts, box = visit.desk.accounts, await visit.desk.parcels.box(visit.token)
    return bool(accounts and box and await accounts.keys.of(id_of(box.token)))


async def _page(
    visit: Visit,
    waiting: Waiting,
    status: int = 200,
    *,
    wrong: bool = False,
    asked: str = "",
    done: bool = False,
    error: str = "",
) -> Response:
    keys = await _has_keys(visit)
    by_phone = waiting.phone and visit.desk.sms is not None
    return visit.page(
        "link.html",
        status,
        scripted=keys,
        waiting=waiting,
        by_phone=by_phone,
        keys=keys,
        error=error,
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
