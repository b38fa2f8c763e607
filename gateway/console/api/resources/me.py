"""One's own account: what this token may, one's tokens and sessions. Tokens are made on the
account's page alone, by a person who signs in: a token makes no other."""

from __future__ import annotations

from datetime import datetime

from gateway.console import access
from gateway.console.access import Act, Role
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import Shape, moment, moment_or_none
from gateway.store.tokens import Token


class TokenState(Shape):
    """acts: it was made for. used: when last."""

    id: str
    name: str
    acts: tuple[Act, ...]
    created: datetime
    expires: datetime
    used: datetime | None


class Me(Shape):
    """may: what roles and token both allow."""

    account: str
    roles: tuple[Role, ...]
    compartments: tuple[str, ...]
    may: tuple[Act, ...]
    token: TokenState


class Tokens(Shape):
    tokens: tuple[TokenState, ...]


class SessionState(Shape):
    id: str
    created: datetime
    seen: datetime
    agent: str


class Sessions(Shape):
    sessions: tuple[SessionState, ...]


async def show(call: Call) -> Me:
    """Whose token this is, and what it may."""
    assert call.token is not None
    return Me(
        account=call.who.name,
        roles=tuple(map(Role, call.who.roles)),
        compartments=call.who.compartments,
        may=access.lends(call.who),
        token=_told(call.token),
    )


async def tokens(call: Call) -> Tokens:
    """One's tokens that are alive; never the tokens themselves."""
    return Tokens(tokens=tuple(map(_told, await call.desk.tokens.of(call.who.name))))


async def revoke(call: Call) -> None:
    """End one of one's tokens."""
    if not await call.desk.tokens.revoke(call.path("token"), call.who.name):
        raise Problem(problem.NOT_FOUND)


async def sessions(call: Call) -> Sessions:
    """Where one is signed in."""
    return Sessions(
        sessions=tuple(
            SessionState(
                id=one.id, created=moment(one.created), seen=moment(one.seen), agent=one.agent
            )
            for one in await call.desk.sessions.of(call.who.name)
        )
    )


async def close(call: Call) -> None:
    """End one of one's sessions."""
    mine = await call.desk.sessions.of(call.who.name)
    if call.path("session") not in {one.id for one in mine}:
        raise Problem(problem.NOT_FOUND)
    call.desk.coffer.forget(call.path("session"))
    await call.desk.sessions.close(call.path("session"), call.who.name)


def _told(one: Token) -> TokenState:
    return TokenState(
        id=one.id,
        name=one.name,
        acts=tuple(map(Act, one.acts)),
        created=moment(one.created),
        expires=moment(one.expires),
        used=moment_or_none(one.used),
    )


ROUTES = (
    Route("GET", "/v1/me", Act.BE_SIGNED_IN, show),
    Route("GET", "/v1/me/tokens", Act.BE_SIGNED_IN, tokens),
    Route("DELETE", "/v1/me/tokens/{token}", Act.BE_SIGNED_IN, revoke),
    Route("GET", "/v1/me/sessions", Act.BE_SIGNED_IN, sessions),
    Route("DELETE", "/v1/me/sessions/{session}", Act.BE_SIGNED_IN, close),
)
