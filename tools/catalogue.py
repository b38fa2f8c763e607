"""Write locale/en.po of console and portal anew: each text, with the translation it has.

    python -m tools.catalogue            what has none yet is printed, and the exit status is 1

Texts stand in French in templates and code; those that a page takes from a table (states, reasons,
kinds of findings) are named by the modules that hold the tables. What shipped rules say of
themselves is of the pages, too; their sources, names of French law, stay as they are.
"""

from __future__ import annotations

import sys
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

from gateway.config import SHIPPED_RULES
from gateway.console import rulings, shown
from gateway.detect import search
from gateway.rulebook import read_rules

_GATEWAY = Path(__file__).resolve().parents[1] / "gateway"
CONSOLE, PORTAL = _GATEWAY / "console", _GATEWAY / "portal"
_METHODS = [("**.py", "python"), ("**.html", "jinja2.ext.babel_extract")]
_KEYWORDS = {"_": None, "words": None, "say": None, "many": (1, 2), "later": None}


def texts(folder: Path = CONSOLE) -> list[str | tuple[str, str]]:
    """Every text in French, once; (one, several) where a number decides."""
    found: dict[str | tuple[str, str], None] = {}
    options = {"**.html": {"trimmed": "true"}}
    for _, _, text, _, _ in extract_from_dir(
        folder, _METHODS, options_map=options, keywords=_KEYWORDS, comment_tags=()
    ):
        found[tuple(text) if isinstance(text, tuple) else text] = None  # type: ignore[index]
    if folder == CONSOLE:
        for text in (*shown.texts(), *rulings.texts(), *said_by_rules()):
            found[text] = None
    return sorted(found, key=str)


def said_by_rules() -> tuple[str, ...]:
    """Of the rules that come with the gateway."""
    rules = read_rules((SHIPPED_RULES,), search.kinds()).rules
    said = ((rule.title, rule.description, rule.false_positives) for rule in rules)
    return tuple(text for texts in said for text in texts if text)


def build(folder: Path = CONSOLE) -> Catalog:
    known, path = Catalog(locale="en"), path_of(folder)
    if path.exists():
        with path.open("rb") as file:
            known = read_po(file, locale="en")
    fresh = Catalog(locale="en", project="Vaguemestre", fuzzy=False)
    for text in texts(folder):
        had = known.get(text[0] if isinstance(text, tuple) else text)
        fresh.add(text, had.string if had else None)
    return fresh


def path_of(folder: Path) -> Path:
    return folder / "locale" / "en.po"


def lacking(catalogue: Catalog) -> list[object]:
    """The texts that have no translation."""
    return [m.id for m in catalogue if m.id and not (m.string and all(m.string))]


def main() -> int:
    missing: list[object] = []
    for folder in (CONSOLE, PORTAL):
        catalogue = build(folder)
        with path_of(folder).open("wb") as file:
            # Without its header: dates and names that change at each run and say nothing here.
            write_po(file, catalogue, omit_header=True, width=100, sort_output=True)
        missing += lacking(catalogue)
    for text in missing:
        print(text)
    return 1 if missing else 0


if __name__ == "__main__":
    sys.exit(main())
