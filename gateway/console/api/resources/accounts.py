"""Accounts: who may sign in, as what. For administrators, who see no mail."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from gateway.console.access import Act, Role
from gateway.console.api import problem
from gateway.console.api.problem import Problem
from gateway.console.api.route import Call, Route
from gateway.console.api.shape import AccountName, OneOf, Shape
from gateway.store.accounts import Account

_State = Annotated[str, OneOf("open", "invited", "closed")]
_Compartment = Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,64}$")]


class AccountState(Shape):
    """compartments: none is every one."""

    name: str
    roles: tuple[Role, ...]
    compartments: tuple[str, ...]
    second_factor: bool
    state: _State


class Accounts(Shape):
    accounts: tuple[AccountState, ...]


class NewAccount(Shape):
    """address: of the person, so that he does not rule on his own mail."""

    name: AccountName
    roles: tuple[Role, ...] = Field(min_length=1, max_length=len(Role))
    compartments: tuple[_Compartment, ...] = Field(default=(), max_length=200)
    address: str = Field(default="", max_length=254, pattern=r"^[^\x00-\x20\x7f]*$")


class AccountChange(Shape):
    state: Annotated[str, OneOf("open", "closed")]


class Invitation(Shape):
    """link: for the first sign-in, or after a forgotten password: it works once, for 24 hours."""

    link: str


async def list_(call: Call) -> Accounts:
    """Every account, with its roles."""
    return Accounts(accounts=tuple(map(_told, await call.desk.accounts.list())))


async def add(call: Call, body: NewAccount) -> Invitation:
    """A new account, and the link for its first sign-in."""
    try:
        token = await call.desk.accounts.add(
            body.name,
            tuple(dict.fromkeys(body.roles)),
            tuple(dict.fromkeys(body.compartments)),
            address=body.address,
            who=call.who.name,
        )
    except ValueError:
        raise Problem(problem.CONFLICT, call.say("Ce nom est déjà pris.")) from None
    return _link(call, token)


async def invite(call: Call) -> Invitation:
    """A new link in place of any other, for a forgotten password."""
    account = await _known(call)
    return _link(call, await call.desk.accounts.invite(account.name, call.who.name))


async def change(call: Call, body: AccountChange) -> None:
    """Close an account, with its sessions and tokens, or open it again. Not one's own."""
    account = await _known(call)
    if account.name == call.who.name:
        own = call.say("On ne ferme pas son propre compte.")
        raise Problem(problem.CONFLICT, own)
    await call.desk.accounts.disable(account.name, body.state == "closed", call.who.name)


async def _known(call: Call) -> Account:
    found = await call.desk.accounts.get(call.path("name"))
    if found is None:
        raise Problem(problem.NOT_FOUND)
    return found


def _link(call: Call, token: str) -> Invitation:
    root = call.desk.url or f"{call.request.url.scheme}://{call.request.url.netloc}"
    return Invitation(link=f"{root}/bienvenue/{token}")


def _told(one: Account) -> AccountState:
    return AccountState(
        name=one.name,
        roles=tuple(map(Role, one.roles)),
        compartments=one.compartments,
        second_factor=one.has_second_factor,
        state="closed" if one.disabled else "open" if one.password else "invited",
    )


_TAKEN = (problem.CONFLICT,)
ROUTES = (
    Route("GET", "/v1/accounts", Act.ADMINISTER, list_),
    Route("POST", "/v1/accounts", Act.ADMINISTER, add, problems=_TAKEN, status=201),
    Route("POST", "/v1/accounts/{name}/invitations", Act.ADMINISTER, invite, status=201),
    Route("PATCH", "/v1/accounts/{name}", Act.ADMINISTER, change, problems=_TAKEN),
)
