"""What stands close to what: for each match, the kinds of the others within reach.

Reach depends on the medium. In running text, 300 characters; in a short document (a page, a form)
all of it; in cells the same row, or all of a form; in a file name or a header field all of it. A
person or a number found in the Subject concerns the whole message, one in a file's name the whole
file.
Only what is at least LIKELY can be near something; the cost is linear in the matches, times kinds.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.model import Likelihood, Match, Medium, Text

REACH = 300  # characters: the paragraph before and after
PAGE = 3000  # characters: a document no longer than this is about one thing
IDENTIFYING = (
    "fr.nia",
    "fr.nir",
    "fr.nir13",
    "person",
)  # what says whom a message or a file is about
_EVERYWHERE = 1 << 62
_CELL = 512  # characters
_WIDEST = 8 * _CELL
_NEVER = 1 << 63  # behind the last of all positions


class Seen(NamedTuple):
    """A match and its kind."""

    kind: str
    match: Match


def reach(text: Text) -> int:
    """How far apart two things in this text may stand and belong together, in characters."""
    if text.medium in (Medium.HEADER, Medium.NAME):
        return _EVERYWHERE
    if text.medium in (Medium.DOCUMENT, Medium.PICTURE) and len(text.text) <= PAGE:
        return _EVERYWHERE
    return REACH


def neighbours(seen: Sequence[Seen], within: int) -> list[frozenset[str]]:
    """For each of `seen`, the other kinds that have a LIKELY match at most `within` away."""
    if len({kind for kind, _ in seen}) <= 1:
        return [frozenset()] * len(seen)
    starts: dict[str, list[int]] = defaultdict(list)
    widest: dict[str, int] = defaultdict(int)
    for kind, match in sorted(seen, key=lambda s: s.match.start):
        if match.likelihood >= Likelihood.LIKELY:
            starts[kind].append(match.start)
            widest[kind] = max(widest[kind], match.end - match.start)
    if not starts:
        return [frozenset()] * len(seen)
    others = {kind: ([*at, _NEVER], within + widest[kind]) for kind, at in starts.items()}
    cells = _cells(others, within + max(match.end - match.start for _, match in seen))
    found = []
    for kind, match in seen:
        first, last = match.start, match.end + within
        close = []
        for other in cells.get(first // _CELL, ()) if cells else others:
            at, before = others[other]
            if other != kind and at[bisect_left(at, first - before)] <= last:
                close.append(other)
        found.append(frozenset(close))
    return found


def _cells(others: Mapping[str, tuple[list[int], int]], ahead: int) -> dict[int, list[str]]:
    """By the cell in which a match begins, the kinds that can be near it: where a dozen are in a
    text, few are in a paragraph. Nothing, where reach is far.

    others: of each kind, where they begin, _NEVER last, and how far before a match that may be.
    ahead: how far behind its beginning.
    """
    cells: dict[int, list[str]] = defaultdict(list)
    if ahead > _WIDEST or max(before for _, before in others.values()) > _WIDEST:
        return cells
    for kind, (starts, before) in others.items():
        done = -1  # cells up to this one know of the kind
        for start in starts[:-1]:
            last = (start + before) // _CELL
            if last > done:
                for cell in range(max(done + 1, (start - ahead) // _CELL), last + 1):
                    cells[cell].append(kind)
                done = last
    return cells


def together(seen: Sequence[Seen]) -> list[frozenset[str]]:
    """The same where all is about one thing: a form, however long its lines."""
    return neighbours(seen, _EVERYWHERE)


def in_rows(seen: Sequence[Seen], rows: Sequence[int]) -> list[frozenset[str]]:
    """The same for cells: `rows` are the positions at which rows begin."""
    of_row: dict[int, set[str]] = defaultdict(set)
    row_of = [bisect_right(rows, match.start) for _, match in seen]
    for (kind, match), row in zip(seen, row_of, strict=True):
        if match.likelihood >= Likelihood.LIKELY:
            of_row[row].add(kind)
    in_row = {row: frozenset(kinds) for row, kinds in of_row.items()}
    alone: frozenset[str] = frozenset()
    return [
        _others(in_row.get(row, alone), kind) for (kind, _), row in zip(seen, row_of, strict=True)
    ]


@lru_cache(maxsize=1024)
def _others(kinds: frozenset[str], kind: str) -> frozenset[str]:
    """Few sets differ: rows of a table hold the same kinds."""
    return kinds - {kind}
