"""Rows of a table that are each about a natural person, with a number or without (S3, S4).

A name and a birth date or a social-security number are VERY_LIKELY a person; a name and a way to
reach somebody (address, telephone, e-mail), or something told of his health or income, LIKELY.
Names alone are the results of a race or a seating plan. Without names, a birth date beside a
postcode and what is told of health or income is LIKELY, too: taking the names away makes nobody
anonymous. What the file says of itself ("fictif", "test") changes nothing.

The value is the name with what tells namesakes apart, so that the count is one of persons.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from gateway.detect.columns import Columns
from gateway.detect.detector import Detector, nothing_in_texts
from gateway.model import Likelihood

KIND = "table.persons"
_REACHED = ("email", "phone", "address", "postcode")
_LONGEST = 60  # characters of a cell that tell two persons apart
APART = "|"  # between the name and what tells namesakes apart


Row = Sequence[str]
Judged = tuple[Likelihood, str] | None


def judging(columns: Columns) -> Callable[[Row, str], Judged]:
    """For a row and its name (words sorted, or ""): how sure it is a person, and who."""
    births = _some(columns.roles.get("birth"))
    reach = _some(*(columns.roles.get(role) for role in _REACHED))
    identities = _some(*(columns.roles.get(role) for role in ("id", *_REACHED)))
    numbers = _some(*sorted(columns.nirs), *columns.split[5:6])
    told = tuple(columns.told)

    def judge(row: Row, name: str) -> Judged:
        birth = _first(row, births)
        if birth and not (birth[0].isdigit() or birth[-1].isdigit()):
            birth = ""
        if name:
            if sure := birth or _first(row, numbers):
                return Likelihood.VERY_LIKELY, f"{name}{APART}{sure}"
            if _first(row, reach) or _first(row, told):
                return Likelihood.LIKELY, f"{name}{APART}{_first(row, identities)}"
        elif birth and _first(row, told) and (known := _first(row, identities)):
            return Likelihood.LIKELY, f"{APART}{birth} {known}"
        return None

    return judge


def _some(*columns: int | None) -> tuple[int, ...]:
    return tuple(column for column in columns if column is not None)


def _first(row: Row, columns: tuple[int, ...]) -> str:
    """What the first of these cells that holds anything holds."""
    for i in columns:
        if i < len(row) and row[i]:
            return row[i][:_LONGEST].strip()
    return ""


def mask(value: str) -> str:
    """Initials."""
    name = value.partition(APART)[0]
    return " ".join(f"{part[:1].upper()}." for part in name.split()) or "sans nom"


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=mask)
