"""`vaguemestre trace`: where is my mail?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway.cli.common import STOPPED, ConfigOption, clear_errors, configuration, fail, show
from gateway.cli.quarantine import STATES, Desk, at_desk, every_hold
from gateway.store.schema import State

MAX_LINE = 1 << 20


def trace(
    identity: Annotated[
        str, typer.Argument(metavar="ID", help="Our code (7K2F-9QXD) or Postfix's queue id.")
    ],
    config: ConfigOption = None,
    log: Annotated[
        Path | None, typer.Option("--log", help="The log; by default `log.file`.")
    ] = None,
) -> None:
    """What became of one mail: verdicts, what was sent where with which reply, rulings."""
    with clear_errors():
        chosen = log or configuration(config).log.file
    lines = list(_logged(chosen, identity)) if chosen else []
    ours = {str(line["id"]) for line in lines if "id" in line} | {identity}

    async def work(desk: Desk) -> list[str]:
        told = []
        async for one in every_hold(desk.holds, tuple(State)):
            if one.id.partition(".")[0] in ours or one.queue_id == identity:
                told.append(f"dossier {one.id} : {STATES[one.state]}, règle {one.rule}")
                told += [
                    f"  {desk.calendar.in_words(event.at)} : "
                    f"{event.kind} {event.who} {event.detail}"
                    for event in await desk.holds.history(one.id)
                ]
        return told

    held = at_desk(config, work)
    if not lines and not held:
        where = "" if chosen else "; no log was searched: name it with --log"
        fail(f"{identity}: unknown here{where}", STOPPED)
    for line in lines:
        show(json.dumps(line, ensure_ascii=False))
    for told in held:
        show(told)


def _logged(path: Path, identity: str) -> Iterator[dict[str, object]]:
    """Lines that name this id, or one of our ids that they lead to."""
    wanted = {identity}
    try:
        with path.open(encoding="ascii", errors="replace") as file:
            for text in iter(lambda: file.readline(MAX_LINE), ""):
                if not any(name in text for name in wanted):
                    continue
                try:
                    line = json.loads(text)
                except ValueError:
                    continue
                if wanted & {line.get("id"), line.get("queue_id")}:
                    wanted.add(str(line.get("id")))
                    yield line
    except OSError as error:
        fail(f"{path}: {error.strerror}")
