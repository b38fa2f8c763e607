"""`vaguemestre users`: the console's accounts. The first one is made here."""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config import Config
from gateway.console.access import Role
from gateway.console.pages.accounts import NAME
from gateway.store.accounts import Accounts
from gateway.store.database import Database
from gateway.store.keys import load_hmac, load_public

T = TypeVar("T")
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Accounts of the console.")

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help="As in `users list`.")]


@app.command("add")
def add(
    name: NameArgument,
    config: ConfigOption = None,
    role: Annotated[
        list[Role] | None, typer.Option("--role", help="Repeat for several. Default: officer.")
    ] = None,
    compartment: Annotated[
        list[str] | None, typer.Option("--compartment", help="Only these; default: all.")
    ] = None,
    address: Annotated[
        str, typer.Option("--address", help="Of the person: nobody rules on his own mail.")
    ] = "",
) -> None:
    """A new account. Prints a link for its first sign-in: it works once, for 24 hours."""
    if not NAME.fullmatch(name):
        fail(f"{name}: small letters without accents, digits, dots and dashes only")

    async def work(accounts: Accounts, settings: Config) -> str:
        roles = tuple(role or (Role.OFFICER,))
        token = await accounts.add(
            name, roles, compartment or (), address=address, who=getpass.getuser()
        )
        return link(settings, token)

    try:
        out.print(_with_accounts(config, work), markup=False, soft_wrap=True)
    except ValueError:
        fail(f"{name}: there is such an account already; `users invite {name}` makes a new link")


@app.command("invite")
def invite(name: NameArgument, config: ConfigOption = None) -> None:
    """A new link, for a forgotten password. The account's second factor stays."""

    async def work(accounts: Accounts, settings: Config) -> str:
        await _known(accounts, name)
        return link(settings, await accounts.invite(name, getpass.getuser()))

    out.print(_with_accounts(config, work), markup=False, soft_wrap=True)


@app.command("disable")
def disable(name: NameArgument, config: ConfigOption = None) -> None:
    """Nobody signs in with it any more; its sessions end at once."""

    async def work(accounts: Accounts, _: Config) -> None:
        await _known(accounts, name)
        await accounts.disable(name, True, getpass.getuser())

    _with_accounts(config, work)
    out.print(f"{name} : compte fermé.")


@app.command("forget-second-factor")
def forget(name: NameArgument, config: ConfigOption = None) -> None:
    """For a lost telephone: the password alone will do until another is set."""

    async def work(accounts: Accounts, _: Config) -> None:
        await _known(accounts, name)
        await accounts.set_totp(name, "")

    _with_accounts(config, work)
    out.print(f"{name} : second facteur retiré.")


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """Names, roles, compartments."""

    async def work(accounts: Accounts, _: Config) -> None:
        table = Table("nom", "rôles", "compartiments", "second facteur", "état", box=None)
        for one in await accounts.list():
            state = "fermé" if one.disabled else "ouvert" if one.password else "invité"
            second = "oui" if one.has_second_factor else "non"
            where = ", ".join(one.compartments) or "tous"
            table.add_row(one.name, ", ".join(one.roles), where, second, state)
        out.print(table)

    _with_accounts(config, work)


async def first(settings: Config, name: str) -> str:
    """A link's token for an account that may do everything, until its password is set; then ""."""
    database = Database.open(settings.database)
    accounts = Accounts(database, load_public(settings.keys), load_hmac(settings.keys))
    try:
        known = await accounts.get(name)
        if known is None:
            return await accounts.add(name, (Role.OFFICER, Role.ADMIN))
        return "" if known.password else await accounts.invite(name)
    finally:
        database.close()


def link(settings: Config, token: str) -> str:
    return f"{settings.console_url}/bienvenue/{token}"


async def _known(accounts: Accounts, name: str) -> None:
    if await accounts.get(name) is None:
        fail(f"{name}: no such account", STOPPED)


def _with_accounts(config: Path | None, work: Callable[[Accounts, Config], Awaitable[T]]) -> T:
    with clear_errors():
        settings = configuration(config)
        keys, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
        database = Database.open(settings.database)

        async def run() -> T:
            return await work(Accounts(database, keys, hmac_key), settings)

        try:
            return asyncio.run(run())
        finally:
            database.close()
    raise AssertionError  # clear_errors raises in every other case
