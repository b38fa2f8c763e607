"""The API's description, OpenAPI 3.1, from the table of routes and the signatures of its functions:
what checks a request is what is written down here."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

from pydantic import TypeAdapter
from pydantic.json_schema import JsonSchemaMode

from gateway import __version__
from gateway.console.access import Act
from gateway.console.api import problem
from gateway.console.api.problem import ProblemDetails
from gateway.console.api.route import HEADERS, PATHS, Route, every
from gateway.console.api.shape import Untitled

ROOT = "/api"
_REFERENCE = "#/components/schemas/{model}"
_ABOUT = (
    "What the console's pages do, for programs: the same accounts, roles and compartments, and the "
    "same rulings. A token is made on the account's page and goes into the Authorization header. "
    "Errors are RFC 9457 problem details, in French or English by Accept-Language. A mail that is "
    "none of the account's business does not exist: 404."
)
_SCHEME = {"type": "http", "scheme": "bearer"}
_OBJECT = {"type": "object"}
_PROBLEM = ("problem", "gives")
_SUCCESS = {200: "Done", 201: "Made", 204: "Done; there is nothing to say"}


@cache
def document() -> dict[str, Any]:
    schemas, definitions = _schemas()
    paths: dict[str, dict[str, Any]] = {}
    for route in every():
        paths.setdefault(ROOT + route.path, {})[route.method.lower()] = _operation(route, schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Vaguemestre", "version": __version__, "description": _ABOUT},
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(definitions.items())),
            "securitySchemes": {"token": _SCHEME},
        },
    }


_Key = tuple[str, str]  # operation; "body" or "gives"
_Schemas = dict[_Key, dict[str, Any]]


def _schemas() -> tuple[_Schemas, dict[str, Any]]:
    """Of every body that comes in or goes out; and those that they share, by name."""
    inputs: list[tuple[_Key, JsonSchemaMode, TypeAdapter[Any]]] = [
        (_PROBLEM, "serialization", TypeAdapter(ProblemDetails))
    ]
    for route in every():
        contract, name = route.contract, _name(route)
        if contract.body:
            inputs.append(((name, "body"), "validation", contract.body))
        if contract.gives:
            inputs.append(((name, "gives"), "serialization", contract.gives))
    found, shared = TypeAdapter.json_schemas(
        inputs, ref_template=_REFERENCE, schema_generator=Untitled
    )
    return {key: schema for (key, _), schema in found.items()}, shared["$defs"]


def _operation(route: Route, schemas: _Schemas) -> dict[str, Any]:
    name = _name(route)
    operation: dict[str, Any] = {
        "operationId": name,
        "tags": [route.resource],
        "summary": route.contract.summary,
        "description": f"Asks for the act “{route.act.value}”.",
        "security": [] if route.act is Act.SIGN_IN else [{"token": []}],
        "parameters": [*_places(route), *_query(route), *_headers(route)],
        "responses": _responses(route, schemas),
    }
    if route.contract.body:
        content = {"application/json": {"schema": schemas[name, "body"]}}
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _places(route: Route) -> Iterator[dict[str, Any]]:
    for name in route.parameters:
        schema = {"type": "string", "pattern": PATHS[name]}
        yield {"name": name, "in": "path", "required": True, "schema": schema}


def _query(route: Route) -> Iterator[dict[str, Any]]:
    for name, schema in route.query().items():
        yield {"name": name, "in": "query", "required": False, "schema": schema}


def _headers(route: Route) -> Iterator[dict[str, Any]]:
    for name in route.headers:
        schema = {"type": "string", "pattern": HEADERS[name]}
        yield {"name": name, "in": "header", "required": False, "schema": schema}


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    status = 204 if route.contract.gives is None and not route.contract.raw else route.status
    done: dict[str, Any] = {"description": _SUCCESS[status]}
    if route.contract.raw:
        binary: dict[str, Any] = {} if route.media.startswith("application/octet") else _OBJECT
        done["content"] = {route.media: {"schema": binary}}
    elif route.contract.gives:
        done["content"] = {"application/json": {"schema": schemas[_name(route), "gives"]}}
    if route.tagged:
        done["headers"] = {"ETag": {"schema": {"type": "string", "pattern": HEADERS["If-Match"]}}}
    found = {str(status): done}
    for kind in sorted(route.kinds(), key=lambda kind: (kind.status, kind.slug)):
        answer = found.setdefault(str(kind.status), _problem(schemas))
        answer["description"] = f"{answer['description']} {kind.slug}".strip()
    return found


def _problem(schemas: _Schemas) -> dict[str, Any]:
    return {"description": "", "content": {problem.MEDIA: {"schema": schemas[_PROBLEM]}}}


def _name(route: Route) -> str:
    return f"{route.resource}_{route.answer.__name__.rstrip('_')}"
