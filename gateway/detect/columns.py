"""What the columns of a table hold: told by their labels, then by a vote of their cells.

The labels may stand below a title, or not at all. A column of names is believed when its cells look
like names (words, no digits), and found without a label when most of its cells are first names of
the list, beside one of surnames. What tells of health or of income is asked of the detectors of
those kinds. The vote hears the first rows and the first columns only: its cost does not depend on
the table.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from gateway.detect import cut_columns, labels, table_health, table_social
from gateway.detect.fold import fold
from gateway.detect.lexicon import names
from gateway.detect.work_words import any_of

Rows = Sequence[tuple[str, ...]]

_HEAD_WITHIN = 15  # rows: a title often stands above the labels
_VOTERS = 200  # rows that decide what a column holds
_WIDEST = 64  # columns that have a vote; beyond them only labels are read
_MOST_LABELS = 512  # columns whose label is read
_CELL = 60  # characters of a cell that are looked at
_SHARE = 0.8  # of the cells that must agree, where nothing else is to be believed
_MOST = 0.6  # of the cells, where a label says the same or the lists are known to be short

_NUMBER = re.compile(r"[12]\d\d(?:0[1-9]|1[0-2]|20)\d{8}", re.ASCII)
# Under a label of social-security numbers: most of one, or what a spreadsheet left of it. Communes
# have numbers of INSEE, too, and employees a "matricule".
_OF_NIR = re.compile(rb"(?:[^0-9]{0,12}[0-9]){10}|[0-9][.,][0-9]{1,6}e\+?1[0-9]")
_SEX = re.compile(
    rb"[mfh12]|mr?\.?|mmes?|mlles?|monsieur|madame|mademoiselle|hommes?|femmes?"
    rb"|masculin|feminin|male|female|garcon|fille"
)
# A name may be numbered, as those that are made up are: "TESTEUR12".
_WORD = rb"[a-z\x9c\xe6\xfe.'\-]+[0-9]{0,6}"
_WORDS = re.compile(_WORD + rb"(?: " + _WORD + rb"){0,5}")
_DAY = re.compile(
    rb"(?:[0-3]?[0-9][/.\- ][01]?[0-9][/.\- ]|[12][0-9]{3}-[01][0-9]-[0-3][0-9](?:[t ].*)?\Z)"
    rb"((?:19|20)?[0-9]{2})?|((?:19|20)[0-9]{2})[01][0-9][0-3][0-9]"
)
_SHAPES = {
    "email": re.compile(rb"[^@ ]{1,40}@[^@ ]+\.[a-z]{2,}"),
    "phone": re.compile(rb"(?:(?:\+|00)33 ?(?:\(0\))?|0)?[1-79](?:[ .\-]?[0-9]{2}){4}"),
    # Where people live: nearly all end in 0, and any number of five digits one time in ten.
    "postcode": re.compile(
        rb"(?:0[1-9]|[1-8][0-9]|9[0-578])[0-9]{2}0|750[012][0-9]|75116|6900[1-9]|130[01][0-9]"
    ),
    "address": re.compile(
        rb"[0-9]{1,4} ?(?:bis|ter|quater)?,? ?(?:rue|av|avenue|bd|boulevard|chemin|impasse|allees?"
        rb"|place|route|quai|cours|square|residence|lotissement|hameau|lieu[- ]dit|passage)\b.*"
    ),
}
# A directory of doctors: theirs are public.
_OF_CARERS = re.compile(
    r"(?:n |no |numero |code )?(?:rpps|adeli)|(?:specialites?|disciplines?)(?: medicales?)?"
    r"|mode d exercice|secteur conventionnel"
)
_PROFESSION = re.compile(any_of("profession"))
_OF_STAFF = re.compile(  # a label, or the first of them; of patients there is a "profession"
    rb"\Z|(?:fonctions?|postes?|qualites?|services?|grades?|roles?)\Z|(?!profession)"
    + any_of("profession")
)
_TITLED = re.compile(rb"(?:l[ea] )?(?:drs?|dre|pr|pre|docteure?|professeure?)\.? ")
# Days without a label are births if so many years lie between the first and the last, or if half
# of them are before this one: what offices send is of the last years.
_OLD = 30
_PAST = 2005


class Columns(NamedTuple):
    """roles: first column of each role. nirs: those that hold numbers. told: the kind of thing that
    a column tells of the persons. split, sizes: the columns over which a number is cut, and how
    many figures of it each holds. below: first row of data."""

    roles: dict[str, int]
    nirs: frozenset[int]
    told: dict[int, str]
    split: tuple[int, ...]
    sizes: tuple[int, ...]
    below: int

    @property
    def named(self) -> bool:
        return "both" in self.roles or "family" in self.roles


class _Column(NamedTuple):
    """label: plain, or "". cells: the first ones that hold anything; folded: the same, folded."""

    label: str
    cells: list[str]
    folded: list[bytes]

    def share(self, test: Callable[[bytes], object]) -> float:
        return sum(1 for cell in self.folded if test(cell)) / max(1, len(self.folded))


def columns(rows: Rows, titles: int = 0) -> Columns:
    """titles: 1 where the first row is known to name the columns, whatever it calls them."""
    below, written = _header(rows)
    if titles > below:
        below, written = titles, {n: labels.plain(cell) for n, cell in enumerate(rows[0])}
    sample = rows[below : below + _VOTERS]
    width = min(_MOST_LABELS, max(map(len, sample), default=0))
    seen = [_column(written.get(i, ""), sample, i) for i in range(width)]
    roles: dict[str, int] = {}
    for i, column in enumerate(seen):
        role = labels.role(column.label)
        if role and _plausible(role, column):
            roles.setdefault(role, i)
    nirs = {i for i, column in enumerate(seen) if _holds_numbers(column)}
    nirs |= {roles["nir"]} if "nir" in roles else set()
    _vote(seen[:_WIDEST], roles, nirs)
    told = _told(seen)
    if not nirs and "birth" not in roles and (_are_carers(seen, roles) or _are_staff(seen, told)):
        for role in ("family", "given", "both"):
            roles.pop(role, None)
    return Columns(roles, frozenset(nirs), told, *_split(written, sample), below)


def _split(written: dict[int, str], sample: Rows) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """The columns over which a number is cut, and the width of each."""
    parts = {labels.split_part(label): i for i, label in reversed(written.items())}
    split = tuple(parts[part] for part in labels.SPLIT if part in parts)
    if len(split) < len(labels.SPLIT) - 1 or "ordre" not in parts:
        return cut_columns.cut(sample)
    return split, labels.SPLIT_SIZES


def _are_carers(seen: list[_Column], roles: dict[str, int]) -> bool:
    """Whether the names are those of a directory of doctors."""
    if any(_OF_CARERS.fullmatch(column.label) for column in seen):
        return True
    at = roles.get("both", roles.get("family"))
    return at is not None and seen[at].share(_TITLED.match) >= _MOST


def _are_staff(seen: list[_Column], told: dict[int, str]) -> bool:
    """Whether a column says what they are in the house, and nothing is told of them besides: "IDE,
    psychiatrie" is no illness."""
    works = {
        i
        for i, column in enumerate(seen)
        if _OF_STAFF.match(column.label.encode())
        and len(column.folded) >= 3
        and column.share(_PROFESSION.match) >= _MOST
    }
    return bool(works) and told.keys() <= works


