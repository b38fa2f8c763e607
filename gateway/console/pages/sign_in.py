"""Sign in with password and second factor, and out again.

A wrong name, a wrong password, a wrong code and a locked account all read the same and take as
long: nobody learns which names exist. The failures are on record.
"""

from __future__ import annotations

import asyncio

from starlette.responses import Response

from gateway.console import credentials
from gateway.console.access import Act
from gateway.console.visit import COOKIE, Page, Visit
from gateway.console.words import later
from gateway.store.accounts import Account
from gateway.store.sessions import LONGEST_SECONDS

_REFUSED = later("Nom, mot de passe ou code inexact, ou compte bloqué pour un moment.")


async def show(visit: Visit) -> Response:
    if visit.account is not None:
        return visit.away("/")
    return visit.page("sign_in.html", complaint="", name="")


async def enter(visit: Visit) -> Response:
    name, password = visit.given("name"), str(visit.form.get("password", ""))
    account = await _recognised(visit, name, password)
    if account is None:
        return visit.page("sign_in.html", 401, complaint=visit.words(_REFUSED), name=name)
    return await signed_in(visit, account.name, "/")


async def signed_in(visit: Visit, name: str, path: str) -> Response:
    """A session of its own for this sign-in, whatever cookie came with it."""
    token, _ = await visit.desk.sessions.open(name, visit.request.headers.get("user-agent", ""))
    response = visit.away(path)
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


async def _recognised(visit: Visit, name: str, password: str) -> Account | None:
    desk = visit.desk
    account = await desk.accounts.get(name)
    stored = account.password if account else ""
    fits = await asyncio.to_thread(credentials.fits, stored, password)
    if account is None or account.disabled or account.locked_until > desk.clock():
        return None
    step = 0
    if fits and account.has_second_factor:
        secret = account.totp(desk.keys)
        step = credentials.step_of(secret, visit.given("code"), desk.clock())
        fits = step > 0
    if not fits or not await desk.accounts.succeeded(name, step):
        await desk.accounts.failed(name)
        return None
    return account


async def leave(visit: Visit) -> Response:
    if visit.session:
        await visit.desk.sessions.close(visit.session.id, visit.who.name)
    response = visit.away("/entree")
    response.delete_cookie(COOKIE, path="/")
    return response


PAGES = (
    Page("GET", "/entree", Act.SIGN_IN, show),
    Page("POST", "/entree", Act.SIGN_IN, enter),
    Page("POST", "/sortie", Act.BE_SIGNED_IN, leave),
)
