"""The portal: every page behind the same checks, every answer with the same headers.

Whoever comes is a stranger. GET shows and changes nothing, since mail filters open links before
people do; POST acts, from our own pages alone. Whatever cannot be opened gets one answer, whether
it never was, is over, was recalled or refused. Answers are never cached, tell no other site where
they were, and belong into no frame. The only script is that of passkeys, on the pages that ask for
one; never beside a message.
"""

from __future__ import annotations

import hmac
import pkgutil
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

from gateway.errors import Temporary
from gateway.language import LANGUAGES, Words
from gateway.portal import pages, words
from gateway.portal.desk import Desk
from gateway.portal.visit import POLICY, Page, Visit
from gateway.typed import demand_names
from gateway.watch.log import where

STATIC = Path(__file__).parent / "static"
SHARED = ("gateway", "static")  # of console and portal
LANGUAGE = "langue"  # cookie and parameter of whoever chose one
_MOST_FIELDS = 20
_MOST_BYTES = 16 * 1024  # of a form without files
_ROOM = 64 * 1024  # of a form with files, for what is not in them
_PIECE = 64 * 1024  # octets of an answer on their way to whoever takes them slowly
_HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin",  # no path; none at all would hide where a form stood
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "X-Robots-Tag": "noindex, nofollow",
    "Cache-Control": "no-store",
}
_HSTS = "max-age=31536000"


def build(desk: Desk) -> Starlette:
    routes = [Route(page.path, _Endpoint(page, desk), methods=[page.method]) for page in every()]
    return Starlette(
        routes=[*routes, Mount("/static", StaticFiles(directory=STATIC, packages=[SHARED]))],
        exception_handlers={
            HTTPException: _refusal(desk),
            Temporary: _absence(desk),
            Exception: _failure(desk),
        },
    )


def every() -> list[Page]:
    """Each page of each file of `gateway.portal.pages`."""
    found: list[Page] = []
    for module in pkgutil.iter_modules(pages.__path__, f"{pages.__name__}."):
        found += import_module(module.name).PAGES
    return found


@dataclass(frozen=True, slots=True)
class _Endpoint:
    """A page, until its answer is sent: what a reader takes or sends slowly costs the others of his
    parcel their turn, and nobody else anything."""

    page: Page
    desk: Desk

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        demand_names(request)
        visit = Visit(request, self.desk, _language(request))
        if self.page.method == "POST":
            _demand_own_page(request)
        async with AsyncExitStack() as turn:
            if self.page.session:
                visit.parcel = await visit.opened()  # before anything large is read or sent
                await turn.enter_async_context(self.desk.turn(visit.parcel.id))
            response = _dressed(await _answer(self.page, visit), self.desk, request)
            await _send(response, send)


async def _answer(page: Page, visit: Visit) -> Response:
    if page.method == "POST":
        visit.form = await _form(visit.request, page.files, visit.desk.reply)
        csrf = visit.given("csrf").encode("utf-8", "replace")
        if page.session and not hmac.compare_digest(visit.csrf.encode(), csrf):
            raise HTTPException(403)
    if not page.large:
        return await page.answer(visit)
    async with visit.desk.room:
        return await page.answer(visit)


async def _send(response: Response, send: Send) -> None:
    """Piece by piece, each once the one before it has gone: in one, all of it would wait in the
    server's own memory, and nobody would have a turn to wait for."""
    start = {"status": response.status_code, "headers": response.raw_headers}
    await send({"type": "http.response.start", **start})
    body = memoryview(response.body)
    for at in range(0, len(body), _PIECE):
        piece = bytes(body[at : at + _PIECE])
        await send({"type": "http.response.body", "body": piece, "more_body": True})
    await send({"type": "http.response.body"})


def _language(request: Request) -> Words:
    chosen = request.query_params.get(LANGUAGE) or request.cookies.get(LANGUAGE, "")
    if chosen in LANGUAGES:
        return words.of(chosen)
    return words.of(request.headers.get("accept-language", ""))


def _demand_own_page(request: Request) -> None:
    """Against forms of other sites: the browser tells where a form stood."""
    origin = request.headers.get("origin")
    host = request.headers.get("host", "")
    if origin is not None and urlsplit(origin).netloc != host:
        raise HTTPException(403)
    if request.headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
        raise HTTPException(403)


async def _form(request: Request, files: int, most: int) -> FormData:
    """In memory whole, and never in a file: what strangers send is health data, too."""
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise HTTPException(411)
    most = most + _ROOM if files else _MOST_BYTES
    if int(length) > most:
        raise HTTPException(413)
    kind = request.headers.get("content-type", "").lower()
    if not kind.startswith("multipart/form-data"):
        return await request.form(max_files=0, max_fields=_MOST_FIELDS)
    if "charset" in kind:  # whichever codec it names would be run, and some take minutes
        raise HTTPException(400)
    parser = MultiPartParser(
        request.headers,
        request.stream(),
        max_files=files,
        max_fields=_MOST_FIELDS,
        max_part_size=most,
    )
    parser.spool_max_size = most
    try:
        return await parser.parse()
    except MultiPartException:
        raise HTTPException(400) from None


def _dressed(response: Response, desk: Desk, request: Request) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if desk.secure:
        response.headers["Strict-Transport-Security"] = _HSTS
    chosen = request.query_params.get(LANGUAGE)
    if chosen in LANGUAGES:
        response.set_cookie(
            LANGUAGE, chosen, httponly=True, secure=desk.secure, samesite="strict", path="/"
        )
    return response


def _refusal(desk: Desk) -> Callable[[Request, Exception], Response]:
    def refuse(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        visit = Visit(request, desk, _language(request))
        return _dressed(visit.page("refusal.html", status, code=status), desk, request)

    return refuse


def _absence(desk: Desk) -> Callable[[Request, Exception], Response]:
    def away(request: Request, error: Exception) -> Response:
        said = "Momentanément indisponible. Réessayez.\n"
        return _dressed(PlainTextResponse(said, 503), desk, request)

    return away


def _failure(desk: Desk) -> Callable[[Request, Exception], Response]:
    def fail(request: Request, error: Exception) -> Response:
        desk.log.error("page failed", method=request.method, **where(error))
        return _dressed(PlainTextResponse("Une erreur s'est produite.\n", 500), desk, request)

    return fail
