"""`vaguemestre scan`: what would become of these mails."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import Progress

from gateway.cli.common import (
    STOPPED,
    USAGE,
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    config_or_none,
    out,
    plain,
    print_json,
)
from gateway.cli.messages import messages
from gateway.cli.verdicts import Bench, Judged, as_json
from gateway.model import Disposition

_WAITS = dict.fromkeys(("delay", "confirm", "review"), "magenta")
COLOURS = {"pass": "green", "encrypt": "cyan", "quarantine": "yellow", "reject": "red"} | _WAITS


def scan(
    paths: Annotated[
        list[str], typer.Argument(help=".eml, Maildir, mbox, directory, or - for stdin.")
    ],
    config: ConfigOption = None,
    rules: Annotated[list[Path] | None, typer.Option(help="Directories of rules.")] = None,
    sender: Annotated[str | None, typer.Option("--from", help="Envelope sender.")] = None,
    to: Annotated[
        list[str] | None, typer.Option("--to", help="Envelope recipient; repeat.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Judge mails as a door would, without sending or keeping anything.

    Exit status 1 if one of them would be stopped or encrypted; 2 if a file could not be read,
    whatever became of the others.
    """
    with clear_errors():
        status = asyncio.run(_scan(paths, config, rules or [], sender, to or [], json))
    raise typer.Exit(status)


async def _scan(
    paths: list[str],
    config: Path | None,
    rules: list[Path],
    sender: str | None,
    to: list[str],
    json: bool,
) -> int:
    stopped, unread = False, False

    def skip(path: str, why: str) -> None:
        nonlocal unread
        unread = True
        complain(f"{path}: {why}")

    async with Bench(config_or_none(config), rules) as bench:
        with Progress(console=out, transient=True, disable=json or not out.is_terminal) as bar:
            task = bar.add_task("scan", total=None)
            for path, content in messages(paths, skip):
                judged = await bench.judge(path, content, sender, to)
                stopped |= judged.disposition is not Disposition.PASS
                print_json(as_json(judged)) if json else _show(judged)
                bar.advance(task)
    return USAGE if unread else STOPPED if stopped else 0


def _show(judged: Judged) -> None:
    colour = COLOURS.get(judged.disposition.value, "white")
    out.print(f"[{colour}]{judged.disposition.value:<10}[/] ", end="")
    rules = sorted({verdict.rule for verdict in judged.verdicts if verdict.rule})
    out.print(plain(judged.path), *rules, markup=False)
