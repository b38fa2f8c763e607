"""The cookie that ties a browser to what it was asked, until it answers; see `store.attempts`."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.responses import Response

from gateway.console.visit import Visit
from gateway.store.attempts import ATTEMPT_SECONDS


async def begin(visit: Visit, way: str, asked: Mapping[str, str], response: Response) -> None:
    """Lax: a provider of identities sends the browser back from another site."""
    response.set_cookie(
        _name(way),
        await visit.desk.entrance.attempts.begin(way, asked),
        max_age=int(ATTEMPT_SECONDS),
        httponly=True,
        secure=visit.desk.secure,
        samesite="lax",
        path="/",
    )


async def end(visit: Visit, way: str) -> dict[str, str] | None:
    """What this browser was asked; once."""
    token = visit.request.cookies.get(_name(way), "")
    return await visit.desk.entrance.attempts.end(way, token) if token else None


def _name(way: str) -> str:
    return f"attempt-{way}"
