"""The pages of docs/detectors, from each detector's module and the table of its examples.

python -m tools.detector_pages            write them
python -m tools.detector_pages --check    exit status 1 where one is out of date
"""

from __future__ import annotations

import argparse
import inspect
import re
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from types import ModuleType

import gateway.detect
from gateway.detect.detector import Detector
from gateway.detect.heads import Head
from gateway.model import Likelihood
from tests.makers.examples import FOUND, LEFT, MISSED

DIRECTORY = Path(__file__).parents[1] / "docs" / "detectors"
INDEX = "README.md"
_LONGEST = 700  # characters of a pattern that anybody reads
_LONGEST_EXAMPLE = 110


def pages() -> dict[str, str]:
    """File name -> what is in it."""
    known = sorted(_modules(), key=lambda module: module.DETECTOR.kind)
    rows = [
        f"| [`{module.DETECTOR.kind}`]({module.DETECTOR.kind}.md) | {_first_line(module)} |"
        for module in known
    ]
    index = [
        "# What is looked for",
        "",
        "One page for each kind of finding that rules may name. All are made by `make pages` from",
        "the detector's module and from `tests/makers/examples.py`, which its tests run.",
        "",
        "| kind | what it is |",
        "|---|---|",
        *rows,
    ]
    made = {f"{module.DETECTOR.kind}.md": _page(module) for module in known}
    return {INDEX: "\n".join(index) + "\n", **made}


def _modules() -> list[ModuleType]:
    names = [module.name for module in iter_modules(gateway.detect.__path__)]
    modules = [import_module(f"gateway.detect.{name}") for name in names]
    return [module for module in modules if hasattr(module, "DETECTOR")]


def _first_line(module: ModuleType) -> str:
    first, *_ = re.split(r"[:;.](?: |\n|$)", inspect.getdoc(module) or "")
    return " ".join(first.split())


def _page(module: ModuleType) -> str:
    detector: Detector = module.DETECTOR
    kind = detector.kind
    source = f"../../gateway/detect/{module.__name__.rpartition('.')[2]}.py"
    parts = [f"# {kind}", inspect.getdoc(module) or "", f"[The module]({source})"]
    if patterns := _patterns(module):
        parts += ["## Patterns", "Of folded text (`gateway/detect/fold.py`):", patterns]
    if kind in FOUND:
        shown = detector.mask(FOUND[kind][0][1])
        parts += ["## Shown as", f"`{shown}`", "## Found", _table(_found(kind))]
    if kind in LEFT:
        parts += ["## Left alone, or possible at most", _table(_reasons(LEFT[kind]))]
    if kind in MISSED:
        parts += ["## Known misses", _table(_reasons(MISSED[kind]))]
    return "\n\n".join(parts) + "\n"


def _patterns(module: ModuleType) -> str:
    """Labels and numbers, as the module has them."""
    lines = []
    for name, value in vars(module).items():
        written = value.body if isinstance(value, Head) else getattr(value, "pattern", None)
        if isinstance(written, str):
            written = written.encode("latin-1")
        if isinstance(written, bytes) and len(written) <= _LONGEST and name.isupper():
            lines.append(f"{name.strip('_').lower():<10} {written.decode('latin-1')}")
    return "```\n" + "\n".join(lines) + "\n```" if lines else ""


def _found(kind: str) -> list[tuple[str, ...]]:
    words = {one.word: one.word.replace("_", " ") for one in Likelihood}
    return [("text", "how sure")] + [(_code(text), words[sure]) for text, _, sure in FOUND[kind]]


def _reasons(rows: tuple[tuple[str, str], ...]) -> list[tuple[str, ...]]:
    return [("text", "why")] + [(_code(text), why) for text, why in rows]


def _code(text: str) -> str:
    """In a cell of a table."""
    text = text.replace("\n", " ⏎ ").replace("|", r"\|")
    if len(text) > _LONGEST_EXAMPLE:
        text = f"{text[:_LONGEST_EXAMPLE]}…"
    return f"`{text}`"


def _table(rows: list[tuple[str, ...]]) -> str:
    head, *rest = rows
    lines = ["| " + " | ".join(row) + " |" for row in (head, ("---",) * len(head), *rest)]
    return "\n".join(lines)


def outdated() -> list[str]:
    """Pages that are not what would be written, missing or in excess."""
    wanted = pages()
    there = {path.name: path.read_text("utf-8") for path in DIRECTORY.glob("*.md")}
    return sorted(name for name in wanted | there if wanted.get(name) != there.get(name))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true")
    if parser.parse_args().check:
        print(*outdated(), sep="\n")
        return 1 if outdated() else 0
    DIRECTORY.mkdir(exist_ok=True)
    for name in outdated():
        path = DIRECTORY / name
        if name in pages():
            path.write_text(pages()[name], "utf-8")
        else:
            path.unlink()
        print(path.name)
    return 0


if __name__ == "__main__":
    sys.exit(main())
