"""What a page is made of, whatever it was before: runs of words, tables, pictures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, repr=False)
class Run:
    """Words of one look. A line feed ends the line."""

    text: str
    bold: bool = False
    italic: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Words:
    """A paragraph. level: of a heading, 1 to 6; 0: none. indent: of lists and quotations. mark: of
    an item in a list, "•" or "3.". gap: whether room is left above."""

    runs: tuple[Run, ...]
    level: int = 0
    indent: int = 0
    mark: str = ""
    gap: bool = True


@dataclass(frozen=True, slots=True, repr=False)
class Grid:
    """Rows of cells, each of paragraphs; as many cells in every row. headed: the first row names
    the columns."""

    rows: tuple[tuple[tuple[Words, ...], ...], ...]
    headed: bool = False


@dataclass(frozen=True, slots=True, repr=False)
class Picture:
    """data: of a file that nobody has looked into yet. width: that is asked for, in pixels of a
    screen; 0: its own."""

    data: bytes
    alt: str = ""
    width: int = 0


@dataclass(frozen=True, slots=True)
class Rule:
    """A line across the page."""


Block = Words | Grid | Picture | Rule


def plain(text: str) -> tuple[Words, ...]:
    """Paragraphs of a text: an empty line parts them."""
    found: list[Words] = []
    lines: list[str] = []
    for line in (*text.splitlines(), ""):
        if line.strip():
            lines.append(line.rstrip().expandtabs(4))
        elif lines:
            found.append(Words((Run("\n".join(lines)),)))
            lines = []
    return tuple(found)
