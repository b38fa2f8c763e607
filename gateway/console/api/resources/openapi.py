"""The description of the API itself, for machines; it tells nothing that the documentation does
not, so nobody need show who he is."""

from __future__ import annotations

from starlette.responses import JSONResponse, Response

from gateway.console.access import Act
from gateway.console.api.route import Call, Route
from gateway.console.api.spec import document


async def show(call: Call) -> Response:
    """This description (OpenAPI 3.1)."""
    return JSONResponse(document())


ROUTES = (Route("GET", "/openapi.json", Act.SIGN_IN, show),)
