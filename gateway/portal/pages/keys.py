"""Passkeys in place of codes: registered by whoever has just proved who he is, for later links.

A link still says which message, and the passkey who reads it. The browser's script asks for a
challenge, lets the authenticator answer, and hands the answer in as a form; without script, and for
whoever has none, there is the code.
"""

from __future__ import annotations

import json
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response
from webauthn.helpers import base64url_to_bytes

from gateway.language import later
from gateway.parcel import Box
from gateway.passkey import LONGEST_ANSWER, Refused, credential_of
from gateway.portal.desk import Accounts
from gateway.portal.pages import link
from gateway.portal.visit import Page, Pages, Visit
from gateway.store import vault
from gateway.store.boxes import id_of
from gateway.store.parcel_parts import root_of

_NO_KEY = later("Cette clé d'accès n'ouvre pas ce message. Demandez un code.")
_UNUSABLE = later("Cette clé d'accès n'a pas pu être ajoutée : recommencez.")
_FULL = later("Dix clés d'accès au plus, et chacune une fois : retirez-en une.")
_OFTEN = later("Trop d'essais. Attendez cinq minutes.")


async def ask_to_enter(visit: Visit) -> Response:
    accounts = _accounts(visit)
    waiting = await visit.sought(visit.desk.parcels.find)
    return await _asked(visit, accounts, accounts.site.to_enter(), f"enter {waiting.id}")


async def enter(visit: Visit) -> Response:
    accounts = _accounts(visit)
    waiting = await visit.sought(visit.desk.parcels.find)
    cookie = None
    try:
        await _prove(visit, accounts, f"enter {waiting.id}")
        cookie = await visit.desk.parcels.admit(visit.token)
    except Refused as refusal:
        visit.desk.guard.wrong(visit.place, visit.desk.clock())
        visit.desk.log.warning("passkey refused", id=waiting.about, why=refusal.code)
    if cookie is None:
        return await link.show(visit, error=_NO_KEY)
    visit.desk.log.info("parcel opened", id=waiting.about, way="passkey")
    return link.admitted(visit, waiting.id, cookie)


async def _prove(visit: Visit, accounts: Accounts, place: str) -> None:
    """That a passkey of this link's box answered what was asked. Raises Refused."""
    answer, box = _answer(visit), await visit.desk.parcels.box(visit.token)
    challenge = await _answered(accounts, answer, place)
    key = await accounts.keys.find(credential_of(answer), id_of(box.token)) if box else None
    if box is None or key is None:
        raise Refused("unknown")
    counter = accounts.site.entered(answer, challenge, key, [_handle(box)])
    if not await accounts.keys.used(key, counter):
        raise Refused("counter")


async def show(visit: Visit) -> Response:
    return await _page(visit)


async def ask_to_add(visit: Visit) -> Response:
    accounts, box = _accounts(visit), _box(visit)
    known = await accounts.keys.of(id_of(box.token))
    name = visit.words("Messages protégés")
    options = accounts.site.to_register(name, _handle(box), known)
    return await _asked(visit, accounts, options, f"add {visit.mine.session}")


async def add(visit: Visit) -> Response:
    accounts, box = _accounts(visit), _box(visit)
    try:
        answer = _answer(visit)
        challenge = await _answered(accounts, answer, f"add {visit.mine.session}")
        found = accounts.site.registered(answer, challenge)
    except Refused:
        return await _page(visit, 422, error=_UNUSABLE)
    if not await accounts.keys.add(id_of(box.token), *found):
        return await _page(visit, 422, error=_FULL)
    visit.desk.log.info("passkey added", id=visit.mine.about)
    return visit.away(f"/m/{visit.mine.id}/cles")


async def remove(visit: Visit) -> Response:
    accounts, box = _accounts(visit), _box(visit)
    await accounts.keys.remove(id_of(box.token), visit.given("cle"))
    return visit.away(f"/m/{visit.mine.id}/cles")


async def _asked(visit: Visit, accounts: Accounts, options: dict[str, Any], place: str) -> Response:
    if not await accounts.keys.ask(str(options["challenge"]), place):
        return JSONResponse({"complaint": visit.words(_OFTEN)}, 429)
    return JSONResponse(options)


async def _answered(accounts: Accounts, answer: str, place: str) -> str:
    """The challenge that this answers, which is spent. Raises Refused where none was asked."""
    try:
        told = json.loads(answer)["response"]["clientDataJSON"]
        challenge = json.loads(base64url_to_bytes(told))["challenge"]
        challenge.encode()  # half a pair of surrogates is no challenge, either
    except (AttributeError, ValueError, TypeError, KeyError, RecursionError):
        raise Refused("answer") from None
    if not isinstance(challenge, str) or not await accounts.keys.answer(challenge, place):
        raise Refused("no attempt")
    return challenge


def _answer(visit: Visit) -> str:
    given = visit.given("answer")
    if len(given) > LONGEST_ANSWER:
        raise Refused("too long")
    return given


def _handle(box: Box) -> bytes:
    """What an authenticator keeps in place of a name: tells nobody anything."""
    return vault.derived(root_of(box.token), b"passkey handle")


def _accounts(visit: Visit) -> Accounts:
    if visit.desk.accounts is None:
        raise HTTPException(404)
    return visit.desk.accounts


def _box(visit: Visit) -> Box:
    if visit.mine.box is None:
        raise HTTPException(404)
    return visit.mine.box


async def _page(visit: Visit, status: int = 200, *, error: str = "") -> Response:
    accounts, box = _accounts(visit), _box(visit)
    return visit.page(
        "keys.html",
        status,
        scripted=True,
        parcel=visit.mine,
        keys=await accounts.keys.of(id_of(box.token)),
        error=error,
        csrf=visit.csrf,
    )


PAGES: Pages = (
    Page("POST", "/l/{token}/cle/demande", ask_to_enter),
    Page("POST", "/l/{token}/cle", enter),
    Page("GET", "/m/{id}/cles", show, session=True),
    Page("POST", "/m/{id}/cles/demande", ask_to_add, session=True),
    Page("POST", "/m/{id}/cles", add, session=True),
    Page("POST", "/m/{id}/cles/retrait", remove, session=True),
)
