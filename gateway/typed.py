"""What people and programs type into addresses and forms of the console and of the portal, fit for
a column: PostgreSQL keeps neither NUL nor half of a surrogate pair, which SQLite would.

In a field such a sign is left out: nobody means it. An address that has one names nothing here.
"""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request

_NUL = "\0"


def typed(value: object, longest: int) -> str:
    """One field, without blanks at its ends; "" where it is none, or a file."""
    if not isinstance(value, str):
        return ""
    fit = value.replace(_NUL, "").encode("utf-8", "ignore").decode("utf-8")
    return fit.strip()[:longest]


def demand_names(request: Request) -> None:
    """404 for a path that nothing here can have."""
    if any(_NUL in str(value) for value in request.path_params.values()):
        raise HTTPException(404)
