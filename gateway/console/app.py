"""The application: every page behind the same checks, every answer with the same headers.

    session from the cookie ─▶ may this account do that act? ─▶ POST: ours, and from our own page?
    ─▶ the page's function

A page cannot forget them: it is reached through `_answer` alone. Answers are never cached, carry no
script of a page's own, and belong into no frame.
"""

from __future__ import annotations

import hmac
import pkgutil
from collections.abc import Awaitable, Callable
from importlib import import_module
from pathlib import Path
from urllib.parse import quote, urlsplit

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, RedirectResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from gateway.console import access, pages, words
from gateway.console.access import Act
from gateway.console.api import door
from gateway.console.api.spec import ROOT
from gateway.console.desk import Desk
from gateway.console.pages.sign_in import onward
from gateway.console.visit import COOKIE, Page, Visit
from gateway.errors import Temporary
from gateway.language import later
from gateway.store.vault import UnderLock
from gateway.typed import demand_names
from gateway.watch.log import where

STATIC = Path(__file__).parent / "static"
SHARED = ("gateway", "static")  # of console and portal
HOLDS = "/dossiers/"  # beneath it, each page asks whose business the mail is
_MOST_FIELDS = 5_000  # of a form: a bulk act on a page of the queue
_MOST_BYTES = 1024 * 1024  # of a form
_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; "
        "connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000"


def build(desk: Desk) -> Starlette:
    routes = [Route(page.path, _endpoint(page, desk), methods=[page.method]) for page in every()]
    mounts = [
        Mount(ROOT, door.build(desk)),
        Mount("/static", StaticFiles(directory=STATIC, packages=[SHARED])),
    ]
    return Starlette(
        routes=[*routes, *mounts],
        exception_handlers={HTTPException: _refusal(desk), Exception: _failure(desk)},
    )


def every() -> list[Page]:
    """Each page of each file of `gateway.console.pages`."""
    found: list[Page] = []
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        found += import_module(module.name).PAGES
    return found


def _endpoint(page: Page, desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        try:
            response = await _answer(page, desk, request)
        except Temporary:
            response = PlainTextResponse("Le magasin ne répond pas : réessayez.\n", 503)
        return _dressed(response, desk)

    return endpoint


async def _answer(page: Page, desk: Desk, request: Request) -> Response:
    demand_names(request)
    visit = Visit(request, desk, words.of(request.headers.get("accept-language", "")))
    token = request.cookies.get(COOKIE)
    if token and not page.by_ticket:
        visit.session = await desk.sessions.find(token, used=not page.unattended)
    if visit.session:
        visit.account = await desk.accounts.get(visit.session.account)
    if visit.account and not page.unattended:
        visit.uncontrolled = await desk.health.bypassed()
    if not access.may(visit.account, page.act):
        if visit.account is None:
            return _to_sign_in(page, request)
        raise HTTPException(403)
    if visit.narrow and page.act is Act.SEE and not page.path.startswith(HOLDS):
        raise HTTPException(403)
    if page.method == "POST":
        visit.form = await _form(request, page.files)
        _demand_ours(visit)
    try:
        return await page.answer(visit)
    except UnderLock:
        return _locked(visit)


def _locked(visit: Visit) -> Response:
    """What is asked for is a content that this session has not unlocked; and back to its mail."""
    hold = visit.request.path_params.get("id", "")
    path = visit.request.url.path
    wanted = path if visit.request.method == "GET" else f"/dossiers/{hold}"
    return visit.page("under_lock.html", 423, onward=onward(wanted))


def _to_sign_in(page: Page, request: Request) -> Response:
    """And back to the page that was asked for. A link in a mail comes from another site, where the
    cookie stayed behind: the page is asked for once more, from here."""
    path = request.url.path
    if page.method == "GET" and request.headers.get("sec-fetch-site") == "cross-site":
        return Response(headers={"Refresh": f"0;url={quote(path)}"})
    wanted = onward(path) if page.method == "GET" else "/"
    return RedirectResponse("/entree" if wanted == "/" else f"/entree?suite={wanted}", 303)


async def _form(request: Request, files: int) -> FormData:
    """Kept in memory whole: a form that does not say how long it is is not read."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    if int(length) > _MOST_BYTES:
        raise HTTPException(413)
    kind = request.headers.get("content-type", "").lower()
    if "multipart" in kind and "charset" in kind:  # any codec it names would be run, for minutes
        raise HTTPException(400)
    return await request.form(max_files=files, max_fields=_MOST_FIELDS)


def _demand_ours(visit: Visit) -> None:
    """Against forms of other sites. The browser tells where a form stood; signed in, the form must
    bring back the session's secret as well."""
    origin = visit.request.headers.get("origin")
    host = visit.request.headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != host:
        raise HTTPException(403)
    if visit.request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)
    if visit.session and not hmac.compare_digest(visit.session.csrf, visit.given("csrf")):
        raise HTTPException(403)


def _dressed(response: Response, desk: Desk) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if desk.secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    return response


def _refusal(desk: Desk) -> Callable[[Request, Exception], Response]:
    said = {403: later("Cette page ne vous est pas ouverte."), 404: later("Rien à cette adresse.")}

    def refuse(request: Request, error: Exception) -> Response:
        if request.url.path.startswith(f"{ROOT}/"):  # with an end of line in it: no mount takes it
            return door.elsewhere(desk)(request, error)
        status = error.status_code if isinstance(error, HTTPException) else 500
        visit = Visit(request, desk, words.of(request.headers.get("accept-language", "")))
        text = said.get(status, later("Cette demande ne peut pas être traitée."))
        return _dressed(visit.page("refusal.html", status, text=text), desk)

    return refuse


def _failure(desk: Desk) -> Callable[[Request, Exception], Response]:
    def fail(request: Request, error: Exception) -> Response:
        desk.log.error("page failed", method=request.method, **where(error))
        return _dressed(PlainTextResponse("Une erreur s'est produite.\n", 500), desk)

    return fail
