"""Files of hospital stays (PMSI): how their lines are laid out, and which lines are so.

Each line is one record: fixed columns, told by the number of the establishment (FINESS, with its
check digit), the version of the format and, in those that are not pseudonymous, a birth date. Of
random lines of figures one in a million has all of that. Columns are those that public readers of
these files have (ATIH's formats 2011 to 2026: pmsixml, pmeasyr); versions are told by their shape,
so that next year's are known as well.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from gateway.detect.check_digits import luhn
from gateway.detect.coded import MARGIN, NIR, Record, day, in_figured, insured, laid_out
from gateway.detect.fold import Folded
from gateway.detect.nir_number import runs
from gateway.detect.pattern import Found, Pattern, linear
from gateway.model import Likelihood

FINESS = rb"((?:0[1-9]|[1-9][0-9AB])[0-9]{7})"
SITE = rb"((?:0[1-9]|[1-9][0-9AB])[0-9]{7}| {9})"  # where the establishment has several
BORN = rb"([0-3][0-9][01][0-9](?:18|19|20)[0-9]{2})"
DAY = rb"(?:[0-3][0-9][01][0-9]20[0-9]{2}| {8})"
INSURED = b"(?:" + NIR + rb"| {15}|[0-9]{13} {2})"
STAY = rb"([^\n]{20})"


class Layout(NamedTuple):
    """Groups of its columns, by number from 1: establishment, site, stay, born (0: it has none).
    insured: where the number of the insured person stands in the line, from 0; -1: nowhere."""

    name: str
    pattern: Pattern
    written: bytes
    establishment: int = 1
    site: int = 0
    stay: int = 2
    born: int = 3
    insured: int = -1


def layout(name: str, *columns: bytes, **where: int) -> Layout:
    """columns: from the beginning of the line, what each holds."""
    written = MARGIN + b"(" + b"".join(columns) + b")"
    return Layout(name, linear(written), written, **where)


@lru_cache(maxsize=8)
def _any(written: tuple[bytes, ...]) -> Pattern:
    """Of lines laid out in one of these ways: nearly all figures are in none of them."""
    return linear(b"|".join(written))


def any_of(size: int) -> bytes:
    return rb"[^\n]{%d}" % size


def records(folded: Folded, layouts: Sequence[Layout], alone: Likelihood) -> Iterator[Record]:
    """alone: how sure a single line is that has no right number of a person."""
    if not runs(folded):  # all have an establishment and a version, or more figures in a row
        return
    text = laid_out(folded)
    if not next(in_figured(folded, _any(tuple(one.written for one in layouts))), None):
        return
    for one in layouts:
        shaped = list(in_figured(folded, one.pattern))
        lines = [line for found in shaped if (line := _line(text, one, found))]
        if len(lines) * 10 < len(shaped) * 8:  # figures, some of which have the digits by chance
            continue
        for line in lines:
            yield line if len(lines) > 1 or line.fields else line._replace(sure=alone)


def _line(text: bytes, one: Layout, found: Found) -> Record | None:
    span, columns = found.span(1), found.groups()  # the line, then its columns
    numbers = [columns[group].strip() for group in (one.establishment, one.site) if group]
    if not all(luhn(number.decode()) for number in numbers if number.isdigit()):
        return None
    born = day(columns[one.born]) if one.born else ""
    number = insured(text, span[0] + one.insured) if one.insured >= 0 else None
    if (one.born and not born) or (not one.born and one.insured >= 0 and not number):
        return None
    stay = columns[one.stay].strip().decode("latin-1")
    value = number.value if number else f"{one.name}|{stay}|{born}"
    return Record(*span, Likelihood.VERY_LIKELY, value, (number,) if number else ())
