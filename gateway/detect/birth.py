"""Dates of birth: a date behind "né le", "DDN" or "date de naissance".

Day, month, year in figures or with the month's name, year first, or in eight digits as programs
write it. A bare date is nothing; one before 1900 or after 2039 is no birth. It names nobody, so
rules ask for it near a person or a number. The value is the date, year first.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.model import Likelihood, Match

_LABEL = label(
    rb"nee? le", rb"ne\(e\) le", rb"ddn", rb"date (?:de )?naiss(?:ance)?", rb"naissance",
    rb"nee? :", rb"dt ?nais(?:s(?:ance)?)?", rb"ne\(e\)",
    heading=False,  # dates alone name nobody, and a table of persons has them in each row
)  # fmt: skip
_MONTHS = {
    "jan": 1, "fev": 2, "mar": 3, "avr": 4, "mai": 5, "juin": 6, "juil": 7, "aou": 8, "sep": 9,
    "oct": 10, "nov": 11, "dec": 12,
}  # fmt: skip
_DATE = re.compile(
    rb"[ :=(.,\-_]{0,4}(?:le )?(?:"
    rb"(?P<d>[0-3]?[0-9])(?:er)?"
    rb"(?P<m>[ ]?[/.\-][ ]?(?:0?[1-9]|1[0-2])[ ]?[/.\-][ ]?| (?:0[1-9]|1[0-2]) "
    rb"| ?(?:jan|fev|mar|avr|mai|juin|juil|aou|sep|oct|nov|dec)[a-z]{0,8}\.? ?)"
    rb"(?P<y>(?:19|20)?[0-9]{2})"
    rb"|(?P<y2>(?:19|20)[0-9]{2})[/.\-]?(?P<m2>0[1-9]|1[0-2])[/.\-]?(?P<d2>[0-3][0-9])"
    rb"|(?P<d3>[0-3][0-9])(?P<m3>0[1-9]|1[0-2])(?P<y3>(?:19|20)[0-9]{2}))(?![0-9])"
)
_LETTERS = re.compile(r"[a-z]+")


def find(folded: Folded) -> Iterator[Match]:
    for found in announced(folded, _LABEL, _DATE):
        day = int(found["d"] or found["d2"] or found["d3"])
        month = _month((found["m"] or found["m2"] or found["m3"]).decode())
        year = (found["y"] or found["y2"] or found["y3"]).decode()
        if 1 <= day <= 31 and (len(year) == 2 or "1900" <= year < "2040"):
            start = next(found.start(name) for name in ("d", "y2", "d3") if found[name])
            value = f"{year}-{month:02d}-{day:02d}"
            yield Match(start, found.end(), Likelihood.LIKELY, value)


def _month(written: str) -> int:
    if named := _LETTERS.search(written):
        return next(number for name, number in _MONTHS.items() if named[0].startswith(name))
    return int(re.sub(r"[^0-9]", "", written))


def mask(value: str) -> str:
    """The year, unless it says little: of two digits."""
    return f"**/**/{value.partition('-')[0]}"


DETECTOR = Detector(kind="birth", find=find, mask=mask)
