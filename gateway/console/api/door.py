"""The way of a request to the API, and the only one:

    token ─▶ whose account, narrowed to which acts ─▶ may it? ─▶ query, headers and body by the
    function's signature ─▶ the function ─▶ its shape as JSON

No cookie counts here, so no other site can have a browser ask for anything. What is refused says
why in words of a closed list; what is none of the account's business does not exist. Events tell
which token acted.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter, ValidationError
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route as Path

from gateway.console import access, words
from gateway.console.access import Act
from gateway.console.api import problem
from gateway.console.api.problem import FieldError, Problem
from gateway.console.api.route import HEADERS, PATHS, Call, Route, every
from gateway.console.desk import Desk
from gateway.console.visit import Visit
from gateway.errors import Temporary
from gateway.guard import WINDOW_SECONDS
from gateway.language import Words
from gateway.store.accounts import Account
from gateway.store.events import beside
from gateway.store.tokens import PREFIX, Token
from gateway.store.vault import CannotOpen, UnderLock
from gateway.watch.log import where

CONFIRMED_SECONDS = 30 * 86400.0
_LONGEST_TOKEN = 200  # characters
_SCHEME = "bearer "
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]{0,17})", re.ASCII)
_BOOLEANS = {"true": True, "false": False}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
    "Vary": "Authorization, Accept-Language",
}
HSTS = "max-age=31536000"


def build(desk: Desk) -> Starlette:
    """Mounted at /api: nothing beneath it is answered with a page."""
    places: dict[str, dict[str, Route]] = {}
    for one in every():
        places.setdefault(one.path, {})[one.method] = one
    routes = [Path(path, _endpoint(by, desk), methods=list(by)) for path, by in places.items()]
    application = Starlette(routes=routes, exception_handlers={HTTPException: elsewhere(desk)})
    application.router.redirect_slashes = False
    return application


def _endpoint(routes: dict[str, Route], desk: Desk) -> Callable[[Request], Awaitable[Response]]:
    """routes: of one path, by method."""

    async def endpoint(request: Request) -> Response:
        say = _language(request)
        try:
            route = routes[request.method if request.method != "HEAD" else "GET"]
            response = await _answer(route, desk, request, say)
        except Problem as refused:
            response = refused.response(say)
        except HTTPException as refused:  # of checks that pages share
            kind = problem.BY_STATUS.get(refused.status_code, problem.FAILED)
            response = Problem(kind).response(say)
        except UnderLock:
            response = Problem(problem.UNDER_LOCK).response(say)
        except CannotOpen:
            response = Problem(problem.SEALED).response(say)
        except Temporary:
            response = Problem(problem.BUSY, headers={"Retry-After": "5"}).response(say)
        except Exception as error:
            desk.log.error("api failed", method=request.method, **where(error))
            response = Problem(problem.FAILED).response(say)
        return _dressed(response, desk)

    return endpoint


async def _answer(route: Route, desk: Desk, request: Request, say: Words) -> Response:
    token, account = None, None
    if route.act is not Act.SIGN_IN:
        token, account = await _recognised(desk, request)
    if not access.may(account, route.act) or _in_person(desk, account, route.act):
        raise Problem(problem.FORBIDDEN)
    for name in route.parameters:
        if not re.fullmatch(PATHS[name].strip("^$"), request.path_params[name]):
            raise Problem(problem.NOT_FOUND)
    call = Call(Visit(request, desk, say, account), token, _headers(route, request))
    given: dict[str, Any] = {}
    if route.contract.asked:
        given["asked"] = _checked(route.contract.asked, _query(route, request), "query", say)
    if route.contract.body:
        given["body"] = _checked(route.contract.body, await _body(route, request), "body", say)
    with beside(**({"token": token.id} if token else {})):
        result = await route.answer(call, **given)
    if isinstance(result, Response):
        return result
    headers = {"ETag": call.tag} if call.tag else {}
    if route.contract.gives is None:
        return Response(None, 204, headers)
    said = route.contract.gives.dump_json(result)
    return Response(said, route.status, headers, "application/json")


def _in_person(desk: Desk, account: Account | None, act: Act) -> bool:
    """What a second reader is asked to read, he reads himself, on the pages."""
    free = act in (Act.SIGN_IN, Act.BE_SIGNED_IN, Act.STUDY)
    return not free and account is not None and desk.sees_but_reviews(account)


async def _recognised(desk: Desk, request: Request) -> tuple[Token, Account]:
    """Who comes, with no more than his roles and his token both allow. A place that tries many
    wrong ones is told to wait; a right one works all the same, since nobody guesses 256 bits, and
    since all programs of a house may stand behind one address."""
    place, now = request.client.host if request.client else "", desk.clock()
    given = request.headers.get("authorization", "")
    secret = given[len(_SCHEME) :].strip() if given[: len(_SCHEME)].lower() == _SCHEME else ""
    token = None
    if secret.startswith(PREFIX) and len(secret) <= _LONGEST_TOKEN:
        token = await desk.tokens.find(secret)
    account = await desk.accounts.get(token.account) if token else None
    if token is None or account is None or _is_gone(account, now):
        if secret and desk.guard.is_shut(place, now):
            raise Problem(problem.LOCKED, headers={"Retry-After": str(int(WINDOW_SECONDS))})
        if secret:
            desk.guard.wrong(place, now)
        raise Problem(problem.UNSIGNED, headers={"WWW-Authenticate": "Bearer"})
    return token, replace(account, only=(*token.acts, Act.BE_SIGNED_IN))


def _is_gone(account: Account, now: float) -> bool:
    """Closed, or told by a directory that has not confirmed it for so long: who left the house
    comes through that door no more, and his tokens must not outlive him."""
    return account.disabled or bool(account.origin and now - account.entered > CONFIRMED_SECONDS)


def _checked(contract: TypeAdapter[Any], given: bytes, at: str, say: Words) -> Any:
    try:
        return contract.validate_json(given)
    except ValidationError as error:
        raise problem.invalid(error, at, say) from None


def _query(route: Route, request: Request) -> bytes:
    """As JSON, numbers and booleans where the contract has them; each name once."""
    known = route.query()
    items = request.query_params.multi_items()
    if len(items) > len({name for name, _ in items}):
        raise Problem(problem.INVALID)
    return json.dumps({name: _typed(value, known.get(name, {})) for name, value in items}).encode()


def _typed(value: str, schema: dict[str, Any]) -> object:
    kind = schema.get("type")
    if kind == "integer" and _NUMBER.fullmatch(value):
        return int(value)
    return _BOOLEANS.get(value, value) if kind == "boolean" else value


def _headers(route: Route, request: Request) -> dict[str, str]:
    found = {}
    for name in route.headers:
        value = request.headers.get(name)
        if value is None:
            continue
        if not re.fullmatch(HEADERS[name].strip("^$"), value):
            raise Problem(problem.INVALID, errors=[FieldError(at=f"header/{name}", detail="")])
        found[name] = value
    return found


async def _body(route: Route, request: Request) -> bytes:
    """Whole in memory: one that does not say how long it is is not read."""
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media != "application/json":
        raise Problem(problem.TYPE)
    length = request.headers.get("content-length", "")
    if not length.isdecimal():
        raise Problem(problem.LENGTH)
    if int(length[:12]) > route.most:
        raise Problem(problem.TOO_LARGE)
    return await request.body()


def _language(request: Request) -> Words:
    return words.of(request.headers.get("accept-language", ""))


def elsewhere(desk: Desk) -> Callable[[Request, Exception], Response]:
    """No such address, or not to be asked for so."""

    def refuse(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        kind = problem.BY_STATUS.get(error.status_code, problem.NOT_FOUND)
        return _dressed(Problem(kind, headers=error.headers).response(_language(request)), desk)

    return refuse


def _dressed(response: Response, desk: Desk) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    if desk.secure:
        response.headers["Strict-Transport-Security"] = HSTS
    return response
