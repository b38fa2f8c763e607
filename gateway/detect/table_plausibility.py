"""Are the persons of a table real, plausible or made up? Signs, counted, for the officer to read.

Whoever sends real data as "fictitious" believes it (incident S3). So a sample of the rows is
asked: are the keys of the numbers right, do these agree with sex and birth date, may their communes
and the postcodes exist, how many names differ, are the numbers consecutive or of the ranges set
aside for fiction? The answer lowers nothing: no rule should ask for it.

The value is a word and percentages, and only what has that form is ever shown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from itertools import pairwise
from typing import TypeVar

from gateway.detect.columns import Columns, Rows
from gateway.detect.detector import Detector, nothing_in_texts
from gateway.detect.fold import fold
from gateway.detect.lexicon import names

KIND = "table.plausibility"
T = TypeVar("T")
FEWEST = 10  # rows: fewer say nothing
_SAMPLE = 1000  # rows
_MANY = 50  # rows from which namesakes tell

_NIR = re.compile(r"([12])(\d\d)(\d\d)(2[AB]|\d\d)(\d{3})(\d{3})(\d\d)?", re.ASCII | re.IGNORECASE)
_APART = str.maketrans("", "", " .-_/\u00a0\u202f")
_DAY = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](?:\d\d)?(\d\d)\b", re.ASCII)
_ISO_DAY = re.compile(r"\d\d(\d\d)-(\d\d)-\d\d", re.ASCII)
# People live where codes end in 0, but for three cities and the new towns around Paris; the others
# are those of firms and offices. Random digits agree one time in ten.
_POSTCODE = re.compile(
    r"(?:0[1-9]|[1-8]\d|9[0-5])\d\d0|750[012]\d|75116|6900[1-9]|130[01]\d|(?:20|77|78|91|95|97)\d{3}",
    re.ASCII,
)
_MALE = frozenset(("m", "h", "1", "mr", "m.", "homme", "masculin", "monsieur", "male"))
_FEMALE = frozenset(("f", "2", "mme", "mlle", "femme", "féminin", "feminin", "madame", "female"))
# Numbers that ARCEP keeps for works of fiction, and domains that RFC 2606 keeps for examples.
_RESERVED = re.compile(
    r"(?:\+33|0033|0)?(?:19900|26191|35301|46571|53649|63998)\d{4}|.*@(?:.*\.)?example(?:\.\w{2,3})?"
    r"|.*\.(?:test|invalid)",
    re.ASCII | re.IGNORECASE,
)
_SIGNS = {
    "keys": "clés de NIR justes",
    "sex": "NIR d'accord avec le sexe",
    "born": "NIR d'accord avec la date de naissance",
    "places": "lieux de naissance possibles",
    "postcodes": "codes postaux possibles",
    "names": "noms différents",
    "listed": "prénoms connus",
    "steps": "numéros qui se suivent",
    "reserved": "coordonnées réservées à la fiction",
}
_VERDICTS = {
    "real": "données réelles, selon toute apparence",
    "plausible": "données vraisemblables : rien n'indique qu'elles sont inventées",
    "synthetic": "données inventées, selon toute apparence",
}
_VALUE = re.compile(
    r"(real|plausible|synthetic) rows=(\d{1,4})((?: [a-z]{1,9}=\d{1,3})*)", re.ASCII
)
_LEAST = {
    "keys": 50,
    "sex": 60,
    "born": 50,
    "places": 50,
    "postcodes": 60,
    "names": 30,
    "listed": 20,
}
_ENOUGH = {"keys": 95, "sex": 95, "born": 90, "places": 95, "names": 85, "listed": 60}
_MOST = {"steps": 80, "reserved": 50}


def examine(rows: Rows, held: Columns) -> str:
    """ "synthetic rows=200 keys=3 names=12", or "" where there are too few rows. rows: of data."""
    sample = [row for row in rows[:_SAMPLE] if any(row)]
    if len(sample) < FEWEST:
        return ""
    signs = {sign: share for sign, share in _signs(sample, held).items() if share is not None}
    against = [s for s, least in _LEAST.items() if signs.get(s, 100) < least]
    against += [s for s, most in _MOST.items() if signs.get(s, 0) >= most]
    real = [s for s, enough in _ENOUGH.items() if signs.get(s, 0) >= enough]
    verdict = "plausible"
    if len(against) > 1 or (against and not real) or "reserved" in against:
        verdict = "synthetic"
    elif len(real) > 2 and not against:
        verdict = "real"
    told = "".join(f" {sign}={share}" for sign, share in signs.items())
    return f"{verdict} rows={len(sample)}{told}"


def _signs(rows: Rows, held: Columns) -> dict[str, int | None]:
    """Percentages of the cells that can be judged; None where too few can."""

    def of(role: str) -> list[str]:
        at = held.roles.get(role)
        return [row[at].strip() if at is not None and at < len(row) else "" for row in rows]

    numbers = [_NIR.fullmatch(cell) for cell in _numbers(rows, held)]
    known = [n for n in numbers if n]
    whole = list(zip(of("family"), of("given"), of("both"), strict=True))
    reach = [[cell for cell in of(role) if cell] for role in ("phone", "email")]
    digits = [cell.translate(_APART) for cell in reach[0]]
    first = names().first
    given = [fold(cell.split()[0]).data for cell in of("given") if cell]
    namesakes = held.named and len(whole) >= _MANY
    return {
        "keys": _share(known, _has_right_key, only=lambda n: n[7]),
        "sex": _agree(numbers, of("sex"), _says_sex),
        "born": _agree(numbers, of("birth"), _says_birth),
        "places": _share(known, _may_be_born_there),
        "postcodes": _share([c.zfill(5) for c in of("postcode") if c], _POSTCODE.fullmatch),
        "names": round(100 * len(set(whole)) / len(whole)) if namesakes else None,
        "listed": _share(given, lambda cell: cell.partition(b"-")[0] in first),
        "steps": _steps(digits, [n[0][7:13] for n in known]),
        "reserved": _most(_share(cells, _RESERVED.fullmatch) for cells in (digits, reach[1])),
    }


def _numbers(rows: Rows, held: Columns) -> list[str]:
    at = [*sorted(held.nirs)[:1]] or list(held.split)
    return ["".join(row[i] for i in at if i < len(row)).translate(_APART) for row in rows]


def _has_right_key(number: re.Match[str]) -> bool:
    digits = number[0][:13].upper().replace("2A", "19").replace("2B", "18")
    return 97 - int(digits) % 97 == int(number[7])


def _may_be_born_there(number: re.Match[str]) -> bool:
    """Departments and countries have numbers up to 990; 999 is for the examples of manuals."""
    department, commune = number[4].upper(), number[5]
    return department != "00" and "000" < commune <= "990"


def _says_sex(number: re.Match[str], cell: str) -> bool | None:
    word = cell.lower()
    if word in _MALE or word in _FEMALE:
        return (word in _MALE) == (number[1] == "1")
    return None


def _says_birth(number: re.Match[str], cell: str) -> bool | None:
    if day := _DAY.match(cell):
        return (int(day[2]), day[3]) == (int(number[3]), number[2])
    if day := _ISO_DAY.match(cell):
        return (day[2], day[1]) == (number[3], number[2])
    return None


def _agree(
    numbers: Sequence[re.Match[str] | None],
    cells: Sequence[str],
    says: Callable[[re.Match[str], str], bool | None],
) -> int | None:
    said = [says(n, cell) for n, cell in zip(numbers, cells, strict=True) if n and cell]
    return _share([one for one in said if one is not None], bool)


def _steps(*columns: Sequence[str]) -> int | None:
    """Numbers that are one more than the one above, in the column where most are."""
    runs = ([int(c) for c in column if c.isascii() and c.isdigit()] for column in columns)
    return _most(_share(list(pairwise(run)), lambda two: two[1] - two[0] == 1) for run in runs)


def _most(shares: Iterable[int | None]) -> int | None:
    """Of the columns that can be judged, the one where most are so."""
    return max((share for share in shares if share is not None), default=None)


def _share(
    cells: Sequence[T], test: Callable[[T], object], only: Callable[[T], object] = lambda _: True
) -> int | None:
    judged = [cell for cell in cells if only(cell)]
    if len(judged) < FEWEST - 1:
        return None
    return round(100 * sum(1 for cell in judged if test(cell)) / len(judged))


def mask(value: str) -> str:
    """The sentence for the officer."""
    said = _VALUE.fullmatch(value)
    if not said:
        return "***"
    verdict, rows, signs = said.groups()
    told = [sign.split("=") for sign in signs.split()]
    why = ", ".join(f"{_SIGNS[name]} : {share} %" for name, share in told if name in _SIGNS)
    return f"{_VERDICTS[verdict]} ({rows} lignes examinées{' ; ' if why else ''}{why})"


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=mask)
