"""Rows of a table about one person each whose name was taken away: an age and a place are left.

    id;age;sexe;codepostal;diagnostic
    1;83;F;33999;…

In a small commune one woman is 83 years old, so that such a row names her to whoever knows her
(GDPR, recital 26; opinion 5/2014 of the article 29 party). Ages are whole numbers of years, or
years of birth; columns of counts, rates and means make the table one of statistics, and it is left
alone. Rules ask for many rows near something of health. Rows with a name or a birth date are the
business of table.persons.

The value is a row, so that the count is one of rows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from gateway.detect.columns import Columns, Rows
from gateway.detect.detector import Detector, nothing_in_texts
from gateway.detect.labels import plain

KIND = "table.pseudonymous"
TOLD = "âge et lieu, sans nom"
_PLACES = ("postcode", "town")
_AGE = re.compile(r"(?:\d{1,2}|1[01]\d)(?:[.,]0)?(?: ?ans)?|19\d\d|20[0-3]\d", re.ASCII)
_SHARE = 0.8  # of the cells that must be ages
_VOTERS = 200  # rows that are asked
_STATISTICS = re.compile(
    r"\b(?:nb|nbre|nombres?|effectifs?|total|totaux|taux|pourcentages?|pct|parts?|moyen(?:ne)?s?"
    r"|medianes?|ecart type|population|habitants|incidence|prevalence|cas|deces|sejours|count|rate"
    r"|mean|frequence|cumul)\b"
)
_LONGEST = 40  # characters of a cell that tell two rows apart


def judging(columns: Columns, rows: Rows) -> Callable[[Sequence[str], int], str]:
    """For a row and its number: what tells it from others, or "" where it is no such row. rows: of
    the whole table, its labels among them."""
    age = columns.roles.get("age")
    places = [columns.roles[role] for role in _PLACES if role in columns.roles]
    if age is None or not places or not _of_single_persons(columns, rows, age):
        return lambda row, number: ""

    def judge(row: Sequence[str], number: int) -> str:
        place = next((row[at] for at in places if at < len(row) and row[at]), "")
        if not place or age >= len(row) or not _AGE.fullmatch(row[age].strip()):
            return ""
        return f"{number} {row[age].strip()} {place[:_LONGEST]}"

    return judge


def _of_single_persons(columns: Columns, rows: Rows, age: int) -> bool:
    if columns.named or "birth" in columns.roles:
        return False
    head = rows[columns.below - 1] if columns.below else ()
    if any(_STATISTICS.search(plain(label)) for label in head):
        return False
    cells = [row[age].strip() for row in rows[columns.below :][:_VOTERS] if age < len(row)]
    return sum(1 for cell in cells if _AGE.fullmatch(cell)) >= max(1, _SHARE * len(cells))


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=lambda _: TOLD)
