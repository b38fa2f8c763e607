"""The table of the API: which function answers what, and what a request must be allowed to do.

The function's signature is the contract. `asked` is its query, `body` its JSON, the returned shape
its answer (None: 204, a Response: as `media` says); `door` checks requests by them, `spec` writes
them down as OpenAPI.
"""

from __future__ import annotations

import inspect
import pkgutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from types import NoneType
from typing import Any, get_type_hints

from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response

from gateway.console.access import Act
from gateway.console.api import problem, resources
from gateway.console.api.problem import Kind
from gateway.console.api.shape import ACCOUNT_PATTERN, HOLD_PATTERN, Untitled
from gateway.console.desk import Desk
from gateway.console.visit import Visit
from gateway.language import Words
from gateway.store.accounts import Account
from gateway.store.held import Held
from gateway.store.tokens import Token

MOST_BYTES = 64 * 1024  # of a body, unless a route says otherwise
PATHS = {  # what stands in an address may look like this, or there is nothing there
    "id": HOLD_PATTERN,
    "name": ACCOUNT_PATTERN,
    "session": r"^[0-9a-f]{64}$",
    "token": r"^[0-9a-f]{8}$",
}
HEADERS = {
    "Idempotency-Key": r"^[!-~]{8,128}$",
    "If-Match": r'^"[0-9a-f]{16}"$',
}


@dataclass(slots=True)
class Call:
    """One request. visit: as pages have it; its account is narrowed to what the token may.
    given: the headers that the route knows. tag: what the answer's ETag will be."""

    visit: Visit
    token: Token | None
    given: dict[str, str]
    tag: str = ""

    @property
    def request(self) -> Request:
        return self.visit.request

    @property
    def desk(self) -> Desk:
        return self.visit.desk

    @property
    def say(self) -> Words:
        return self.visit.words

    @property
    def who(self) -> Account:
        return self.visit.who

    def path(self, name: str) -> str:
        return str(self.request.path_params[name])

    async def held(self) -> Held:
        """404, too, where it is none of this account's business."""
        return await self.visit.held()


@dataclass(frozen=True, slots=True)
class Route:
    """path: beneath /api. problems: beside those that any such route may answer. status: of
    success. headers: of HEADERS, those it heeds. most: octets of a body."""

    method: str
    path: str
    act: Act
    answer: Callable[..., Awaitable[Any]]
    problems: tuple[Kind, ...] = ()
    status: int = 200
    headers: tuple[str, ...] = ()
    media: str = "application/json"
    most: int = MOST_BYTES
    tagged: bool = False

    @property
    def contract(self) -> Contract:
        return _contract(self.answer)

    def query(self) -> dict[str, dict[str, Any]]:
        """The schema of each parameter, written out."""
        return _query(self.answer)

    @property
    def resource(self) -> str:
        return self.answer.__module__.rpartition(".")[2]

    @property
    def parameters(self) -> tuple[str, ...]:
        """Names in the path."""
        parts = self.path.split("/")
        return tuple(part[1:-1] for part in parts if part.startswith("{"))

    def kinds(self) -> tuple[Kind, ...]:
        """Every problem that it may answer with."""
        found = [problem.BUSY, problem.LOCKED]
        if self.act is not Act.SIGN_IN:
            found.append(problem.UNSIGNED)
        if self.act not in (Act.SIGN_IN, Act.BE_SIGNED_IN):
            found.append(problem.FORBIDDEN)
        if self.parameters:
            found.append(problem.NOT_FOUND)
        if self.contract.body:
            found += [problem.MALFORMED, problem.LENGTH, problem.TOO_LARGE, problem.TYPE]
        if self.contract.body or self.contract.asked or self.headers:
            found.append(problem.INVALID)
        return tuple(dict.fromkeys((*found, *self.problems)))


@dataclass(frozen=True, slots=True)
class Contract:
    """Of one function. gives: None for nothing, or for a Response of its own."""

    asked: TypeAdapter[Any] | None
    body: TypeAdapter[Any] | None
    gives: TypeAdapter[Any] | None
    raw: bool
    summary: str


@cache
def _contract(function: Callable[..., Awaitable[Any]]) -> Contract:
    hints = get_type_hints(function, include_extras=True)
    gives = hints["return"]
    raw = gives is Response
    return Contract(
        TypeAdapter(hints["asked"]) if "asked" in hints else None,
        TypeAdapter(hints["body"]) if "body" in hints else None,
        None if raw or gives is NoneType else TypeAdapter(gives),
        raw,
        " ".join((inspect.getdoc(function) or "").split()),
    )


@cache
def _query(function: Callable[..., Awaitable[Any]]) -> dict[str, dict[str, Any]]:
    asked = _contract(function).asked
    if asked is None:
        return {}
    whole = asked.json_schema(schema_generator=Untitled)
    found = {}
    for name, schema in whole["properties"].items():
        several = schema.get("anyOf", [schema])  # null stands for a parameter that is not there
        kind = next(one for one in several if one.get("type") != "null")
        if "$ref" in kind:
            kind = whole["$defs"][kind["$ref"].rpartition("/")[2]]
        default = {"default": schema["default"]} if schema.get("default") is not None else {}
        found[name] = kind | default
    return found


@cache
def every() -> tuple[Route, ...]:
    """Each route of each file of `gateway.console.api.resources`."""
    found: list[Route] = []
    for module in pkgutil.iter_modules(resources.__path__, f"{resources.__name__}."):
        found += import_module(module.name).ROUTES
    return tuple(found)
