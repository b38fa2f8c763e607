"""The number behind fr.nir, fr.nir13 and fr.nia: its structure, its key, the ways it is written.

    S AA MM DD CCC OOO KK    sex, year and month of birth, department, commune, order, key

Key: 97 - (the thirteen first modulo 97), the departments 2A and 2B counting as 19 and 18.
Months: 01-12, 20 (unknown), 30-42 and 50-99 (incomplete or overflowing registers).
Sources: INSEE, répertoire national d'identification des personnes physiques; CNAM's published
validation rules for provisional numbers (7 and 8) and migrants (5 and 6), which hold no date.
Of random numbers of fifteen digits, 0.15 % have this structure and a right key.

It knows what such a number looks like, and which of several one label announces; what else
surrounds it is judged by the detectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import accumulate, pairwise
from typing import NamedTuple

from gateway.detect import context
from gateway.detect.figures import MISREAD, figures, has_letters, lacks, with_meant
from gateway.detect.fold import Folded
from gateway.detect.pattern import watched

# Digits, at most six blanks or marks between two of them. Letters: Corsica's 2A and 2B.
_GAP = rb"[ .\-/_|;,:'\"\xb7()\[\]+&]"
_RUN = watched(rb"[0-9](?:%s{0,6}[0-9ab]){12,}" % _GAP)
_MISREAD = watched(rb"[0-9li](?:[ .\-/]{0,3}[0-9olisb]){14,}")  # digits, and what looks like some
_BLANKED = bytes.maketrans(b".-/_|;,:'\"\xb7()[]+&", b" " * 17)
_GROUP = re.compile(rb"[0-9ab]+")  # within one run; no choice in it, hence no backtracking
_MONTH = rb"(?:0[1-9]|1[0-2]|20|3[0-9]|4[0-2]|[5-9][0-9])"
_DATED = re.compile(
    rb"[1-478][0-9]{2}" + _MONTH + rb"(?!00)(?:[0-9]{2}|2[ab])[0-9]{3}(?!000)[0-9]{3}"
)
_UNDATED = re.compile(rb"[5-8][012][0-9]{11}")
# Right behind the thirteen, or named: "clé : 37", "</nir><cle>37", '","cleNir":"37'.
_KEY = re.compile(
    rb"(?:[ .\-/_|;:,(\[]{0,6}|[^a-z0-9]{0,8}(?:[a-z]{2,16}[^a-z0-9]{1,4})?"
    rb"(?:cle|key|c)(?: de controle|[ _\-]?[a-z]{2,8})?[^a-z0-9]{0,8})([0-9]{2})(?![0-9a-z])"
)
_KEY_REACH = 48  # bytes
_KEY_BEFORE = re.compile(  # <nir cle="37">, "Clé : 37 NIR : "
    rb"cle[^a-z0-9]{1,4}([0-9]{2})[^a-z0-9]{1,6}(?:nir[^a-z0-9]{1,4})?\Z"
)
_LABELS = re.compile(rb"(?:nir|nss|ss|secu|insee|immat|ins|matricule)\Z")
_GLUED = re.compile(rb"(?<![0-9a-z])(?:[fmn]|[a-z]{2,16})\Z")  # "scan285…", "n285…"
_GLUED_BEHIND = re.compile(rb"(?:[fm]|[a-z]{2,16})(?![0-9a-z])")  # "…37F", "…37DUPONT"
_GLUE_REACH = 18  # bytes
_STRICT = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2]|20)")
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789\x9c\xe6\xfe")
_WORD = re.compile(rb" [a-z]")
_FEW = 8  # pieces: seven parts, and one more where a line ends within a part
_JOINTS = frozenset({1, 3, 5, 7, 10, 13})  # where the parts of the number meet
_LIST = 40  # bytes from one number to the next that the same label announces
_MOST_MISREAD = 5  # letters of fifteen; a scan that is worse is no scan of a number


class Number(NamedTuple):
    """One candidate. digits: 13 or 15 characters, "2a" or "2b" for Corsica.

    keyed: it has 15 characters and the right key.
    usual: written as people and programs write it: whole, part by part, box by box, wrapped once.
    labelled: announced as a social-security number, or the next of a list that is.
    """

    start: int
    end: int
    digits: str
    keyed: bool
    usual: bool
    labelled: bool = False


def key(digits: str) -> int:
    """The key that belongs to the first thirteen characters."""
    number, corsican = digits[:13].lower(), {"2a": "19", "2b": "18"}.get(digits[5:7].lower())
    return 97 - int(number[:5] + corsican + number[7:] if corsican else number) % 97


def is_right(digits: bytes) -> bool:
    """Whether these fifteen characters, folded, have the structure and the key."""
    well_formed = _DATED.match(digits) or _UNDATED.match(digits)
    return bool(well_formed) and len(digits) == 15 and _has_key(digits)


def numbers(folded: Folded) -> list[Number]:
    """Every candidate of the text, in order; the detectors share one reading of it."""
    found = folded.shared.get("nir")
    if not isinstance(found, list):
        data = figures(folded)
        read = [*_numbers(folded, data, runs(folded)), *_misread(folded, data)]
        found = folded.shared["nir"] = _labelled(folded, sorted(read))
    return found


def runs(folded: Folded) -> list[tuple[int, int]]:
    """Where thirteen digits or more stand together; payment cards are looked for in them, too."""
    found = folded.shared.get("runs")
    if not isinstance(found, list):
        data = figures(folded)
        none = folded.digits < 12 or lacks(folded, _RUN)  # 2A and 2B hold a letter
        found = [] if none else [run.span() for run in _RUN.finditer(data)]
        folded.shared["runs"] = found
    return found


def _misread(folded: Folded, data: bytes) -> list[Number]:
    """Numbers whose digits a scanner took for letters: right only if the key says so."""
    if folded.digits < 15 - _MOST_MISREAD or lacks(folded, _MISREAD):
        return []
    spans = [run.span() for run in _MISREAD.finditer(data) if has_letters(run.group())]
    if not spans:
        return []
    return [
        number
        for number in _numbers(folded, with_meant(data, spans), spans)
        if number.keyed and number.usual and _is_repaired(data[number.start : number.end])
    ]


def _is_repaired(written: bytes) -> bool:
    letters = len(written) - len(written.translate(None, MISREAD))
    return 0 < letters <= _MOST_MISREAD


def _labelled(folded: Folded, found: list[Number]) -> list[Number]:
    """A label announces all numbers of a list, "NIR des enfants : …, … et …", up to the word that
    announces something else."""
    told: list[Number] = []
    for number in found:
        before = told[-1].end if told and told[-1].labelled else number.start
        if before < number.start <= before + _LIST:
            labelled = not context.commercial(folded, number.start, before)
        else:
            labelled = context.social(folded, number.start, number.end)
        told.append(number._replace(labelled=labelled))
    return told


def _numbers(folded: Folded, data: bytes, spans: list[tuple[int, int]]) -> Iterator[Number]:
    for begin, end in spans:
        promising = _promising(data[begin:end])
        if not promising:
            continue
        groups = [group.span() for group in _GROUP.finditer(data, begin, end)]
        free = begin  # no digit is part of two right numbers
        for i in promising:
            start = groups[i][0]
            if start < free:
                continue
            number = _number(folded, data, groups[i : i + 15])
            if number and (number.keyed or number.usual) and _stands_alone(data, number):
                free = number.end if number.keyed else free
                yield number


def _promising(run: bytes) -> list[int]:
    """Groups of a run with which a number may begin: it has the structure, ends where a group ends,
    and has its key or is written as one does. This is what stops most of a table of figures."""
    groups = run.translate(_BLANKED).split()
    ends = list(accumulate(map(len, groups)))
    after = {end: i for i, end in enumerate(ends, 1)}
    compact = b"".join(groups)
    promising = []
    for i, at in enumerate([0, *ends[:-1]]):
        short, whole = after.get(at + 13, 0), after.get(at + 15, 0)
        if not (short or whole) or not (_DATED.match(compact, at) or _UNDATED.match(compact, at)):
            continue
        odd = sum(1 for end in ends[i : (short or whole) - 1] if end - at not in _JOINTS)
        pieces = (short or whole) - i
        usual = pieces <= _FEW and odd < 2
        if usual or pieces >= 13 or (whole and _has_key(compact[at : at + 15])):
            promising.append(i)
    return promising


def _has_key(digits: bytes) -> bool:
    if digits.isdigit():  # nearly all
        return 97 - int(digits[:13]) % 97 == int(digits[13:])
    return digits[13:].isdigit() and int(digits[13:]) == key(digits.decode())


def _number(folded: Folded, data: bytes, groups: list[tuple[int, int]]) -> Number | None:
    """The number that begins with the first of these groups and ends where a group ends."""
    begin = groups[0][0]
    digits = b""
    short: Number | None = None  # thirteen characters, should no key follow
    for count, (start, end) in enumerate(groups, 1):
        digits += data[start:end]
        if len(digits) > 15:
            break
        if len(digits) not in (13, 15) or not _may_end(data, end, len(digits)):
            continue
        text = digits.decode()
        usual = _usual(folded, groups[:count])
        if len(digits) == 15:
            if _has_key(digits):
                return Number(begin, end, text, True, usual)
            if short and not (usual and _is_key(data, groups[:count])):
                return short
            return Number(begin, end, text, False, usual)
        if stop := _behind(data, begin, end, text):
            apart = count < 6 and b"\t" in folded.cased[end:stop]  # two numbers, maybe
            return Number(begin, stop, text + f"{key(text):02d}", True, usual and not apart)
        short = Number(begin, end, text, False, usual)
    return short


def _behind(data: bytes, begin: int, end: int, text: str) -> int:
    """Where the key of these thirteen ends that is written apart from them; 0: there is none."""
    if (written := _KEY.match(data, end, end + _KEY_REACH)) and int(written[1]) == key(text):
        return written.end()
    before = _KEY_BEFORE.search(data[max(0, begin - _KEY_REACH) : begin])
    return end if before and int(before[1]) == key(text) else 0


def _is_key(data: bytes, groups: list[tuple[int, int]]) -> bool:
    """Whether the last digits stand there as a key does, be it wrong: apart by one mark like that
    before them, and not the beginning of something else ("… 998 12 rue")."""
    *_, (_, last), (start, end) = groups
    gap = data[last:start]
    alike = len(groups) == 2 or gap == data[groups[-3][1] : groups[-2][0]]
    return alike and len(gap) == 1 and not _WORD.match(data, end)


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


def _may_end(data: bytes, at: int, digits: int) -> bool:
    """Not within a longer number; within a longer word, all fifteen must be there."""
    if at == len(data) or data[at] not in _ALNUM:
        return True
    return digits == 15 and bool(_GLUED_BEHIND.match(data, at, at + _GLUE_REACH))


def _stands_alone(data: bytes, number: Number) -> bool:
    """Not within a longer number. A word may be glued to one side: a label, or any word that is not
    one of trade where the key is right ("scan285…")."""
    start, end = number.start, number.end
    lead = data[max(0, start - _GLUE_REACH) : start]
    glued = bool(lead) and lead[-1] in _ALNUM
    glued_behind = end < len(data) and data[end] in _ALNUM
    if not glued and not glued_behind:
        return True
    if glued and not glued_behind and _LABELS.search(lead):
        return True
    if (glued and glued_behind) or not (number.keyed and _STRICT.match(number.digits)):
        return False
    word = _GLUED.search(lead) if glued else None
    return glued_behind or bool(word and not context.of_trade(word[0]))
