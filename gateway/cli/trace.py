"""`vaguemestre trace`: where is my mail?

Asked by whatever name somebody has in hand: our code, the queue id of the mail server in front, the
one that the next hop gave it, its Message-ID, or the keyed hash that log and store have of that.
Told from the logs (of every node that had it) and the store, whichever has it: mail that passed
stands in a log alone.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from typing import Annotated

import typer

from gateway import parts
from gateway.cli.common import (
    STOPPED,
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    configuration,
    fail,
    print_json,
    show,
)
from gateway.cli.log_lines import Line, Log
from gateway.cli.story import Step, of_line, of_store
from gateway.config import Config
from gateway.errors import GatewayError
from gateway.store import message_id
from gateway.store.database import Database
from gateway.store.hmac_key import honoured
from gateway.store.keys import load_hmac
from gateway.store.trace import Story, Trace
from gateway.watch.journal import SHOWN

_HASH = re.compile(rf"[0-9a-fA-F]{{{SHOWN},64}}", re.ASCII)
LONGEST_NAME = 2_000  # characters: beyond, it is no name of a mail


def trace(
    identity: Annotated[
        str,
        typer.Argument(
            metavar="ID",
            help="Our code (7K2F-9QXD), a queue id of either side, a Message-ID or its hash.",
        ),
    ],
    config: ConfigOption = None,
    log: Annotated[
        list[Path] | None,
        typer.Option("--log", help="A log, - for stdin; may be repeated. Default: `log.file`."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """What became of a mail: doors, verdicts, what was sent where with which reply, rulings."""
    name = identity.strip()[:LONGEST_NAME]
    if not name:
        fail("name a mail: a code, a queue id or a Message-ID")
    with clear_errors():
        settings = configuration(config)
        written, keys = name.encode("utf-8", "replace"), honoured(load_hmac(settings.keys))
        hashed = tuple(filter(None, (message_id.of_id(key, written) for key in keys)))
        if _HASH.fullmatch(name):
            hashed = (*hashed, name.lower())
        chosen = dict.fromkeys(log or filter(None, [settings.log.file]))
        steps = _steps(settings, name, hashed, [Log(path) for path in chosen])
    if not steps:
        where = "" if chosen else "; no log was searched: name it with --log"
        fail(f"{name[:80]}: unknown here{where}", STOPPED)
    for step in steps:
        if json:
            print_json(step.said)
        else:
            show(step.told(parts.timezone(settings)))


def _steps(settings: Config, name: str, hashed: Collection[str], logs: Sequence[Log]) -> list[Step]:
    names = {name, name.upper(), *(one[:SHOWN] for one in hashed)} - {""}
    first = [
        line
        for log in logs
        for line in log.lines(names, lambda line: not names.isdisjoint(_names(line)))
    ]
    logged = {_code(line.get("id")) for line in first} - {""}
    pairs = {_pair(line) for line in first} - {None}
    codes, story = _stored(settings, name, hashed, logged)
    steps = [*of_store(story)]
    if codes or pairs:
        wanted = {*codes, *(pair[0] for pair in pairs if pair)}

        def is_ours(line: Line) -> bool:
            return _code(line.get("id")) in codes or _pair(line) in pairs

        steps += [of_line(line) for log in logs for line in log.lines(wanted, is_ours)]
    return sorted(steps, key=lambda step: step.at)


def _stored(
    settings: Config, name: str, hashed: Collection[str], logged: Collection[str]
) -> tuple[frozenset[str], Story]:
    """All codes known now, and what the store tells of them; without a store, what the log said."""
    path = settings.database.removeprefix("sqlite:///")
    if path != settings.database and not Path(path).exists():
        return frozenset(logged), Story()

    async def ask(database: Database) -> tuple[frozenset[str], Story]:
        known = Trace(database)
        codes = await known.codes(name, hashed) | await known.codes(name.upper())
        return codes | set(logged), await known.story(codes | set(logged))

    try:
        database = Database.open(settings.database)
        try:
            return asyncio.run(ask(database))
        finally:
            database.close()
    except GatewayError as error:
        complain(f"the store was not searched: {error}")
        return frozenset(logged), Story()


def _names(line: Line) -> Iterable[str]:
    """Every name by which this line may be asked for."""
    yield _code(line.get("id"))
    for key in ("id", "queue_id", "message", "queued"):
        yield str(line.get(key) or "")
    recipients = line.get("recipients")
    for one in recipients if isinstance(recipients, list) else ():
        if isinstance(one, dict):
            yield from str(one.get("hop") or "").split(" ")[2:]


def _pair(line: Line) -> tuple[str, str] | None:
    """The same for every try of one mail, and for no other: queue ids come again, alone."""
    pair = str(line.get("queue_id") or ""), str(line.get("message") or "")
    return pair if all(pair) else None


def _code(hold: object) -> str:
    """Of a mail, of any of its holds ("7K2F-9QXD.2")."""
    return str(hold or "").partition(".")[0]
