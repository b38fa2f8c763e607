"""`vaguemestre history`: who writes to whom, taken in from logs, shown to whom it concerns, erased.

A file is taken in once: what it holds is noted with it, piece by piece, so that a command that was
interrupted goes on where it stopped.
"""

from __future__ import annotations

import asyncio
import hashlib
import io
import zlib
from collections.abc import Iterator
from datetime import date
from itertools import islice
from pathlib import Path
from typing import IO, Annotated

import typer

from gateway import ledger_parts
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    configuration,
    demand_store,
    fail,
    out,
    print_json,
    show,
)
from gateway.cli.mail_logs import MAX_LINE, Left, mails, unpacked
from gateway.cli.standstill import told
from gateway.config import Config
from gateway.store.database import Database
from gateway.store.rows import Step

app = typer.Typer(
    add_completion=False, no_args_is_help=True, help="Who writes to whom: import, show, forget."
)

_PIECE = 500  # mails a transaction: doors write, too
_SHOWN = 10_000  # correspondents of one sender
_DIGEST = 40  # hex digits


@app.command("import")
def bring(
    file: Annotated[list[Path], typer.Argument(help="Postfix's log, its journal; Exchange's.")],
    config: ConfigOption = None,
) -> None:
    """Learn from logs of mail servers: Postfix (also .gz, and `journalctl -o json`), Exchange."""
    with clear_errors():
        settings = configuration(config)
        if not settings.history.enabled:
            fail("history: nothing is learnt here (enabled: false)")
        database = Database.open(settings.database)
        try:
            with told() as step:
                for path in file:
                    asyncio.run(_learn(settings, database, path, step))
        except (OSError, EOFError, zlib.error) as error:
            fail(f"read in part: {getattr(error, 'strerror', None) or 'damaged'}", STOPPED)
        finally:
            database.close()


@app.command("show")
def shown(
    address: Annotated[str, typer.Argument(help="Of one of ours, or of a correspondent.")],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """What is known of one address, for whoever it belongs to."""
    with clear_errors():
        settings = configuration(config)
        book, writers, staff = asyncio.run(_of(settings, address))
    if json:
        print_json({"address": address, "writes_to": book, "writers": writers, "staff": staff})
        return
    show(f"{address} : {'au personnel' if staff else 'pas au personnel'}")
    show(f"Expéditeurs de la maison qui lui écrivent : {writers} (lesquels, nul ne peut le lire)")
    show(f"Ses correspondants : {len(book)}")
    for one in book:
        show(f"  {one}")


@app.command("forget")
def forget(
    address: Annotated[str, typer.Argument(help="Of one of ours, or of a correspondent.")],
    config: ConfigOption = None,
) -> None:
    """Erase all that is known of one address, as sender and as recipient."""
    with clear_errors():
        rows = asyncio.run(_forget(configuration(config), address))
    out.print(f"{rows} lignes effacées." if rows else "Rien n'était su de cette adresse.")


async def _learn(settings: Config, database: Database, path: Path, step: Step) -> None:
    known = ledger_parts.correspondents(settings, database)
    staff, policy = ledger_parts.staff(database), ledger_parts.policy(settings)
    digest, written, size = _about(path)
    taken = skipped = 0
    with path.open("rb") as file:
        for number, piece in enumerate(_pieces(file, written)):
            source = f"file:{digest}:{number}"
            given = (policy.lesson(one.sender, one.recipients, one.day) for one in piece)
            lessons = [one for one in given if one is not None]
            if await known.is_learnt(source):
                skipped += len(lessons)
            else:
                await known.learn(lessons, source)
                taken += len(lessons)
            if lessons:  # again, too: whoever was interrupted may have stopped between the two
                last = max(one.day for one in lessons)
                await staff.learn({one.sender for one in lessons}, last + policy.keep_days)
            step(path.name, file.tell(), size)
    out.print(f"{path.name} : {taken} messages appris, {skipped} déjà connus.", markup=False)


def _pieces(file: IO[bytes], written: date) -> Iterator[list[Left]]:
    with io.TextIOWrapper(unpacked(file), "utf-8", errors="replace") as text:
        every = mails(iter(lambda: text.readline(MAX_LINE), ""), written)
        while piece := list(islice(every, _PIECE)):
            yield piece


def _about(path: Path) -> tuple[str, date, int]:
    """Its digest, when it was written, its size in bytes."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()[:_DIGEST]
    about = path.stat()
    return digest, date.fromtimestamp(about.st_mtime), about.st_size


async def _of(settings: Config, address: str) -> tuple[tuple[str, ...], int, bool]:
    """Whom it writes to, how many of ours write to it, whether it is a colleague's."""
    database = _opened(settings)
    try:
        known, today = ledger_parts.correspondents(settings, database), date.today().toordinal()
        return (
            await known.book(address, today, _SHOWN),
            await known.writers(address, today),
            bool(await ledger_parts.staff(database).among([address])),
        )
    finally:
        database.close()


async def _forget(settings: Config, address: str) -> int:
    database = _opened(settings)
    try:
        rows = await ledger_parts.correspondents(settings, database).forget(address)
        return rows + await ledger_parts.staff(database).forget(address)
    finally:
        database.close()


def _opened(settings: Config) -> Database:
    demand_store(settings.database)
    return Database.open(settings.database)
