"""Tables as text: one line a row, with the column labels that detectors need put before the cells.

A column is known by its label (the wordings of French exports, folded) or, for a number without a
key, by most of its cells. Its label is written before each of its cells, so that what a reader of
the table knows from the head of the column is known where the value stands. The four columns of an
account number are joined once more behind the row, zeros that a spreadsheet dropped put back.
A person is a row with a surname column, beside a first name, a birth date or a number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.detect.fold import Folded, fold
from gateway.model import Likelihood, Match, Table

ROWS = 2000  # searched at once: bounds the memory of one folding
_VOTERS = 200  # rows that decide what a column holds
_SHARE = 0.8  # of their cells that must agree
_MARK = "¤"  # begins each row: a sign that no number or name runs across
_FOLDED_MARK = fold(_MARK).data
_PUNCTUATION = re.compile(r"[^a-z0-9]+")

# Role of a column by its folded label, punctuation as spaces.
_ROLES = {
    "family": r"noms?( (de )?(naissance|famille|usage|patiente?|assuree?|allocataire|salarie))?"
    r"|nom ?naiss|lastname|patronyme|nomusuel|nomnaissance",
    "given": r"prenoms?( \d)?( (du )?(patient|assure|beneficiaire))?|firstname|prenomusuel",
    "both": r"noms? (et )?prenoms?|prenoms? (et )?noms?|patiente?|assuree?|beneficiaire"
    r"|allocataire|nom complet|identite( patient)?",
    "birth": r"(date|dt|d) ?(de )?nais(s|sance)?|ddn|dtnais|nee? le|datenaissance",
    "nir": r"nir|n ?(o|um|umero)? ?(de )?(la )?(secu|ss|securite|assuree?|immat\w*)( sociale?)?"
    r"|nss|num ?secu|n insee|insee|matricule( ins)?|ins|immatriculation",
    "bank": r"(code )?(banque|etablissement)",
    "branch": r"(code )?guichet",
    "account": r"(n|no|num|numero)? ?(de )?compte",
    "key": r"cle( rib)?",
}
_LABELS = [(role, re.compile(pattern)) for role, pattern in _ROLES.items()]
_RIB = frozenset({"bank", "branch", "account", "key"})
_LINE_END = re.compile(rb"\n")
_NUMBER = re.compile(r"[12]\d\d(?:0[1-9]|1[0-2]|20)\d{8}")


_HEAD_WITHIN = 15  # rows: a title often stands above the labels
_PARTICLES = frozenset(b"de la du des le van von el ben da dos di d".split())

Rows = Sequence[tuple[str, ...]]


class Columns(NamedTuple):
    """roles: first column of each role. nirs: those that hold numbers. below: first row of data."""

    roles: dict[str, int]
    nirs: frozenset[int]
    below: int

    @property
    def named(self) -> bool:
        return "both" in self.roles or "family" in self.roles


class Sheet(NamedTuple):
    """Some rows, folded. starts: where each begins. persons: one a row, or None without columns
    that name any: then persons are to be looked for as in any text."""

    folded: Folded
    starts: list[int]
    persons: list[Match] | None


def sheets(table: Table) -> Iterator[Sheet]:
    rows = [table.header, *table.rows] if table.header else list(table.rows)
    columns = _columns(rows)
    for first in range(0, len(rows), ROWS):
        some = rows[first : first + ROWS]
        lines = [_line(row, columns, first + i >= columns.below) for i, row in enumerate(some)]
        folded = fold("\n".join(lines))
        starts = [0, *(found.end() for found in _LINE_END.finditer(folded.cased))]
        data = max(0, columns.below - first)
        persons = _persons(some[data:], starts[data:], columns) if columns.named else None
        yield Sheet(folded, starts, persons)


def from_cells(text: str) -> Rows:
    """The rows of a text whose lines are rows and whose tabs part the cells."""
    return [tuple(line.split("\t")) for line in text.splitlines()]


def _columns(rows: Rows) -> Columns:
    below, roles = 0, dict[str, int]()
    for i, row in enumerate(rows[:_HEAD_WITHIN]):
        found: dict[str, int] = {}
        for column, label in enumerate(row):
            role = _role(label)
            if role:
                found.setdefault(role, column)
        if len(found) > len(roles):
            below, roles = i + 1, found
    sample = rows[below : below + _VOTERS]
    width = max(map(len, sample), default=0)
    nirs = {column for column in range(width) if _holds_numbers(sample, column)}
    return Columns(roles, frozenset(nirs | ({roles["nir"]} if "nir" in roles else set())), below)


def _role(label: str) -> str:
    if not label or len(label) > 60 or label.isdigit():
        return ""
    plain = _PUNCTUATION.sub(" ", fold(label).data.decode("latin-1")).strip()
    return next((role for role, pattern in _LABELS if pattern.fullmatch(plain)), "")


def _holds_numbers(sample: Rows, column: int) -> bool:
    cells = [row[column].strip() for row in sample if column < len(row) and row[column].strip()]
    agree = sum(1 for cell in cells if _NUMBER.fullmatch(cell))
    return agree >= 3 and agree >= _SHARE * len(cells)


def _line(row: tuple[str, ...], columns: Columns, is_data: bool) -> str:
    if is_data and columns.nirs:
        row = tuple(f"nir {c}" if i in columns.nirs and c else c for i, c in enumerate(row))
    line = _MARK + " " + " ".join("\t".join(row).replace(_MARK, " ").splitlines())
    return (
        f"{line}\trib {_account(row, columns)}"
        if is_data and columns.roles.keys() >= _RIB
        else line
    )


def _account(row: tuple[str, ...], columns: Columns) -> str:
    at = [columns.roles[role] for role in ("bank", "branch", "account", "key")]
    if max(at) >= len(row):
        return ""
    return " ".join(row[i].strip().zfill(size) for i, size in zip(at, (5, 5, 11, 2), strict=True))


def _persons(rows: Rows, starts: Sequence[int], columns: Columns) -> list[Match]:
    written = [
        _MARK + " " + " ".join(_name(row, columns).replace(_MARK, " ").splitlines()) for row in rows
    ]
    values = fold("\n".join(written)).data.split(_FOLDED_MARK)[1:]
    sure = _sureness(columns)
    found: list[Match] = []
    for value, start in zip(values, starts, strict=False):
        parts = sorted(part for part in value.split() if part not in _PARTICLES)
        if parts and any(part.isalpha() for part in parts):
            found.append(Match(start, start + 1, sure, b" ".join(parts).decode("latin-1")))
    return found


def _name(row: tuple[str, ...], columns: Columns) -> str:
    at = columns.roles.get("family", columns.roles.get("both", 0))
    family = row[at] if at < len(row) else ""
    at = columns.roles.get("given", len(row))
    given = row[at].split()[:1] if family and at < len(row) else []
    return " ".join([family, *given])


def _sureness(columns: Columns) -> Likelihood:
    """A column of surnames alone may name anything: files, products, companies."""
    known = columns.roles.keys()
    if ("family" in known and "given" in known) or "birth" in known or columns.nirs:
        return Likelihood.VERY_LIKELY
    return Likelihood.LIKELY if "both" in known else Likelihood.POSSIBLE
