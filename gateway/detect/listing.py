"""Lists of persons typed or pasted into a text: five lines and more of one shape are a table.

    DUPONT;Jean;12/03/1980         cells parted by a tab, a semicolon, a dash…: read as any table
    M. Jean DUPONT 12/03/1980      a name and, on its line, a date, a number or a way to reach him

Empty lines between are nothing. Prose is no list: its lines do not begin alike, five in a row.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gateway.detect import at_work, table_persons
from gateway.detect.columns import Rows, columns
from gateway.detect.fold import Folded
from gateway.detect.near import Seen
from gateway.detect.pattern import linear
from gateway.model import Likelihood, Match

LEAST = 5  # lines: fewer are an address, a signature, a timetable
# How many a line has at least: a dash stands between a name and what is said of it in any list.
_LEAST_OF = dict.fromkeys("\t;|│^~#$", 1) | {"–": 2, " - ": 2, " / ": 2, ",": 2}
SEPARATORS = tuple(_LEAST_OF)
_AROUND = ' \t\r"\\-•│|'  # cells, of signs that begin or end their line
_LONGEST = 400  # characters of a line with cells; a longer one is prose
_ALIKE = re.compile(rb"([^\0])\1{%d}" % (LEAST - 1), re.DOTALL)
_LATE = 60  # bytes from the beginning of a line to its name
_DIGITS = 24  # of a line, that tell two persons apart
_NO_DIGITS = bytes(set(range(256)) - set(b"0123456789"))
# Nobody is born in what is planned: a day of the last fifteen years needs to be announced.
_BORN = linear(
    rb"[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:19[0-9]{2}|200[0-9]|201[0-1])"
    rb"|(?:19[0-9]{2}|200[0-9]|201[0-1])-[01][0-9]-[0-3][0-9]"
    rb"|[0-3]?[0-9](?:er)? (?:janv|fevr|mars|avri|mai|juin|juil|aout|sept|octo|nove|dece)[a-z]{0,6}"
    rb" (?:19[0-9]{2}|200[0-9]|201[0-1])"
    rb"|(?:^|[^0-9./])[0-3]?[0-9][/.][01]?[0-9][/.][3-9][0-9](?:[^0-9./]|$)"
    rb"|\b[0-3][0-9][01][0-9](?:19[0-9]{2}|200[0-9])\b"
    rb"|(?:nee? le|ddn) ?:? ?[0-9]"
    rb"|[12] ?[0-9]{2} ?(?:0[1-9]|1[0-2]) ?[0-9][0-9ab] ?[0-9]{3} ?[0-9]{3}"
)
_OF_HISTORY = linear(rb"\b(?:nee?|ddn)[^0-9]{0,12}[0-9]{1,2}(?:er)?[^0-9]{1,12}1[0-8][0-9]{2}\b")
_REACHED = linear(
    rb"[a-z0-9_]@[a-z0-9]|0[1-79](?:[ .\-]?[0-9]{2}){4}|\b[0-9]{5} [a-z]"
    rb"|[0-3]?[0-9][/.\-][01]?[0-9][/.\-]20[0-9]{2}"
)


def may_hold(text: str) -> bool:
    """Whether so many lines with cells can be in it."""
    return any(separator in text and is_frequent(separator, text) for separator in SEPARATORS)


def has_lines(text: str) -> bool:
    """Whether it has as many as a list has at least."""
    return len(text.splitlines()) >= LEAST


def is_frequent(separator: str, text: str) -> bool:
    """Whether it stands there often enough; finding the first few takes less than counting all."""
    at = -1
    for _ in range(LEAST):
        at = text.find(separator, at + 1)
        if at < 0:
            return False
    return True


def _is_in_a_row(separator: str, lines: Sequence[str]) -> bool:
    """As often in each of so many lines next to each other: a dash in every other line parts no
    cells."""
    least = _LEAST_OF[separator]
    times = [many & 255 if (many := line.count(separator)) >= least else 0 for line in lines]
    return bool(_ALIKE.search(bytes(times)))


def tables(text: str) -> Iterator[Rows]:
    """The rows of each table of persons in a text. Lines of one shape are one table wherever they
    stand, so that a text made of many small ones costs no more."""
    frequent = [separator for separator in SEPARATORS if is_frequent(separator, text)]
    lines = _lines(text) if frequent else []
    for separator in frequent:
        if _is_in_a_row(separator, lines):
            shapes: dict[int, list[str]] = defaultdict(list)
            for run in _runs(text, separator):
                shapes[run[0].count(separator)] += run
            for lines in shapes.values():
                rows = [cells(line, separator) for line in lines]
                if are_persons(rows):
                    yield rows


def _lines(text: str) -> list[str]:
    """Those that hold anything; of long ones, that they are there."""
    lines = text.split("\n")
    return [line if len(line) <= _LONGEST else "" for line in lines if line and not line.isspace()]


def cells(line: str, separator: str) -> tuple[str, ...]:
    return tuple(cell.strip(_AROUND) for cell in line.split(separator))


def _runs(text: str, separator: str) -> Iterator[list[str]]:
    """Lines next to each other that have as many cells. Goes from separator to separator, since
    most lines of a text have none."""
    run: list[str] = []
    cells, last = 0, 0
    at = text.find(separator)
    while at >= 0:
        begin = text.rfind("\n", max(0, at - _LONGEST), at) + 1
        end = text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[begin:end] if end - begin <= _LONGEST else ""
        many = line.count(separator)
        if many != cells or begin - last > _LONGEST or text[last:begin].strip():
            if len(run) >= LEAST:
                yield run
            run, cells = [], many
        run += [line] if line else []
        last = end
        at = text.find(separator, end)
    if len(run) >= LEAST:
        yield run


def are_persons(rows: Rows) -> bool:
    """Not a list of prose, each item of which ends with a semicolon."""
    if 2 * sum(sum(map(bool, row)) > 1 for row in rows) < len(rows):
        return False
    held = columns(rows)
    return held.named or "birth" in held.roles


def rows(folded: Folded, seen: Sequence[Seen]) -> list[Seen]:
    """A row of table.persons for each line that begins with a name and goes on with what tells of
    the person, where there are enough of them, one below the other."""
    found: list[Seen] = []
    for block in _blocks(folded, seen):
        first = block[0][0].start
        if at_work.heads_staff(folded, folded.cased.rfind(b"\n", max(0, first - _LATE), first) + 1):
            continue
        run: list[Seen] = []
        for person, line in block:
            if row := _row(person, line):
                run.append(row)
                continue
            found += run if len(run) >= LEAST else []
            run = []
        found += run if len(run) >= LEAST else []
    return found


def _blocks(folded: Folded, seen: Sequence[Seen]) -> Iterator[list[tuple[Match, bytes]]]:
    """Lines next to each other that begin with a name, where there are enough. Most texts have
    none, so nothing else is looked for before."""
    block: list[tuple[Match, bytes]] = []
    last = -1
    for kind, person in seen:
        if kind != "person":
            continue
        begin = folded.cased.rfind(b"\n", max(0, person.start - _LATE), person.start) + 1
        end = folded.cased.find(b"\n", person.end, person.end + _LONGEST)
        if end == last or (not begin and person.start > _LATE):
            continue
        if begin != last + 1:
            if len(block) >= LEAST:
                yield block
            block = []
        block.append((person, folded.data[begin : end if end >= 0 else person.end + _LONGEST]))
        last = end if end >= 0 else len(folded.data)
    if len(block) >= LEAST:
        yield block


def _row(person: Match, line: bytes) -> Seen | None:
    """Namesakes are told apart by the digits of their lines."""
    if _OF_HISTORY.is_in(line):
        return None
    if _BORN.search(line):
        sure = Likelihood.VERY_LIKELY
    elif _REACHED.search(line):
        sure = Likelihood.LIKELY
    else:
        return None
    digits = line.translate(None, _NO_DIGITS).decode("ascii")[:_DIGITS]
    value = f"{person.value}{table_persons.APART}{digits}"
    return Seen(table_persons.KIND, Match(person.start, person.end, sure, value))
