"""The veil: what was read, as an officer may see it unasked, every finding masked in place.

    pieces ─▶ spans of what is found ─▶ + the same persons' names anywhere ─▶ + long numbers ─▶ runs

It hides more than the search finds, never less: a name found once is hidden wherever it stands, six
digits in a row are hidden whoever's they are, a row of a table that is about a person loses all its
cells, and a text that a detector failed on is hidden whole. It decides nothing; what is short of a
finding (a story told without a name) stays to be read.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass

from gateway.detect import forms, grid, listing, respelled, search, table_plausibility
from gateway.detect.columns import Rows
from gateway.detect.fold import Folded, fold
from gateway.detect.near import Seen
from gateway.model import Medium, Place, Problem, Table, Text

HIDDEN = "•••"
ROW, NUMBER, NAME, FAILED = "row", "number", "person", "unsearched"
# Told by its headings ("née le", "ordonnance"), which are nobody's: what stands behind them is
# found by others.
_OPEN = ("health.document",)
_NAMING = ("person", "health.person")
_BEYOND = 2_000  # characters searched behind what is shown, so that nothing is cut in two
_DIGITS = re.compile(r"\d(?:[ .\-\u00a0\u202f]?\d){5,}")
_WORDS = re.compile(rb"[a-z]{3,}")


@dataclass(frozen=True, slots=True)
class Run:
    """Some characters. kind: of what is found there, "" for what is not hidden. masked: as it may
    be shown."""

    text: str
    kind: str = ""
    masked: str = ""


@dataclass(frozen=True, slots=True)
class _Span:
    """[start, end) of the shown text."""

    start: int
    end: int
    kind: str
    masked: str
    likelihood: int = 0


@dataclass(slots=True)
class _Sheet:
    """One piece under the veil. folded: of `text`, for the names that other pieces tell."""

    text: str
    spans: list[_Span]
    folded: Folded


def runs(pieces: Sequence[tuple[Text | Table, int]]) -> list[tuple[list[Run], bool]]:
    """For each piece and the number of its characters to be shown: its runs, and whether there is
    more of it."""
    names: set[bytes] = set()
    sheets = [_sheet(piece, most, names) for piece, most in pieces]
    return [
        (_cut(sheet, names, most), len(sheet.text) > most or _is_longer(piece, most))
        for (piece, most), sheet in zip(pieces, sheets, strict=True)
    ]


def _sheet(piece: Text | Table, most: int, names: set[bytes]) -> _Sheet:
    text = ""
    try:
        piece = respelled.piece(piece)
        if isinstance(piece, Table) or piece.medium is Medium.CELLS:
            rows = _rows(piece, most)
            text = "\n".join("\t".join(row) for row in rows)
            folded = fold(text)
            return _Sheet(text, [*_in_rows(piece, text, rows, folded, names)], folded)
        text = piece.text[: most + _BEYOND]
        folded = fold(text)
        if piece.medium is Medium.NAME:
            return _Sheet(text, _in_name(piece, names), folded)
        spans = [*_found(text, piece, folded, names), *_typed(text, piece.place, names)]
        return _Sheet(text, spans, folded)
    except Exception:  # a detector failed, or something is no table: nothing of it is shown
        return _Sheet(text, [_Span(0, len(text), FAILED, HIDDEN)], fold(""))


def _rows(piece: Text | Table, most: int) -> list[tuple[str, ...]]:
    """As many rows as are shown, each cell on one line."""
    rows: Iterable[tuple[str, ...]]
    if isinstance(piece, Table):
        rows = (piece.header, *piece.rows) if piece.header else piece.rows
    else:
        rows = grid.from_cells(piece.text[: most + _BEYOND])
    shown: list[tuple[str, ...]] = []
    for row in rows:
        if most < 0:
            break
        shown.append(tuple(" ".join(cell[: most + 1].split()) for cell in row))
        most -= sum(len(cell) + 1 for cell in shown[-1])
    return shown


def _is_longer(piece: Text | Table, most: int) -> bool:
    if isinstance(piece, Text):
        return len(piece.text) > most
    return sum(len(cell) + 1 for row in (piece.header, *piece.rows) for cell in row) > most + 1


def _found(text: str, piece: Text | Table, folded: Folded, names: set[bytes]) -> Iterator[_Span]:
    """What detectors find in a text. Raises where one of them fails."""
    problems: list[Problem] = []
    if isinstance(piece, Text) and (plain := search.plain(piece)) != piece.text:
        found = list(search.matches(fold(plain), piece.place, problems))
        _learn(found, names)
        if len(plain) != len(piece.text) and found:  # a field in capitals of other lengths
            yield _Span(0, len(text), found[0].kind, HIDDEN)
            return
        folded = fold(plain[: len(text)])
    seen = list(search.matches(folded, piece.place, problems))
    if problems:
        raise ValueError
    _learn(seen, names)
    for kind, match in seen:
        if kind not in _OPEN:
            start = folded.origin(match.start)
            end = folded.origin(max(match.start, match.end - 1)) + 1
            yield _Span(start, end, kind, search.masked(kind, match.value), match.likelihood)


def _learn(seen: Iterable[Seen], names: set[bytes]) -> None:
    for kind, match in seen:
        if kind in _NAMING:
            names.update(_WORDS.findall(match.value.encode("latin-1", "ignore")))


def _in_name(piece: Text, names: set[bytes]) -> list[_Span]:
    """Of a file: hidden whole, but for its ending, since it is searched in another spelling."""
    problems: list[Problem] = []
    seen = list(search.matches(fold(search.plain(piece)), piece.place, problems))
    _learn(seen, names)
    end = len(piece.text.rpartition(".")[0]) or len(piece.text)
    if problems or seen:
        return [_Span(0, end, seen[0].kind if seen else FAILED, HIDDEN)]
    return []


def _in_rows(
    piece: Text | Table,
    text: str,
    rows: Sequence[tuple[str, ...]],
    folded: Folded,
    names: set[bytes],
) -> Iterator[_Span]:
    """Numbers and words where they stand; of rows about a person, every cell."""
    spans = list(_found(text, Table(piece.place, (), ()), folded, names))
    yield from spans
    starts = [0, *(at + 1 for at, sign in enumerate(text) if sign == "\n")]
    placed = {(bisect_right(starts, span.start) - 1, span.kind) for span in spans}
    table = piece if isinstance(piece, Table) else Table(piece.place, (), tuple(rows))
    hidden, form = _about_somebody(table, placed, names)
    for number, (at, row) in enumerate(zip(starts, rows, strict=False)):
        for column, cell in enumerate(row):
            if cell and number in hidden and not (form and column == 0):
                yield _Span(at, at + len(cell), ROW, HIDDEN, -1)
            at += len(cell) + 1


def _about_somebody(
    table: Table, placed: Set[tuple[int, str]], names: set[bytes]
) -> tuple[Set[int], bool]:
    """The rows to hide: from the first about a person on, and those that are found to hold what
    nobody sees in one place of them; whether it is a form, whose first column has the labels.

    placed: rows and kinds that are hidden where they stand.
    """
    sheet = next(grid.sheets(table), None)
    if sheet is None:
        return frozenset(), False
    problems: list[Problem] = []
    seen = [*search.matches(sheet.folded, table.place, problems), *sheet.known]
    if problems:
        raise ValueError
    _learn(seen, names)
    told = {
        (bisect_right(sheet.starts, match.start) - 1, kind)
        for kind, match in seen
        if kind not in (*_OPEN, table_plausibility.KIND)
    }
    rows = {row for row, kind in told if (row, kind) not in placed}
    about = [row for row, kind in told if kind in _NAMING or kind.startswith("table.")]
    if sheet.form and told:
        about = [0]
    return rows.union(range(min(about), len(table.rows) + 1) if about else ()), sheet.form


def _typed(text: str, place: Place, names: set[bytes]) -> Iterator[_Span]:
    """Cells of the lines that are a table of persons within a text."""
    rows = _hidden(listing.tables(text) if listing.may_hold(text) else (), place, names)
    filled_in = _hidden(forms.tables(text), place, names)
    values = {cell for row in filled_in for cell in row if cell}
    at = 0
    for line in text.splitlines(keepends=True) if rows or values else ():
        for separator in listing.SEPARATORS:
            if listing.cells(line, separator) in rows:
                inside = at
                for cell in line.split(separator):
                    if cell.strip():
                        yield _Span(inside, inside + len(cell.rstrip("\r\n")), ROW, HIDDEN, -1)
                    inside += len(cell) + len(separator)
        start, end = forms.value(line) if values else (0, 0)
        if line[start:end] in values:
            yield _Span(at + start, at + end, ROW, HIDDEN, -1)
        at += len(line)


def _hidden(tables: Iterable[Rows], place: Place, names: set[bytes]) -> set[tuple[str, ...]]:
    """Their rows that are about somebody."""
    hidden: set[tuple[str, ...]] = set()
    for rows in tables:
        some, _ = _about_somebody(Table(place, (), tuple(rows)), frozenset(), names)
        hidden.update(row for number, row in enumerate(rows) if number in some)
    return hidden


def _cut(sheet: _Sheet, names: set[bytes], most: int) -> list[Run]:
    """The runs of what is shown; nothing found is cut in two."""
    text = sheet.text
    spans = [*sheet.spans, *_named(sheet, names), *_numbers(text)]
    found: list[Run] = []
    at = 0
    for start, end, best in _merged(spans):
        if start >= most:
            break
        if start > at:
            found.append(Run(text[at:start]))
        found.append(Run(text[start:end], best.kind, best.masked))
        at = end
    if at < min(most, len(text)):
        found.append(Run(text[at:most]))
    return found


def _merged(spans: Iterable[_Span]) -> Iterator[tuple[int, int, _Span]]:
    """Spans that overlap are one, shown as the surest of them. A cell that holds something found
    is shown as that."""
    start, end, best = -1, -1, None
    for span in sorted(spans, key=lambda s: (s.start, -s.end)):
        if best is None or span.start >= end:
            if best is not None:
                yield start, end, best
            start, end, best = span.start, span.end, span
            continue
        end = max(end, span.end)
        best = max(best, span, key=lambda s: (s.likelihood, s.end - s.start, s.kind))
    if best is not None:
        yield start, end, best


def _named(sheet: _Sheet, names: set[bytes]) -> Iterator[_Span]:
    for word in _WORDS.finditer(sheet.folded.data):
        if word[0] in names:
            start, end = sheet.folded.origin(word.start()), sheet.folded.origin(word.end() - 1) + 1
            yield _Span(start, end, NAME, HIDDEN)


def _numbers(text: str) -> Iterator[_Span]:
    for found in _DIGITS.finditer(text):
        yield _Span(found.start(), found.end(), NUMBER, HIDDEN)
