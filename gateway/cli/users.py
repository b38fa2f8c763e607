"""`vaguemestre users`: the console's accounts. The first one is made here."""

from __future__ import annotations

import asyncio
import getpass
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer
from rich.table import Table

from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, out
from gateway.config import Config
from gateway.console import access
from gateway.console.access import Act, Role
from gateway.console.shown import way
from gateway.console.ways.groups import NAME
from gateway.store.accounts import Account, Accounts
from gateway.store.database import Database
from gateway.store.identities import Identities
from gateway.store.keys import DEFAULT, load_hmac, load_public
from gateway.store.passkeys import Passkeys
from gateway.store.tokens import LONGEST_DAYS, Tokens, TooMany
from gateway.store.tokens import NAME as TOKEN_NAME

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
        list[str] | None, typer.Option("--compartment", help="Only these; `*`: all.")
    ] = None,
    address: Annotated[
        str, typer.Option("--address", help="Of the person: nobody rules on his own mail.")
    ] = "",
) -> None:
    """A new account. Prints a link for its first sign-in: it works once, for 24 hours."""
    if not NAME.fullmatch(name):
        fail(f"{name}: small letters without accents, digits, dots and dashes only")

    async def work(accounts: Accounts, settings: Config) -> str:
        roles, where = tuple(role or (Role.OFFICER,)), _known_compartments(compartment, settings)
        token = await accounts.add(name, roles, where, address=address, who=getpass.getuser())
        return link(settings, token)

    try:
        out.print(_with_accounts(config, work), markup=False, soft_wrap=True)
    except ValueError:
        fail(f"{name}: there is such an account already; `users invite {name}` makes a new link")


@app.command("invite")
def invite(name: NameArgument, config: ConfigOption = None) -> None:
    """A new link, for a forgotten password. The account's second factor stays."""

    async def work(accounts: Accounts, settings: Config) -> str:
        if (await _known(accounts, name)).origin:
            fail(f"{name}: comes from the directory, and has no password here", STOPPED)
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


@app.command("token")
def token(
    name: NameArgument,
    for_: Annotated[str, typer.Option("--for", help="Its own name: of the program, say.")],
    config: ConfigOption = None,
    act: Annotated[
        list[Act] | None, typer.Option("--act", help="Repeat for several. Default: see.")
    ] = None,
    days: Annotated[int, typer.Option("--days", min=1, max=LONGEST_DAYS)] = 90,
) -> None:
    """A token for the console's API. Printed once, never again."""
    if not TOKEN_NAME.fullmatch(for_):
        fail("--for: small letters without accents, digits, dots and dashes only")

    async def work(accounts: Accounts, tokens: Tokens) -> str:
        account, wanted = await _known(accounts, name), act or [Act.SEE]
        lacking = [one for one in wanted if one not in access.lends(account)]
        if lacking:
            fail(f"{name}: no role of his allows to {lacking[0]}", STOPPED)
        until = time.time() + days * 86400
        try:
            return (await tokens.make(name, for_, wanted, until, getpass.getuser()))[0]
        except TooMany:
            fail(f"{name}: too many tokens; `users revoke-token` ends one", STOPPED)

    out.print(_with_tokens(config, work), markup=False, soft_wrap=True)


@app.command("tokens")
def tokens(name: NameArgument, config: ConfigOption = None) -> None:
    """Tokens that are alive: id, name, acts, end, last use."""

    async def work(accounts: Accounts, tokens: Tokens) -> None:
        await _known(accounts, name)
        table = Table("jeton", "nom", "actes", "jusqu'au", "dernier usage", box=None)
        for one in await tokens.of(name):
            used = _day(one.used) if one.used else "jamais"
            table.add_row(one.id, one.name, ", ".join(one.acts), _day(one.expires), used)
        out.print(table)

    _with_tokens(config, work)


@app.command("revoke-token")
def revoke(
    name: NameArgument,
    token: Annotated[str, typer.Argument(metavar="TOKEN", help="Its id, as in `users tokens`.")],
    config: ConfigOption = None,
) -> None:
    """No program gets in with it any more."""

    async def work(_: Accounts, tokens: Tokens) -> None:
        if not await tokens.revoke(token, name, getpass.getuser()):
            fail(f"{name} has no token {token}", STOPPED)

    _with_tokens(config, work)
    out.print(f"{token} : jeton révoqué.")