def _header(rows: Rows) -> tuple[int, dict[int, str]]:
    """Rows above the data, and the plain label of each column. The row with most labels known."""
    below, most, written = 0, 0, dict[int, str]()
    for i, row in enumerate(rows[:_HEAD_WITHIN]):
        plain = {n: labels.plain(cell) for n, cell in enumerate(row[:_MOST_LABELS])}
        known = len({labels.role(label) for label in plain.values()} - {""})
        if not any(cell[:1].isdigit() for cell in row):  # else "RSA" is a value, no label
            known += sum(map(_telling, {x for x in plain.values() if not labels.role(x)}))
        if known > most:
            below, most, written = i + 1, known, plain
    return below, written


def _column(label: str, sample: Rows, i: int) -> _Column:
    cells = [cell for row in sample if i < len(row) and (cell := row[i][:_CELL].strip())]
    if i >= _WIDEST and not label:
        cells = cells[:0]
    folded = [part.strip(b" ") for part in _folded(cells)]
    return _Column(label, cells, folded)


def _folded(cells: list[str]) -> list[bytes]:
    """All in one go: half of the cost of a fold is its beginning."""
    joined = fold("\n".join(" ".join(cell.split()) for cell in cells))
    return joined.cased.lower().split(b"\n") if cells else []


