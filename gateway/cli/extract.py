"""`vaguemestre extract`: what is read in mails or bare files. Prints content.

It reads in its own process, not behind the sandbox's wall: the wall lets no text through.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from gateway import inspection
from gateway.cli.common import (
    USAGE,
    ConfigOption,
    JsonOption,
    clear_errors,
    complain,
    config_or_none,
    out,
    plain,
    print_json,
    show,
)
from gateway.cli.messages import MAX_BYTES
from gateway.model import DEFAULT_LIMITS, Limits


def extract(
    paths: Annotated[
        list[str], typer.Argument(help="Mails, or files as one attaches them; - for stdin.")
    ],
    config: ConfigOption = None,
    json: JsonOption = False,
) -> None:
    """Show what would be searched, part by part: for tests and for officers.

    The configuration gives the limits. Exit status 2 if a file could not be read.
    """
    status = 0
    with clear_errors():
        settings = config_or_none(config)
        limits = settings.limits.of_inspection() if settings else DEFAULT_LIMITS
        for path in paths:
            try:
                data = _bytes(path)
            except OSError as error:
                complain(f"{path}: {error.strerror}")
                status = USAGE
            else:
                for part in _parts(path, data, limits):
                    print_json(part) if json else _show(part)
    raise typer.Exit(status)


def _bytes(path: str) -> bytes:
    """One byte too many is enough for `limits` to refuse it."""
    if path == "-":
        return typer.get_binary_stream("stdin").read(MAX_BYTES + 1)
    with Path(path).open("rb") as stream:
        return stream.read(MAX_BYTES + 1)


def _parts(path: str, data: bytes, limits: Limits) -> Iterator[dict[str, object]]:
    """The contract of `extract --json`."""
    name = "" if path == "-" else Path(path).name
    for part in inspection.extracts(name, data, limits):
        yield {
            "path": path,
            "place": str(part.place),
            "kind": part.kind,
            "name": part.name,
            "coverage": part.coverage.value,
            "text": part.text,
            "problems": [
                {"kind": p.kind.value, "place": str(p.place), "detail": p.detail}
                for p in part.problems
            ],
        }


def _show(part: dict[str, object]) -> None:
    kind = part["kind"] or "?"
    out.rule(plain(f"{part['place']} ({kind}, {part['coverage']})"), align="left")
    problems = part["problems"]
    assert isinstance(problems, list)
    for problem in problems:
        show(f"! {problem['kind']} {problem['detail']}")
    show(str(part["text"]))
