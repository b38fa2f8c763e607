"""Passkeys: sign in with one; on one's own account, add and remove them.

The browser's script asks for a challenge, lets the authenticator answer, and hands the answer in as
a form. Without script none of it is offered.
"""

from __future__ import annotations

from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from gateway import passkey
from gateway.console import attempt
from gateway.console.access import Act
from gateway.console.pages import account
from gateway.console.pages.sign_in import onward, page, signed_in
from gateway.console.visit import Page, Visit
from gateway.language import later
from gateway.passkey import LONGEST_ANSWER, Refused
from gateway.store.passkeys import LONGEST_LABEL

_ADDING = "adding"  # an attempt of its own: its challenge does not sign anybody in
_REFUSED = later("Cette clé d'accès n'ouvre aucun compte ici.")
_UNUSABLE = later("Cette clé d'accès n'a pas pu être ajoutée : recommencez.")
_FOREIGN = later("Ce compte vient de l'annuaire, qui dit à chaque entrée s'il vaut encore.")
_FULL = later("Dix clés d'accès au plus, et chacune une fois : retirez-en une.")


async def ask_to_enter(visit: Visit) -> Response:
    _demand_site(visit)
    return await _asked(visit, passkey.WAY, visit.desk.entrance.site.to_enter(), {})


async def enter(visit: Visit) -> Response:
    _demand_site(visit)
    next_ = onward(visit.given("suite"))
    try:
        name = await _entered(visit)
    except Refused as refusal:
        visit.desk.log.warning("sign-in failed", way=passkey.WAY, why=refusal.code)
        return page(visit, 401, _REFUSED, onward=next_)
    await visit.desk.accounts.succeeded(name, way=passkey.WAY)
    return await signed_in(visit, name, next_, passkey.WAY)


async def _entered(visit: Visit) -> str:
    """Whose passkey answered. Raises Refused, which is on the record of a passkey's owner."""
    entrance, answer = visit.desk.entrance, _answer(visit)
    asked = await attempt.end(visit, passkey.WAY)
    if asked is None:
        raise Refused("no attempt")
    known = await entrance.passkeys.find(passkey.credential_of(answer))
    if known is None:
        raise Refused("unknown")
    handles = entrance.passkeys.handles(known.account)
    try:
        counter = entrance.site.entered(answer, asked["challenge"], known, handles)
        owner = await visit.desk.accounts.get(known.account)
        if owner is None or owner.disabled or owner.origin:
            raise Refused("disabled")
        if not await entrance.passkeys.used(known, counter):
            raise Refused("counter")
    except Refused as refusal:
        await entrance.passkeys.refused(known, refusal.code)
        raise
    return known.account


async def ask_to_add(visit: Visit) -> Response:
    _demand_site(visit)
    name, passkeys = visit.who.name, visit.desk.entrance.passkeys
    if complaint := _FOREIGN if visit.who.origin else await account.complaint(visit):
        return JSONResponse({"complaint": visit.words(complaint)}, 422)
    known = await passkeys.of(name)
    options = visit.desk.entrance.site.to_register(name, passkeys.handle(name), known)
    return await _asked(visit, _ADDING, options, {"session": _session(visit)})


async def add(visit: Visit) -> Response:
    _demand_site(visit)
    entrance, label = visit.desk.entrance, visit.given("nom")[:LONGEST_LABEL]
    asked = await attempt.end(visit, _ADDING)
    if asked is None or asked["session"] != _session(visit):
        return await account.show(visit, _UNUSABLE)
    try:
        found = entrance.site.registered(_answer(visit), asked["challenge"])
    except Refused:
        return await account.show(visit, _UNUSABLE)
    label = label or visit.words("Clé d'accès")
    if not await entrance.passkeys.add(visit.who.name, *found, label):
        return await account.show(visit, _FULL)
    return visit.away("/compte", visit.words("La clé d'accès est ajoutée."))


async def remove(visit: Visit) -> Response:
    await visit.desk.entrance.passkeys.remove(visit.given("cle"), visit.who.name)
    return visit.away("/compte", visit.words("La clé d'accès est retirée."))


async def _asked(visit: Visit, way: str, options: dict[str, Any], more: dict[str, str]) -> Response:
    response = JSONResponse(options)
    await attempt.begin(visit, way, {"challenge": str(options["challenge"])} | more, response)
    return response


def _answer(visit: Visit) -> str:
    given = str(visit.form.get("answer", ""))
    if len(given) > LONGEST_ANSWER:
        raise Refused("too long")
    return given


def _session(visit: Visit) -> str:
    assert visit.session is not None
    return visit.session.id


def _demand_site(visit: Visit) -> None:
    if not visit.desk.entrance.site.name:
        raise HTTPException(404)


PAGES = (
    Page("POST", "/entree/cle/demande", Act.SIGN_IN, ask_to_enter, by_ticket=True),
    Page("POST", "/entree/cle", Act.SIGN_IN, enter, by_ticket=True),
    Page("POST", "/compte/cle/demande", Act.BE_SIGNED_IN, ask_to_add),
    Page("POST", "/compte/cle", Act.BE_SIGNED_IN, add),
    Page("POST", "/compte/cle/retirer", Act.BE_SIGNED_IN, remove),
)