@app.command("forget-passkeys")
def forget_passkeys(name: NameArgument, config: ConfigOption = None) -> None:
    """For lost or stolen ones: none of the account's opens anything any more."""

    async def work(accounts: Accounts, database: Database, settings: Config) -> int:
        await _known(accounts, name)
        keys, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
        return await Passkeys(database, keys, hmac_key).forget(name, getpass.getuser())

    out.print(f"{name} : clés d'accès retirées, {_with_store(config, work)}.")


@app.command("forget-identity")
def forget_identity(name: NameArgument, config: ConfigOption = None) -> None:
    """After a move to another provider of identities: the account is bound to the next person who
    comes from there under this name."""

    async def work(accounts: Accounts, database: Database, settings: Config) -> None:
        await _known(accounts, name)
        await Identities(database, load_hmac(settings.keys)).forget(name, getpass.getuser())

    _with_store(config, work)
    out.print(f"{name} : identité détachée.")


@app.command("list")
def list_(config: ConfigOption = None) -> None:
    """Names, roles, compartments, how and when each signed in."""

    async def work(accounts: Accounts, database: Database, settings: Config) -> None:
        keys, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
        passkeys = await Passkeys(database, keys, hmac_key).counts()
        heads = ("nom", "rôles", "compartiments", "entre par", "dernière entrée", "état")
        table = Table(*heads, box=None)
        for one in await accounts.list():
            known = one.password or one.entered
            state = "fermé" if one.disabled else "ouvert" if known else "invité"
            where = ", ".join(one.compartments) or "tous"
            last = f"{_day(one.entered)}, {way(one.entered_by)}" if one.entered else ""
            ways = ", ".join(_ways(one, passkeys.get(one.name, 0)))
            table.add_row(one.name, ", ".join(one.roles), where, ways, last, state)
        out.print(table)

    _with_store(config, work)


def _ways(account: Account, passkeys: int) -> Iterator[str]:
    """What an account can be entered by, as far as anybody here knows."""
    if account.password:
        yield way("local")
    if account.subject:
        yield way("oidc")
    if "ldap" in (account.origin, account.entered_by):
        yield way("ldap")
    if account.has_second_factor:
        yield "code"
    if passkeys:
        yield f"{way('passkey')} ({passkeys})"


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


def _known_compartments(given: list[str] | None, settings: Config) -> tuple[str, ...]:
    """() is all: said aloud where there are several, for nobody means to show staff
    representatives' mail to everybody by leaving a word out."""
    known = {DEFAULT, *settings.compartments}
    if given == ["*"] or (not given and len(known) < 2):
        return ()
    wrong = [name for name in given or () if name not in known]
    if wrong or not given:
        say = f"no compartment {wrong[0]}" if wrong else "whose mail? name a --compartment"
        fail(f"{say}; known: {', '.join(sorted(known))}, or '*' for all")
    return tuple(given or ())


async def _known(accounts: Accounts, name: str) -> Account:
    found = await accounts.get(name)
    if found is None:
        fail(f"{name}: no such account", STOPPED)
    return found


def _day(epoch: float) -> str:
    return f"{datetime.fromtimestamp(epoch):%d/%m/%Y}"


def _with_tokens(config: Path | None, work: Callable[[Accounts, Tokens], Awaitable[T]]) -> T:
    return _with_store(config, lambda accounts, database, _: work(accounts, Tokens(database)))


def _with_accounts(config: Path | None, work: Callable[[Accounts, Config], Awaitable[T]]) -> T:
    return _with_store(config, lambda accounts, _, settings: work(accounts, settings))


def _with_store(
    config: Path | None, work: Callable[[Accounts, Database, Config], Awaitable[T]]
) -> T:
    with clear_errors():
        settings = configuration(config)
        keys, hmac_key = load_public(settings.keys), load_hmac(settings.keys)
        database = Database.open(settings.database)

        async def run() -> T:
            return await work(Accounts(database, keys, hmac_key), database, settings)

        try:
            return asyncio.run(run())
        finally:
            database.close()
    raise AssertionError  # clear_errors raises in every other case
