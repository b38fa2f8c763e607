"""`vaguemestre directory`: addresses of our own, by which a look-alike of a colleague is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, TypeVar

import typer

from gateway import ledger_parts, parts
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
from gateway.cli.roster import addresses
from gateway.config import Config
from gateway.ldap.wire import Away
from gateway.means.staff_care import Doubtful
from gateway.store.database import Database
from gateway.store.staff import Change, Source, Staff

T = TypeVar("T")
app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Addresses of staff: import, list, search."
)

_PAGE = 1_000
SAID = {Source.FILE: "fichier", Source.LDAP: "LDAP", Source.LEARNT: "appris de qui écrit"}


@app.command("import")
def bring(
    file: Annotated[list[Path], typer.Argument(help="CSV, LDIF, or one address a line.")],
    config: ConfigOption = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Take the whole list of staff from these files: who came from a file before, and is in none
    of them, goes."""
    with clear_errors():
        settings = configuration(config)
        ours = parts.ours(settings)
        try:
            found = {one for path in file for one in addresses(path, ours)}
        except OSError as error:
            fail(f"{error.filename}: {error.strerror}")
        if not found:
            fail("no address of our domains in it: nothing was changed", STOPPED)
        change = _asked(
            settings, lambda db: ledger_parts.staff(db).replace(found, Source.FILE, dry=dry)
        )
    _tell(change, dry)


@app.command()
def sync(
    config: ConfigOption = None,
    dry: Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")] = False,
) -> None:
    """Take the whole list of staff from the directory of history.ldap, whatever goes by it; the
    gateway does so by itself, unless half of them would go."""
    with clear_errors():
        settings = configuration(config)
        if settings.history.ldap is None:
            fail("no directory is configured: history.ldap")
        change = _asked(settings, lambda database: _called(settings, database, dry))
    _tell(change, dry)


async def _called(settings: Config, database: Database, dry: bool) -> Change:
    roll = ledger_parts.roll(settings, database)
    assert roll is not None
    try:
        return await roll.call(dry=dry, any_change=True)
    except Away as away:
        fail(f"the directory cannot be asked: {away.code}", STOPPED)
    except Doubtful as doubt:
        fail(f"{doubt}: nothing was changed", STOPPED)


def _tell(change: Change, dry: bool) -> None:
    would = "à l'essai, rien n'est changé : " if dry else ""
    told = f"{change.found} adresses lues, {change.added} nouvelles, {change.gone} retirées."
    out.print(f"{would}{told}")


@app.command("list")
def listed(config: ConfigOption = None, json: JsonOption = False) -> None:
    """Every address, and where it comes from."""
    _list("", config, json)


@app.command()
def search(
    words: Annotated[str, typer.Argument(help="Letters that the address has.")],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Addresses that have these letters; exit status 1 where there is none."""
    if not _list(words, config, json):
        raise typer.Exit(STOPPED)


def _list(words: str, config: Path | None, json: bool) -> int:
    with clear_errors():
        settings = configuration(config)
        return _asked(settings, lambda db: _print(ledger_parts.staff(db), words, json))


async def _print(staff: Staff, words: str, json: bool) -> int:
    after, count = "", 0
    while some := await staff.list(words, after=after, limit=_PAGE):
        for address, source in some:
            if json:
                print_json({"address": address, "source": source})
            else:
                show(f"{address}  {SAID[Source(source)]}")
        after, count = some[-1][0], count + len(some)
    return count


def _asked(settings: Config, work: Callable[[Database], Coroutine[Any, Any, T]]) -> T:
    database = Database.open(settings.database)
    try:
        return asyncio.run(work(database))
    finally:
        database.close()
