"""Machine-readable zone of identity papers: two or three lines of capitals, digits and "<".

    passports (TD3)                       2 lines of 44, P<FRA…
    cards and permits (TD1)               3 lines of 30, ID, I<, IR, TS, CR, AC…
    visas and other papers (TD2)          2 lines of 36
    French identity cards before 2021     2 lines of 36, IDFRA…

Rule: ICAO 9303, weights 7, 3, 1 modulo 10; the old card has the same weights in places of its own.
All check digits right: VERY_LIKELY; the wrong ones of a misread scan: POSSIBLE. The specimen of the
standard (Utopia) is POSSIBLE. The value is the number of the paper, or its lines where they have
none.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.figures import figures
from gateway.detect.fold import Folded
from gateway.detect.pattern import linear
from gateway.model import Likelihood, Match

_FILLER = b"<"
_BETWEEN = rb" {0,8}"  # two lines: an empty one and the marks of quoted lines are blank by then
_ANY = linear(
    rb"(?:^|[^a-z0-9<])(?:(p[a-z<]{43}%(b)s[a-z0-9<]{44})"
    rb"|(idfra[a-z<]{25}[a-z0-9<]{6}%(b)s[a-z0-9<]{36})"
    rb"|([a-z][a-z<]{35}%(b)s[a-z0-9<]{36})"
    rb"|([a-z][a-z<]{4}[a-z0-9<]{25}%(b)s[a-z0-9<]{30}%(b)s[a-z<]{30}))"
    rb"(?:[^a-z0-9<]|$)" % {b"b": _BETWEEN}
)
_VALUES = {char: i for i, char in enumerate("0123456789abcdefghijklmnopqrstuvwxyz")} | {"<": 0}
_WEIGHTS = (7, 3, 1)
_SPECIMEN = "uto"


def find(folded: Folded) -> Iterator[Match]:
    if _FILLER not in folded.data:  # by far the fastest search there is
        return
    data = figures(folded)
    for found in _ANY.finditer(data):
        group = next(i for i in (1, 2, 3, 4) if found.span(i)[0] >= 0)
        start, end = found.span(group)
        lines = data[start:end].replace(b" ", b"").decode()
        number, right = _READERS[group - 1](lines)
        specimen = lines[2:5] == _SPECIMEN
        sure = Likelihood.VERY_LIKELY if right and not specimen else Likelihood.POSSIBLE
        yield Match(start, end, sure, (number.strip("<") or lines).upper())


def check(text: str) -> str:
    return str(sum(_VALUES[char] * _WEIGHTS[i % 3] for i, char in enumerate(text)) % 10)


def _two_lines(lines: str, width: int) -> tuple[str, bool]:
    second = lines[width:]
    fields = (second[:10], second[13:20], second[21:28])
    return second[:9], all(check(field[:-1]) == field[-1] for field in fields)


def _passport(lines: str) -> tuple[str, bool]:
    number, right = _two_lines(lines, 44)
    second = lines[44:]
    whole = second[:10] + second[13:20] + second[21:43]
    return number, right and check(whole) == second[43]


def _visa(lines: str) -> tuple[str, bool]:
    return _two_lines(lines, 36)


def _old_card(lines: str) -> tuple[str, bool]:
    second = lines[36:]
    right = check(second[:12]) == second[12] and check(second[27:33]) == second[33]
    return second[:12], right and check(lines[:71]) == lines[71]


def _card(lines: str) -> tuple[str, bool]:
    first, second = lines[:30], lines[30:60]
    fields = (first[5:15], second[:7], second[8:15])
    right = all(check(field[:-1]) == field[-1] for field in fields)
    whole = first[5:] + second[:7] + second[8:15] + second[18:29]
    return first[5:14], right and check(whole) == second[29]


_READERS = (_passport, _old_card, _visa, _card)


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * max(0, len(value) - 2)}"


DETECTOR = Detector(kind="mrz", find=find, mask=mask)
