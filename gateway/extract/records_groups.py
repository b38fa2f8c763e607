"""Groups of values in brackets, as programs print rows and columns.

    [("TEST", "Anne", 1985), ("ESSAI", "Paul", 1960)]    add("TEST", "Anne"); add("ESSAI", "Paul")
    {"nom": ["TEST", "ESSAI"], "prenom": ["Anne", …]}    data.frame(nom = c("TEST", "ESSAI"), …)

Groups of one length are the rows of a table; where each has a name of its own, they are columns.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.extract import escapes

_SIGNS = ("',", '",')
_STRING = r"""[brfuNE]?(?:"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+')"""
_BARE = r"-?[0-9][\w.,:\-]*?|null|None|nil|NULL|NA|NaN|[tT]rue|[fF]alse|TRUE|FALSE"
_VALUE = re.compile(rf"\s*+(?:({_STRING})|({_BARE}))\s*+(,\s*+[\])]|[,\])])")
_NAME = re.compile(r"([^\W\d][\w.\-]{0,60})[\"'`]?\s{0,20}(?:<-|=>|=|:)\s{0,20}[a-z]{0,10}\s?$")
_NAME_SEEN = 120  # characters
_OPENED = re.compile(r"[(\[](?=\s{0,40}+(?:[brfuNE]?[\"']|-?[0-9]))")
_NUMBERS = re.compile(r"[^\"']++")
_NOTHING = frozenset(("null", "None", "nil", "NULL", "NA", "NaN"))
_FAR = 40  # characters between two groups of a table: "); add(", or "], "rows": [["
_FEWEST = 2  # values of a group
_FEWEST_ROWS = 3  # or columns: programs are full of pairs of strings
# What tells a person in such a row; the words of a program begin with a small letter.
_OF_SOMEBODY = re.compile(
    r"[^\W\d_a-z][^\W\d_]*+(?:[ '\-][^\W\d_]++)*+|[12][0-9]{12,14}"
    r"|[0-9]{1,4}[/.\-][0-9]{1,2}[/.\-][0-9]{1,4}"
)


class _Group(NamedTuple):
    name: str
    values: tuple[str, ...]
    start: int
    end: int


def may_hold(text: str) -> bool:
    """Told in no time of a text whose characters take one byte each; most have none."""
    return any(sign in text for sign in _SIGNS)


def read(text: str) -> Iterator[tuple[tuple[str, ...], Sequence[tuple[str, ...]]]]:
    """Header, or () where columns have no names, and rows of each table."""
    for run in _runs(text):
        if 2 * sum(any(map(_OF_SOMEBODY.fullmatch, group.values)) for group in run) < len(run):
            continue
        named = {group.name: group.values for group in run if group.name}
        if len(named) == len(run):
            yield tuple(named), list(zip(*named.values(), strict=True))
        else:
            yield (), [group.values for group in run]


def _runs(text: str) -> Iterator[list[_Group]]:
    """Groups of one length that stand next to each other."""
    run: list[_Group] = []
    for group in _groups(text):
        if run and (
            len(group.values) != len(run[0].values)
            or len(text[run[-1].end : group.start].strip()) > _FAR
        ):
            yield from _table(run)
            run = []
        run.append(group)
    yield from _table(run)


def _table(run: list[_Group]) -> Iterator[list[_Group]]:
    if len(run) >= _FEWEST and (len(run) >= _FEWEST_ROWS or len(run[0].values) >= _FEWEST_ROWS):
        yield run


def _groups(text: str) -> Iterator[_Group]:
    at = 0
    while opened := _OPENED.search(text, at):
        values: list[str] = []
        at = opened.end()
        while value := _VALUE.match(text, at):
            at = value.end()
            values.append(_meant(value))
            if value[3] != ",":
                break
        else:
            continue
        start = opened.start()
        if len(values) >= _FEWEST and not _NUMBERS.fullmatch(text, opened.end(), at):
            named = _NAME.search(text[max(0, start - _NAME_SEEN) : start])
            yield _Group(named[1] if named else "", tuple(values), start, at)


def _meant(value: re.Match[str]) -> str:
    quoted, bare, _ = value.groups()
    if quoted is None:
        return "" if bare in _NOTHING else bare
    inner = quoted[quoted.index(quoted[-1]) + 1 : -1]
    return escapes.plain(inner)
