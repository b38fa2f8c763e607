"""The number behind fr.nir, fr.nir13 and fr.nia: its structure, its key, the ways it is written.

    S AA MM DD CCC OOO KK    sex, year and month of birth, department, commune, order, key

Key: 97 - (the thirteen first modulo 97), the departments 2A and 2B counting as 19 and 18.
Months: 01-12, 20 (unknown), 30-42 and 50-99 (incomplete or overflowing registers).
Sources: INSEE, répertoire national d'identification des personnes physiques; CNAM's published
validation rules for provisional numbers (7 and 8) and migrants (5 and 6), which hold no date.
Of random numbers of fifteen digits, 0.15 % have this structure and a right key.

It knows what such a number looks like; what surrounds it is judged by the detectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from gateway.detect.fold import Folded
from gateway.detect.pattern import watched

# Digits, at most four blanks or marks between two of them. Letters: Corsica's 2A and 2B.
_RUN = watched(rb"[0-9](?:[ .\-/_|;,:'\xb7()]{0,4}[0-9ab]){12,}")
_BLANKED = bytes.maketrans(b".-/_|;,:'\xb7()", b" " * 12)
_GROUP = re.compile(rb"[0-9ab]+")  # within one run; no choice in it, hence no backtracking
_MONTH = rb"(?:0[1-9]|1[0-2]|20|3[0-9]|4[0-2]|[5-9][0-9])"
_DATED = re.compile(
    rb"[1-478][0-9]{2}" + _MONTH + rb"(?!00)(?:[0-9]{2}|2[ab])[0-9]{3}(?!000)[0-9]{3}"
)
_UNDATED = re.compile(rb"[5-8][012][0-9]{11}")
_KEY = re.compile(rb"[ .\-/_|;:,(\[]{0,3}(?:cle|key|c)?[ .:=(\[]{0,3}([0-9]{2})(?![0-9a-z])")
_GLUED = re.compile(rb"(?:nir|nss|ss|secu|insee|immat|ins|matricule)$")
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789\x9c\xe6\xfe")
_WORD = re.compile(rb" [a-z]")
_FEW = 8  # pieces: seven parts, and one more where a line ends within a part
_JOINTS = frozenset({1, 3, 5, 7, 10, 13})  # where the parts of the number meet


class Number(NamedTuple):
    """One candidate. digits: 13 or 15 characters, "2a" or "2b" for Corsica.

    keyed: it has 15 characters and the right key.
    usual: written as people and programs write it: whole, part by part, box by box, wrapped once.
    """

    start: int
    end: int
    digits: str
    keyed: bool
    usual: bool


def key(digits: str) -> int:
    """The key that belongs to the first thirteen characters."""
    number, corsican = digits[:13].lower(), {"2a": "19", "2b": "18"}.get(digits[5:7].lower())
    return 97 - int(number[:5] + corsican + number[7:] if corsican else number) % 97


def numbers(folded: Folded) -> list[Number]:
    """Every candidate of the text, in order; three detectors share one reading of it."""
    found = folded.shared.get("nir")
    if not isinstance(found, list):
        found = folded.shared["nir"] = list(_numbers(folded))
    return found


def runs(folded: Folded) -> list[tuple[int, int]]:
    """Where thirteen digits or more stand together; payment cards are looked for in them, too."""
    found = folded.shared.get("runs")
    if not isinstance(found, list):
        none = folded.digits < 12 or folded.lacks(_RUN)  # 2A and 2B hold a letter
        found = [] if none else [run.span() for run in _RUN.finditer(folded.data)]
        folded.shared["runs"] = found
    return found


def _numbers(folded: Folded) -> Iterator[Number]:
    data = folded.data
    for begin, end in runs(folded):
        promising = _promising(data[begin:end])
        if not promising:
            continue
        groups = [(g.start() + begin, g.end() + begin) for g in _GROUP.finditer(data[begin:end])]
        free = begin  # no digit is part of two right numbers
        for i in promising:
            start = groups[i][0]
            if start >= free and _may_begin(data, start):
                number = _number(folded, groups[i : i + 15])
                if number and (number.keyed or number.usual):
                    free = number.end if number.keyed else free
                    yield number


def _promising(run: bytes) -> list[int]:
    """Groups of a run with which a number may begin: it has the structure, ends where a group ends,
    and has its key or is written in few pieces. This is what stops most of a table of figures."""
    groups = run.translate(_BLANKED).split()
    ends = list(accumulate(map(len, groups)))
    after = {end: i for i, end in enumerate(ends, 1)}
    compact = b"".join(groups)
    promising = []
    for i, at in enumerate([0, *ends[:-1]]):
        short, whole = after.get(at + 13, 0), after.get(at + 15, 0)
        if not (short or whole) or not (_DATED.match(compact, at) or _UNDATED.match(compact, at)):
            continue
        few = (short and short - i <= _FEW) or (whole and whole - i <= _FEW)
        if few or (whole and _has_key(compact[at : at + 15])) or len(groups) in (13, 15):
            promising.append(i)
    return promising


def _has_key(digits: bytes) -> bool:
    return digits[13:].isdigit() and int(digits[13:]) == key(digits.decode())


def _number(folded: Folded, groups: list[tuple[int, int]]) -> Number | None:
    """The number that begins with the first of these groups and ends where a group ends."""
    data, begin = folded.data, groups[0][0]
    digits = b""
    short: Number | None = None  # thirteen characters, should no key follow
    for count, (start, end) in enumerate(groups, 1):
        digits += data[start:end]
        if len(digits) > 15:
            break
        if len(digits) not in (13, 15) or not _may_end(data, end):
            continue
        text = digits.decode()
        if len(digits) == 15:
            if _has_key(digits):
                return Number(begin, end, text, True, _usual(folded, groups[:count]))
            usual = _usual(folded, groups[:count])
            if short and not (usual and _is_key(folded, groups[:count])):
                return short
            return Number(begin, end, text, False, usual)
        usual = _usual(folded, groups[:count])
        written = _KEY.match(data[end : end + 16])
        if written and int(written[1]) == key(text):
            stop = end + written.end()
            apart = count < 6 and b"\t" in folded.cased[end:stop]  # two numbers, maybe
            return Number(begin, stop, text + written[1].decode(), True, usual and not apart)
        short = Number(begin, end, text, False, usual and count < len(text))
    return short


def _is_key(folded: Folded, groups: list[tuple[int, int]]) -> bool:
    """Whether the last digits stand there as a key does, be it wrong: apart by one mark like that
    before them, and not the beginning of something else ("… 998 12 rue")."""
    *_, (_, last), (start, end) = groups
    gap = folded.data[last:start]
    alike = len(groups) == 2 or gap == folded.data[groups[-3][1] : groups[-2][0]]
    return alike and len(gap) == 1 and not _WORD.match(folded.data, end)


def _usual(folded: Folded, groups: list[tuple[int, int]]) -> bool:
    at = 0
    odd = []
    tabs = 0
    for (start, end), (following, _) in pairwise(groups):
        at += end - start
        gap = folded.cased[end:following]
        tabs += b"\t" in gap
        if at not in _JOINTS:
            odd.append(gap)
    if len(groups) >= 13:
        return True  # box by box
    if tabs:
        return len(groups) >= 6 and not odd
    return not odd or (len(odd) == 1 and b"\n" in odd[0])


def _may_begin(data: bytes, at: int) -> bool:
    """Not within a longer word or number, unless that word is a label glued to it."""
    return not at or data[at - 1] not in _ALNUM or bool(_GLUED.search(data[max(0, at - 9) : at]))


def _may_end(data: bytes, at: int) -> bool:
    return at == len(data) or data[at] not in _ALNUM
