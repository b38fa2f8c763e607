"""What commands share: the configuration, clear errors, exit statuses.

0: done, nothing stopped. 1: something stopped, or a check failed. 2: usage or configuration.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer
from rich.console import Console

from gateway.errors import GatewayError, Misconfigured

if TYPE_CHECKING:
    from gateway.config import Config

STOPPED, USAGE = 1, 2
DEFAULT = Path("gateway.yaml")

PIPE_COLUMNS = 140  # a table written into a file or a pipe keeps its addresses on one line

# Lines end at "\n" for us, but at these too for many readers of JSON lines.
_OTHER_LINE_ENDS = {ord(end): f"\\u{ord(end):04x}" for end in "\x85\u2028\u2029"}
# What a mail may not do to the terminal it is shown on: C0 and C1 controls, and changes of
# direction, which make a text read as another.
_CONTROLS = dict.fromkeys(
    (*range(9), *range(11, 32), *range(127, 160), *range(0x202A, 0x202F), *range(0x2066, 0x206A)),
    "\ufffd",
)

out = Console(highlight=False, soft_wrap=True)
if not out.is_terminal:
    out.width = PIPE_COLUMNS

ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="gateway.yaml; by default the one in this directory."),
]
JsonOption = Annotated[bool, typer.Option("--json", help="One JSON object a line, nothing else.")]


def fail(text: str, status: int = USAGE) -> NoReturn:
    complain(text)
    raise typer.Exit(status)


def complain(text: str) -> None:
    print(plain(text), file=sys.stderr, flush=True)


@contextmanager
def clear_errors() -> Iterator[None]:
    """A refusal of ours is printed as it is, without a traceback."""
    try:
        yield
    except Misconfigured as refusal:
        fail(str(refusal))
    except GatewayError as error:
        fail(str(error), STOPPED)


def configuration(path: Path | None) -> Config:
    """The file asked for, else ./gateway.yaml, which must exist. Its identifiers are known then,
    since rules may name them."""
    from gateway import identifiers
    from gateway.config import read_config

    chosen = path or DEFAULT
    if not chosen.exists():
        fail(f"{chosen}: no such file; name yours with --config")
    found = read_config(chosen)
    identifiers.install(found.identifiers)
    return found


def demand_store(url: str) -> None:
    """Rather than make an empty one where no gateway ever ran, and say that nothing is held."""
    path = url.removeprefix("sqlite:///")
    if path != url and not Path(path).exists():
        fail(f"{path}: no such database; `serve` makes it at its first start")


def config_or_none(path: Path | None) -> Config | None:
    """The file asked for, else ./gateway.yaml if there is one."""
    return configuration(path) if path or DEFAULT.exists() else None


def print_json(value: object) -> None:
    """One line of UTF-8, whatever the locale; a lone surrogate stays the escape that it is."""
    line = json.dumps(value, ensure_ascii=False).translate(_OTHER_LINE_ENDS)
    typer.get_binary_stream("stdout").write(line.encode("utf-8", "backslashreplace") + b"\n")


def show(text: str) -> None:
    """Print what came out of a mail, or its name: no markup, no terminal's control sequences."""
    out.print(plain(text), markup=False)


def plain(text: str) -> str:
    return text.translate(_CONTROLS)
