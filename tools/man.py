"""`make man`: pages of the manual, made from what `--help` says; nothing is written twice.

vaguemestre.1               the commands
vaguemestre-<command>.1     one each, with what stands below it
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gateway import __version__
from gateway.cli import main

_STATUSES = """\
0: done, nothing stopped. 1: something is stopped, or a check failed. 2: usage, configuration, or a
file that cannot be read."""
_FILES = "gateway.yaml in the current folder, unless \\fB\\-\\-config\\fR names another."


def pages() -> Mapping[str, str]:
    """File name -> roff."""
    loaded = {name: main._loaded(name) for name in main.COMMANDS}
    found = {"vaguemestre.1": _page("vaguemestre", main.root.__doc__ or "", _overview())}
    for name, command in loaded.items():
        title = f"vaguemestre-{name}"
        found[f"{title}.1"] = _page(title, main.COMMANDS[name], _body(name, command))
    return found


def _page(title: str, short: str, body: Iterator[str]) -> str:
    # Of the version, not of the day: the same source makes the same page.
    made = datetime.fromtimestamp(int(os.environ.get("SOURCE_DATE_EPOCH", "0")), UTC)
    day = f"{made:%Y-%m-%d}" if "SOURCE_DATE_EPOCH" in os.environ else ""
    head = [
        f'.TH "{title.upper()}" 1 "{day}" "vaguemestre {__version__}" "Vaguemestre"',
        ".SH NAME",
        f"{_text(title)} \\- {_text(short.strip().rstrip('.'))}",
    ]
    tail = [".SH EXIT STATUS", _text(_STATUSES), ".SH FILES", _FILES]
    return "\n".join([*head, *body, *tail]) + "\n"


def _overview() -> Iterator[str]:
    yield from (".SH SYNOPSIS", "\\fBvaguemestre\\fR \\fICOMMAND\\fR [\\fIOPTIONS\\fR] ...")
    yield ".SH COMMANDS"
    for name, short in main.COMMANDS.items():
        yield from (".TP", f"\\fBvaguemestre\\-{_text(name)}\\fR(1)", _text(short))


def _body(name: str, command: Any) -> Iterator[str]:
    below = getattr(command, "commands", None)
    if below is None:
        yield from (".SH SYNOPSIS", _synopsis(name, command), ".SH DESCRIPTION")
        yield from _said(command)
        return
    yield ".SH SYNOPSIS"
    for sub, leaf in below.items():
        yield from (_synopsis(f"{name} {sub}", leaf), ".br")
    for sub, leaf in below.items():
        yield f'.SH "{_text(f"{name} {sub}".upper())}"'
        yield from _said(leaf)


def _synopsis(name: str, leaf: Any) -> str:
    words = [_named(one) for one in leaf.params if one.param_type_name == "argument"]
    return f"\\fBvaguemestre {_text(name)}\\fR [\\fIOPTIONS\\fR] {_text(' '.join(words))}".rstrip()


def _said(leaf: Any) -> Iterator[str]:
    for number, paragraph in enumerate((leaf.help or "").split("\n\n")):
        yield from ([".PP"] if number else [])
        yield _text(paragraph)
    for parameter in leaf.params:
        names, said = _record(parameter)
        yield from (".TP", f"\\fB{_text(names)}\\fR", _text(said))


def _record(parameter: Any) -> tuple[str, str]:
    said = parameter.help or ""
    if parameter.param_type_name == "argument":
        return _named(parameter), said
    names = ", ".join(parameter.opts)
    return (names if parameter.is_flag else f"{names} {_named(parameter)}"), said


def _named(parameter: Any) -> str:
    """Of what one gives: PATHS..., or the words to choose from."""
    described = parameter.type_descriptor
    word = parameter.metavar or parameter.name.upper().strip("_")
    if described.is_choice and parameter.metavar is None:
        word = "|".join(str(getattr(one, "value", one)) for one in described.choices)
    return f"{word}..." if parameter.nargs == -1 and not word.endswith("...") else word


def _text(text: str) -> str:
    """What roff would take for its own, and the hyphens that one copies."""
    safe = text.replace("\\", "\\e").replace("-", "\\-").strip()
    lines = (f"\\&{line}" if line[:1] in ".'" else line for line in safe.splitlines())
    return "\n".join(lines)


def write(folder: Path) -> int:
    folder.mkdir(parents=True, exist_ok=True)
    made = pages()
    for name, text in made.items():
        (folder / name).write_text(text, "utf-8")
    return len(made)


if __name__ == "__main__":
    where = Path(sys.argv[1] if sys.argv[1:] else "build/man")
    print(f"{write(where)} pages in {where}; read one: man -l {where}/vaguemestre-scan.1")
