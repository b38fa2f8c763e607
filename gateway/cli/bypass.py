"""`vaguemestre bypass`: mail goes past the gateway, said aloud until it comes back.

Turns nothing by itself: who leaves out the gateway is the mail server, by the commands printed
here. What this keeps is the record, and the alarm: console, metric, log, a mail every hour.
"""

from __future__ import annotations

import asyncio
import getpass
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Annotated, TypeVar

import typer

from gateway import parts
from gateway.cli.bypass_recipes import RECIPES, commands
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    fail,
    out,
    print_json,
    show,
)
from gateway.config import Config
from gateway.errors import Misconfigured
from gateway.store.bypass import Bypass, Period
from gateway.store.database import Database
from gateway.store.keys import OpeningKey, asks_passphrase, load_private, load_public
from gateway.store.vault import CannotOpen

T = TypeVar("T")
app = typer.Typer(add_completion=False, no_args_is_help=True, help="Out of the path and back.")


@app.command()
def on(
    reason: Annotated[str, typer.Option("--reason", help="Why; kept with the period.")],
    config: ConfigOption = None,
) -> None:
    """Declare that mail goes past the gateway, and print how to have it do so."""
    if not reason.strip():
        fail('--reason "…": it is kept with your name')
    settings, begun = _asked(config, lambda bypass: bypass.begin(getpass.getuser(), reason.strip()))
    if begun:
        out.print(
            "Sans contrôle à partir de maintenant : alarme jusqu'à « vaguemestre bypass off »."
        )
    else:
        out.print("Déjà déclaré : la période en cours continue.")
    _recipes(settings, back=False)


@app.command()
def off(config: ConfigOption = None) -> None:
    """Declare that mail comes through the gateway again, and print how to have it do so."""
    settings, ended = _asked(config, lambda bypass: bypass.end(getpass.getuser()))
    if not ended:
        fail("nothing to end: no bypass was declared", STOPPED)
    out.print("Fin de la période sans contrôle. Faites repasser le courrier par la passerelle :")
    _recipes(settings, back=True)


@app.command()
def status(
    config: ConfigOption = None,
    everything: Annotated[bool, typer.Option("--all", help="Every period there was.")] = False,
    json: JsonOption = False,
) -> None:
    """Whether mail goes past the gateway, since when, by whom; exit status 1 while it does."""
    settings, periods = _asked(config, lambda bypass: bypass.periods())
    standing = [period for period in periods if period.until is None]
    keys = _keys(settings)
    for period in periods if everything else standing:
        if json:
            print_json(_fields(period, keys))
        else:
            show(_told(period, settings, keys))
    if not standing and not json:
        out.print("Le courrier passe par la passerelle : aucun contournement déclaré.")
    raise typer.Exit(STOPPED if standing else 0)


def _asked(path: Path | None, work: Callable[[Bypass], Awaitable[T]]) -> tuple[Config, T]:
    with clear_errors():
        settings = configuration(path)
        public = load_public(settings.keys)
        database = Database.open(settings.database)
        try:
            return settings, asyncio.run(_run(work, Bypass(database, public)))
        finally:
            database.close()
    raise AssertionError  # clear_errors raises in every other case


async def _run(work: Callable[[Bypass], Awaitable[T]], bypass: Bypass) -> T:
    return await work(bypass)


def _recipes(settings: Config, *, back: bool) -> None:
    for door, recipe in RECIPES.items():
        configured = getattr(settings.doors, door)
        if configured is not None:
            show(f"\n# Porte {door}, {recipe.title}")
            show("\n".join(commands(door, configured.listen, back=back)))
    if settings.doors.submission or settings.doors.submissions:
        show("\n# Porte submission : voir « Dépôt » dans docs/operateur/contournement.md")


def _keys(settings: Config) -> tuple[OpeningKey, ...]:
    """None is asked for: without one, a period is told without its reason."""
    try:
        if asks_passphrase(settings.keys) and parts.passphrase() is None:
            return ()
        return load_private(settings.keys, parts.passphrase())
    except Misconfigured:
        return ()


def _told(period: Period, settings: Config, keys: tuple[OpeningKey, ...]) -> str:
    zone = parts.timezone(settings)
    since = f"{datetime.fromtimestamp(period.since, zone):%d/%m/%Y %H:%M}"
    reason = _reason(period, keys)
    why = f" « {reason} »" if reason else ""
    if period.until is None:
        return f"Sans contrôle depuis le {since}, déclaré par {period.who}{why}"
    until = f"{datetime.fromtimestamp(period.until, zone):%d/%m/%Y %H:%M}"
    return f"Du {since} au {until}, déclaré par {period.who}, fini par {period.ended_by}{why}"


def _fields(period: Period, keys: tuple[OpeningKey, ...]) -> dict[str, object]:
    return {
        "since": period.since,
        "until": period.until,
        "who": period.who,
        "ended_by": period.ended_by,
        "reason": _reason(period, keys),
    }


def _reason(period: Period, keys: tuple[OpeningKey, ...]) -> str:
    try:
        return period.reason(keys) if keys else ""
    except CannotOpen:
        return ""
