"""To the provider of identities (OpenID Connect), and back from it."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.responses import Response

from gateway.console import attempt
from gateway.console.access import Act
from gateway.console.pages.sign_in import NOT_ADMITTED, onward, page, signed_in, through
from gateway.console.visit import Page, Visit
from gateway.console.ways import oidc
from gateway.console.ways.fetch import Away
from gateway.language import later

RETURN = "/entree/oidc/retour"
_LATE = later("Cette entrée a déjà servi, ou elle a trop attendu : recommencez.")
_REFUSED = later("L'entrée n'a pas pu être vérifiée : recommencez, ou entrez autrement.")
_DENIED = later("L'entrée a été refusée ou interrompue chez le fournisseur d'identité.")
_FACTOR = later(
    "Un second facteur est demandé : entrez chez le fournisseur d'identité avec le vôtre."
)
_WHY = {"denied": _DENIED, "second factor": _FACTOR}


async def go(visit: Visit) -> Response:
    provider, next_ = _provider(visit), onward(visit.given("suite"))
    try:
        url, asked = await provider.begin()
    except Away as away:
        _log(visit, away.code)
        return page(visit, 503, onward=next_)  # which says that it is away
    response = through(visit, url, provider.terms.name)
    await attempt.begin(visit, oidc.WAY, asked | {"suite": next_}, response)
    return response


async def back(visit: Visit) -> Response:
    provider, asked = _provider(visit), await attempt.end(visit, oidc.WAY)
    if asked is None:
        _log(visit, "no attempt")
        return page(visit, 400, _LATE)
    next_ = onward(asked["suite"])
    try:
        person = await provider.finish(asked, visit.request.query_params)
    except Away as away:
        _log(visit, away.code)
        return page(visit, 503, onward=next_)
    except oidc.Refused as refusal:
        _log(visit, refusal.code)
        return page(visit, 403, _WHY.get(refusal.code, _REFUSED), onward=next_)
    if why := await visit.desk.entrance.identities.admit(person):
        _log(visit, why)
        return page(visit, 403, NOT_ADMITTED[why], onward=next_)
    await visit.desk.accounts.succeeded(person.name, way=oidc.WAY)
    return await signed_in(visit, person.name, next_, oidc.WAY)


def _provider(visit: Visit) -> oidc.Provider:
    provider = visit.desk.entrance.oidc
    if provider is None:
        raise HTTPException(404)
    return provider


def _log(visit: Visit, why: str) -> None:
    """Of somebody whom we do not know yet: the journal, since the record is for accounts."""
    visit.desk.log.warning("sign-in failed", way=oidc.WAY, why=why)


PAGES = (
    Page("POST", "/entree/oidc", Act.SIGN_IN, go, by_ticket=True),
    Page("GET", RETURN, Act.SIGN_IN, back, by_ticket=True),
)
