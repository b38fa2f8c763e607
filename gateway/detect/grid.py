"""Tables as text: one line a row, with the column labels that detectors need put before the cells.

What a column holds is told by gateway/detect/columns.py. The label of numbers is written before
each of their cells, so that what a reader of the table knows from the head of the column is known
where the value stands. An account number in four columns and a social-security number in
several are joined once more behind the row, zeros that a spreadsheet dropped put back.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from gateway.detect import labels, table_persons, table_plausibility, table_pseudonymous
from gateway.detect.columns import Columns, Rows, columns
from gateway.detect.fold import Folded, fold
from gateway.detect.headings import headings
from gateway.detect.near import Seen
from gateway.model import Likelihood, Match, Table

ROWS = 2000  # searched at once: bounds the memory of one folding
_MARK = "¤"  # begins each row: a sign that no number or name runs across
_FOLDED_MARK = fold(_MARK).data
_LONGEST_FORM = 40  # rows: two pages
_LONGEST_NAME = 120  # characters of a cell with a name
_RIB = ("bank", "branch", "account", "key")
_RIB_ROLES = frozenset(_RIB)
_RIB_SIZES = (5, 5, 11, 2)
_LINE_END = re.compile(rb"\n")
_IN_NAMES = b"-'.0123456789"  # "TESTEUR12"
_NO_NAMES = frozenset(
    b"de la du des le van von el ben da dos di d m m. mr mme mlle monsieur madame".split()
)


class Sheet(NamedTuple):
    """Some rows, folded. starts: where each begins. known: what the columns say of each row.
    named: whether they name persons; else persons are to be looked for as in any text. form: labels
    and values, one below the other, about one person."""

    folded: Folded
    starts: list[int]
    known: list[Seen]
    named: bool
    form: bool = False


def sheets(table: Table) -> Iterator[Sheet]:
    rows = [table.header, *table.rows] if table.header else list(table.rows)
    if _is_form(rows):
        folded = fold("\n".join("\t".join(row) for row in rows))
        yield Sheet(folded, [0], [], named=False, form=True)
        return
    held = columns(rows, 1 if table.header else 0)
    pseudonym = table_pseudonymous.judging(held, rows)
    before = {**headings(rows, held.below), **dict.fromkeys(held.nirs, "nir")}
    before |= {held.roles["card"]: "carte"} if "card" in held.roles else {}
    for first in range(0, len(rows), ROWS):
        some = rows[first : first + ROWS]
        lines = [
            _line(row, held, before) if first + i >= held.below else _plain(row)
            for i, row in enumerate(some)
        ]
        folded = fold("\n".join(lines))
        starts = [0, *(found.end() for found in _LINE_END.finditer(folded.cased))]
        data = max(0, held.below - first)
        known = _known(some[data:], starts[data:], held)
        known += _pseudonymous(some[data:], starts[data:], held, pseudonym, first + data)
        if not first and any(kind == table_persons.KIND for kind, _ in known):
            known += _examined(rows[held.below :], held)
        yield Sheet(folded, starts, known, held.named)


def _is_form(rows: Rows) -> bool:
    """Few rows of a label and a value, one below the other, perhaps with titles between."""
    widest = max((sum(map(bool, row)) for row in rows), default=0)
    if len(rows) > _LONGEST_FORM or widest < 2:
        return False
    first = (next(filter(None, row), "") for row in rows)
    known = len({labels.role(labels.plain(cell)) for cell in first} - {""})
    return known > (1 if widest == 2 else 2)  # an account may fill four cells


def from_cells(text: str) -> Rows:
    """The rows of a text whose lines are rows and whose tabs part the cells."""
    return [tuple(line.split("\t")) for line in text.splitlines()]


def _plain(row: tuple[str, ...]) -> str:
    return _MARK + " " + " ".join("\t".join(row).replace(_MARK, " ").splitlines())


def _line(row: tuple[str, ...], held: Columns, before: dict[int, str]) -> str:
    """A row of data. before: what to write before the cells of a column."""
    shown = row
    if before:
        shown = tuple(f"{before[i]} {c}" if i in before and c else c for i, c in enumerate(row))
    line = _plain(shown)
    if held.roles.keys() >= _RIB_ROLES:
        at = [held.roles[role] for role in _RIB]
        line = f"{line}\trib {_joined(row, at, _RIB_SIZES)}"
    if held.split:
        line = f"{line}\tnir {_joined(row, held.split, held.sizes)}"
    return line


def _joined(row: tuple[str, ...], at: Sequence[int], sizes: Sequence[int]) -> str:
    """The parts of a number, with their zeros; printed in boxes, their figures stand apart."""
    if max(at) >= len(row):
        return ""
    parts = ("".join(row[i].split()) for i in at)
    return " ".join(part.zfill(size) for part, size in zip(parts, sizes, strict=False))


def _known(rows: Rows, starts: Sequence[int], held: Columns) -> list[Seen]:
    """A person for each name, a row of table.persons where there is more, and what that is."""
    sure, judge = _sureness(held), table_persons.judging(held)
    names = _names(rows, held) if held.named else [""] * len(rows)
    found: list[Seen] = []
    for row, name, start in zip(rows, names, starts, strict=False):
        if name:
            found.append(Seen("person", Match(start, start + 1, sure, name)))
        judged = judge(row, name if sure > Likelihood.POSSIBLE else "")
        if judged:
            found.append(Seen(table_persons.KIND, Match(start, start + 1, *judged)))
            found += _told(row, start, held)
    return found


def _pseudonymous(
    rows: Rows,
    starts: Sequence[int],
    held: Columns,
    judge: Callable[[Sequence[str], int], str],
    first: int,
) -> list[Seen]:
    """Rows without a name, and what they tell. first: the number of the first of these rows."""
    found: list[Seen] = []
    for number, (row, start) in enumerate(zip(rows, starts, strict=False), first):
        if value := judge(row, number):
            match = Match(start, start + 1, Likelihood.LIKELY, value)
            found += [Seen(table_pseudonymous.KIND, match), *_told(row, start, held)]
    return found


def _told(row: tuple[str, ...], start: int, held: Columns) -> Iterator[Seen]:
    """The kinds of thing that columns tell of the person of a row."""
    for i, kind in held.told.items():
        if i < len(row) and row[i]:
            yield Seen(kind, Match(start, start + 1, Likelihood.LIKELY, kind))


def _examined(rows: Rows, held: Columns) -> list[Seen]:
    """Only POSSIBLE: it stands near nothing and moves no rule."""
    value = table_plausibility.examine(rows, held)
    told = Match(0, 1, Likelihood.POSSIBLE, value)
    return [Seen(table_plausibility.KIND, told)] if value else []


def _names(rows: Rows, held: Columns) -> list[str]:
    """The words of each name, folded and sorted; "" where there is none."""
    written = [f"{_MARK} {_name(row, held)}" for row in rows]
    return [_value(name) for name in fold("\n".join(written)).data.split(_FOLDED_MARK)[1:]]


def _name(row: tuple[str, ...], held: Columns) -> str:
    at = held.roles.get("family", held.roles.get("both", 0))
    family = row[at] if at < len(row) else ""
    at = held.roles.get("given", len(row))
    given = row[at].split(maxsplit=1)[:1] if family and at < len(row) else []
    joined = " ".join([family[:_LONGEST_NAME], *(word[:_LONGEST_NAME] for word in given)])
    return " ".join(joined.replace(_MARK, " ").splitlines())


def _value(name: bytes) -> str:
    parts = sorted(part for part in name.split() if part not in _NO_NAMES)
    if any(part.translate(None, _IN_NAMES).isalpha() for part in parts):
        return b" ".join(parts).decode("latin-1")
    return ""


def _sureness(held: Columns) -> Likelihood:
    """A column of surnames alone may name anything: files, products, companies."""
    known = held.roles.keys()
    if ("family" in known and "given" in known) or "birth" in known or held.nirs:
        return Likelihood.VERY_LIKELY
    return Likelihood.LIKELY if "both" in known else Likelihood.POSSIBLE
