"""Sign in with name and password, with what other ways there are beside; and out again.

A wrong name, a wrong password, a wrong code and a locked account all read the same: nobody learns
which names exist. The failures are on record.
"""

from __future__ import annotations

import re

from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.visit import COOKIE, Page, Visit
from gateway.console.ways import local, oidc
from gateway.language import later
from gateway.store.sessions import LONGEST_SECONDS

_REFUSED = later("Nom, mot de passe ou code inexact, ou compte bloqué pour un moment.")
NOT_ADMITTED = {  # from `gateway.store.identities`
    "unknown": later("Vous n'avez pas de compte ici : demandez-le à l'administrateur."),
    "disabled": later("Votre compte est fermé."),
    "another": later(
        "Ce compte est celui de quelqu'un d'autre du même nom : voyez l'administrateur."
    ),
    "way": later("Ce compte entre autrement : par là où ses groupes sont tenus."),
    "roles": later("Aucun de vos groupes ne donne accès à cette console."),
    "address": later(
        "Votre adresse de messagerie manque dans l'annuaire : voyez l'administrateur."
    ),
}
_AWAY_SECONDS = 60.0  # that a failure of a directory or a provider is told on the page
_ONWARD = re.compile(r"(?:/[A-Za-z0-9][A-Za-z0-9._-]*)+", re.ASCII)


async def show(visit: Visit) -> Response:
    if visit.account is not None:
        return visit.away("/")
    return page(visit, 200, onward=onward(visit.asked("suite")))


async def enter(visit: Visit) -> Response:
    name, password = visit.given("name"), str(visit.form.get("password", ""))
    next_ = onward(visit.given("suite"))
    try:
        account, way = await local.recognised(visit.desk, name, password, visit.given("code"))
    except local.NotAdmitted as refusal:
        return page(visit, 403, NOT_ADMITTED[refusal.why], name=name, onward=next_)
    if not account:
        return page(visit, 401, _REFUSED, name=name, onward=next_)
    return await signed_in(visit, account, next_, way, password)


def page(
    visit: Visit, status: int, complaint: str = "", *, name: str = "", onward: str = "/"
) -> Response:
    """The sign-in page. onward: where to, once signed in."""
    entrance, since = visit.desk.entrance, visit.desk.clock() - _AWAY_SECONDS
    provider, directory = entrance.oidc, entrance.ldap
    return visit.page(
        "sign_in.html",
        status,
        complaint=visit.words(complaint) if complaint else "",
        name=name,
        onward=onward,
        provider=provider.terms.name if provider else "",
        provider_away=provider is not None and provider.away > since,
        directory=directory.name if directory else "",
        directory_away=directory is not None and directory.away > since,
        passkeys=bool(entrance.site.name),
    )


def onward(told: str) -> str:
    """A page of ours, without parameters; the first one for anything else, so that no link leads
    from our sign-in to another site."""
    return told if _ONWARD.fullmatch(told) else "/"


async def signed_in(
    visit: Visit, name: str, path: str, way: str = local.WAY, password: str = ""
) -> Response:
    """A session of its own for this sign-in, whatever cookie came with it. password: by which he
    came, which unlocks what he was given."""
    agent = visit.request.headers.get("user-agent", "")
    token, session = await visit.desk.sessions.open(name, agent, way)
    account = await visit.desk.accounts.get(name) if password else None
    if account:
        await visit.desk.coffer.at_sign_in(session, account, password)
    response = through(visit, path) if way == oidc.WAY else visit.away(path)
    response.set_cookie(
        COOKIE,
        token,
        max_age=int(LONGEST_SECONDS),
        httponly=True,
        secure=visit.desk.secure,
        samesite="strict",
        path="/",
    )
    return response


def through(visit: Visit, url: str, name: str = "") -> Response:
    """A page that the browser leaves at once, where a redirection would not do: forms may not be
    redirected to other sites (form-action), and strict cookies do not travel on a redirection that
    began at one. name: of whom it leads to; "": of ours."""
    response = visit.page("through.html", url=url, name=name)
    response.headers["Refresh"] = f"0;url={url}"
    response.headers["Referrer-Policy"] = "no-referrer"  # our own address holds a code
    return response


async def leave(visit: Visit) -> Response:
    """Out here, and at the provider by whom one came."""
    session, provider = visit.session, visit.desk.entrance.oidc
    response = visit.away("/entree")
    if session:
        visit.desk.coffer.forget(session.id)
        await visit.desk.sessions.close(session.id, visit.who.name)
    if session and session.way == oidc.WAY and provider:
        out = await provider.way_out(f"{visit.desk.url}/entree")
        response = through(visit, out, provider.terms.name) if out else response
    response.delete_cookie(COOKIE, path="/")
    return response


PAGES = (
    Page("GET", "/entree", Act.SIGN_IN, show),
    Page("POST", "/entree", Act.SIGN_IN, enter, by_ticket=True),
    Page("POST", "/sortie", Act.BE_SIGNED_IN, leave),
)