def _plausible(role: str, column: _Column) -> bool:
    """Whether the cells may be what the label says. An empty column may be anything."""
    if role in ("family", "given", "both"):
        return not column.folded or column.share(_WORDS.fullmatch) >= _MOST
    if role == "nir":
        return not column.folded or any(map(_OF_NIR.match, column.folded))
    return True


def _vote(seen: list[_Column], roles: dict[str, int], nirs: set[int]) -> None:
    """Roles that no label gave."""
    for i, column in enumerate(seen):
        if len(column.folded) < 3 or (column.label and labels.role(column.label)) or i in nirs:
            continue
        for role, shape in _SHAPES.items():
            if role not in roles and column.share(shape.fullmatch) >= _SHARE:
                roles[role] = i
        if "birth" not in roles and _are_births(column):
            roles["birth"] = i
    if "family" not in roles and "both" not in roles:
        _vote_on_names(seen, roles)
    elif "family" in roles and "given" not in roles and _are_whole_names(seen[roles["family"]]):
        roles["both"] = roles.pop("family")


def _vote_on_names(seen: list[_Column], roles: dict[str, int]) -> None:
    of_words = [
        i
        for i, column in enumerate(seen)
        if len(column.folded) >= 3
        and labels.role(column.label) != "staff"
        and column.share(_WORDS.fullmatch) >= _SHARE
        and column.share(_SEX.fullmatch) < _MOST
    ]
    whole = next((i for i in of_words if _are_whole_names(seen[i])), None)
    given = roles.get("given", next((i for i in of_words if _are_given(seen[i])), None))
    if given is not None:
        beside = sorted((i for i in of_words if i != given), key=lambda i: abs(i - given))
        family = next((i for i in beside[:2] if _are_families(seen[i])), None)
        if family is not None:
            roles["given"], roles["family"] = given, family
            return
    if whole is not None:
        roles["both"] = whole


def _are_given(column: _Column) -> bool:
    first = names().first
    return column.share(lambda cell: cell.partition(b" ")[0].partition(b"-")[0] in first) >= _MOST


def _are_families(column: _Column) -> bool:
    """Half of all surnames are in no list; but few words in capitals are anything else."""
    known = names()
    listed = column.share(lambda cell: cell in known.last or cell.partition(b" ")[0] in known.last)
    capitals = sum(1 for cell in column.cells if cell.isupper()) / len(column.cells)
    return listed >= 0.5 or (capitals >= _SHARE and len(set(column.cells)) > 2)


def _are_whole_names(column: _Column) -> bool:
    """Two words at least, one of them a first name and another a surname or in capitals."""
    known = names()

    def is_name(n: int) -> bool:
        words = column.folded[n].split(b" ")
        if not 2 <= len(words) <= 5 or not _WORDS.fullmatch(column.folded[n]):
            return False
        given = [word for word in words if word.partition(b"-")[0] in known.first]
        others = any(word in known.last for word in words)
        capitals = any(word.isupper() and len(word) > 1 for word in column.cells[n].split())
        return bool(given) and (others or capitals)

    many = len(column.folded)
    return many >= 3 and sum(map(is_name, range(many))) >= _MOST * many


def _are_births(column: _Column) -> bool:
    """Days over many years, in a column of which no label says that they are of something else."""
    if column.label:
        return False
    found = [_DAY.match(cell) for cell in column.folded]
    years = [cell[1] or cell[2] or cell[0][:4] for cell in found if cell]
    whole = sorted(int(year) for year in years if len(year) == 4 and year.isdigit())
    if len(whole) < max(3, _SHARE * len(found)):
        return False
    return whole[-1] - whole[0] >= _OLD or whole[len(whole) // 2] <= _PAST


def _holds_numbers(column: _Column) -> bool:
    agree = sum(1 for cell in column.cells if _NUMBER.match(cell) and len(cell) == 13)
    return agree >= 3 and agree >= _SHARE * len(column.cells)


def _telling(label: str) -> bool:
    return table_health.tells(label, ()) or table_social.tells(label, ())


def _told(seen: list[_Column]) -> dict[int, str]:
    """Health, or else income; a name or an address tells nothing more, but the column of patients
    does."""
    told: dict[int, str] = {}
    for i, column in enumerate(seen):
        for teller in (table_health, table_social):
            if i not in told and column.folded and teller.tells(column.label, column.folded):
                told[i] = teller.KIND
    return told
