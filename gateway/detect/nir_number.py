"""The number behind fr.nir, fr.nir13 and fr.nia: its structure, its key, the ways it is written.

    S AA MM DD CCC OOO KK    sex, year and month of birth, department, commune, order, key

Key: 97 - (the thirteen first modulo 97), the departments 2A and 2B counting as 19 and 18.
Months: 01-12, 20 (unknown), 21-42 and 50-99 (incomplete or overflowing registers).
Sources: INSEE, répertoire national d'identification des personnes physiques; CNAM's published
validation rules for provisional numbers (7 and 8) and migrants (5 and 6), which hold no date.
Of random numbers of fifteen digits, 0.15 % have this structure and a right key.

It knows what such a number looks like, and which of several one label announces; what else
surrounds it is judged by the detectors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import accumulate, pairwise
from typing import NamedTuple

from gateway.detect import context
from gateway.detect.figures import MISREAD, figures, has_letters, lacks, meant, with_meant
from gateway.detect.fold import Folded
from gateway.detect.pattern import watched
from gateway.detect.stretches import GAP, found_in

# Digits, at most six blanks or marks between two of them. Letters: Corsica's 2A and 2B.
_RUN = watched(rb"[0-9](?:%s{0,6}[0-9ab]){12,}" % GAP)
_MISREAD = watched(rb"[0-9li](?:[ .\-/]{0,3}[0-9olisb]){14,}")  # digits, and what looks like some
_BLANKED = bytes.maketrans(b".-/_|;,:'\"\xb7()[]+&", b" " * 17)
_GROUP = re.compile(rb"[0-9ab]+")  # within one run; no choice in it, hence no backtracking
_MONTH = rb"(?:0[1-9]|1[0-2]|[23][0-9]|4[0-2]|[5-9][0-9])"
_SHAPED = re.compile(  # with a date of birth, or provisional without one
    rb"[1-478][0-9]{2}" + _MONTH + rb"(?!00)(?:[0-9]{2}|2[ab])[0-9]{3}(?!000)[0-9]{3}"
    rb"|[5-8][012][0-9]{11}"
)
# Right behind the thirteen, or named: "clé : 37", "</nir><cle>37", '","cleNir":"37'.
_KEY = re.compile(
    rb"(?:[ .\-/_|;:,(\[]{0,6}|[^a-z0-9]{0,8}(?:[a-z]{2,16}[^a-z0-9]{1,4}){0,2}"
    rb"(?:clef?|key|cl?)(?: de controle|[ _\-]?[a-z]{2,8})?[^a-z0-9]{0,8})([0-9]{2})(?![0-9a-z])"
)
_BARE_KEY = re.compile(rb"[ .\-/_|;:,(\[]{0,6}[0-9]{2}(?![0-9a-z])")  # of these, one with no name
_KEY_REACH = 48  # bytes
_KEY_BEFORE = re.compile(  # <nir cle="37">, "Clé : 37 NIR : "
    rb"clef?[^a-z0-9]{1,4}([0-9]{2})[^a-z0-9]{1,6}(?:nir[^a-z0-9]{1,4})?\Z"
)
_LABELS = re.compile(rb"(?:nir|nss|ss|secu|insee|immat|ins|matricule)\Z")
_GLUED = re.compile(rb"(?<![0-9a-z])(?:[fmn]|[a-z]{2,16})\Z")  # "scan285…", "n285…"
_GLUED_BEHIND = re.compile(rb"(?:[fm]|[a-z]{2,16})(?![0-9a-z])")  # "…37F", "…37DUPONT"
_GLUE_REACH = 18  # bytes
_STRICT = re.compile(r"[1-478]\d\d(?:0[1-9]|1[0-2]|20)")
_ALNUM = frozenset(b"abcdefghijklmnopqrstuvwxyz0123456789\x9c\xe6\xfe")
_WORD = re.compile(rb" [a-z]")
_LETTER = re.compile(rb"[a-z]")
_NO_LETTERS = bytes(set(range(256)) - set(b"abcdefghijklmnopqrstuvwxyz"))
_BOXES = 13  # pieces: one for each digit, the two of a key together or not
_THREES = ([3] * 5, [3, 3, 3, 3, 1, 2])  # as some programs part any number
_FEW = 8  # pieces: seven parts, and one more where a line ends within a part
_JOINTS = frozenset({1, 3, 5, 7, 10, 13})  # where the parts of the number meet
_UNDATED_JOINTS = frozenset({1, 2, 5, 13})  # of 5 to 8 without a date: kind, office, order
_UNDATED = frozenset(b"5678")  # first digits
_KEYLESS = 13  # digits before the key
_PARTED = 4  # cuts; with two or three, the key at least stands apart: 5-5-5 are three numbers
_FAR = 120  # bytes: no label and no mention of a person is looked for farther away
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


class _Promising(NamedTuple):
    """Where in a run a number may begin. first: its first group. short, whole: the groups up to the
    end of the thirteenth and of the fifteenth digit; 0: no group ends there. digits: the fifteen,
    or as many as there are. keyed: they have the right key."""

    first: int
    short: int
    whole: int
    digits: bytes
    keyed: bool


def key(digits: str) -> int:
    """The key that belongs to the first thirteen characters."""
    number, corsican = digits[:13].lower(), {"2a": "19", "2b": "18"}.get(digits[5:7].lower())
    return 97 - int(number[:5] + corsican + number[7:] if corsican else number) % 97


def is_right(digits: bytes) -> bool:
    """Whether these fifteen characters, folded, have the structure and the key."""
    return len(digits) == 15 and bool(_SHAPED.match(digits)) and _has_key(digits)


def numbers(folded: Folded) -> list[Number]:
    """Every candidate of the text, in order; the detectors share one reading of it."""
    found = folded.shared.get("nir")
    if not isinstance(found, list):
        found = folded.shared["nir"] = _read(folded)
    return found


def _read(folded: Folded) -> list[Number]:
    data = figures(folded)
    found: list[Number] = []
    misread = _misread(folded, data)
    read = _numbers(folded, data, runs(folded), None if misread else found)
    for number in sorted([*read, *misread]) if misread else read:
        labelled = _is_labelled(folded, number, found[-1] if found else None)
        found.append(number._replace(labelled=True) if labelled else number)
    return found


def runs(folded: Folded) -> list[tuple[int, int]]:
    """Where thirteen digits or more stand together; payment cards are looked for in them, too."""
    found = folded.shared.get("runs")
    if not isinstance(found, list):
        none = folded.digits < 12 or lacks(folded, _RUN)  # 2A and 2B hold a letter
        found = [] if none else [run.span() for run in found_in(folded, _RUN)]
        folded.shared["runs"] = found
    return found


def _misread(folded: Folded, data: bytes) -> list[Number]:
    """Numbers whose digits a scanner took for letters: right only if the key says so."""
    if folded.digits < 15 - _MOST_MISREAD or lacks(folded, _MISREAD):
        return []
    spans = [run.span() for run in found_in(folded, _MISREAD) if has_letters(run.group())]
    if not (keyed := _keyed(data, spans)):
        return []
    return [
        number
        for number in _numbers(folded, with_meant(data, spans), keyed, ())
        if number.keyed and number.usual and _is_repaired(data[number.start : number.end])
    ]


def _keyed(data: bytes, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Of these, those in which a right key stands once they are put right."""
    return [
        (begin, end)
        for begin, end in spans
        if any(one.keyed or one.short for one in _promising(meant(data[begin:end])))
    ]


def _is_repaired(written: bytes) -> bool:
    letters = len(written) - len(written.translate(None, MISREAD))
    return 0 < letters <= _MOST_MISREAD


def _is_labelled(folded: Folded, number: Number, last: Number | None) -> bool:
    """A label announces all numbers of a list, "NIR des enfants : …, … et …", up to the word that
    announces something else."""
    if last and _goes_on(last, number.start):
        return not context.commercial(folded, number.start, last.end)
    return context.social(folded, number.start, number.end)


def _goes_on(last: Number, start: int) -> bool:
    """Whether what starts here is in the list of the last number, which a label announces."""
    return last.labelled and last.end < start <= last.end + _LIST


def _numbers(
    folded: Folded,
    data: bytes,
    spans: list[tuple[int, int]],
    known: Sequence[Number] | None,
) -> Iterator[Number]:
    """known: the numbers before the next one, labelled; None: they are not known yet, so nothing
    is left out."""
    plain = figures(folded)
    for begin, end in spans:
        promising = _promising(data[begin:end])
        if not promising:
            continue
        groups = [group.span() for group in _GROUP.finditer(data, begin, end)]
        words = _words(folded, begin, end)
        free = begin  # no digit is part of two right numbers
        for one in promising:
            start = groups[one.first][0]
            if start < free or (
                known is not None
                and not one.keyed
                and _is_nothing(folded, plain, groups, one, known, words)
            ):
                continue
            number = _number(folded, data, groups, one)
            if not number or context.measures(folded, number.start, number.end):
                continue
            if (number.keyed or number.usual) and _stands_alone(data, number):
                free = number.end if number.keyed else free
                yield number


def _is_nothing(
    folded: Folded,
    data: bytes,
    groups: list[tuple[int, int]],
    one: _Promising,
    known: Sequence[Number],
    words: _Words,
) -> bool:
    """Whether one without a right key has neither a word near nor a list that could make anything
    of it: what nearly all of a table of figures is, and takes little time to say."""
    begin, end = groups[one.first][0], groups[max(one.short, one.whole) - 1][1]
    if words.near(folded, begin, end) or (known and _goes_on(known[-1], begin)):
        return False
    short = groups[one.short - 1][1] if one.short else 0
    if not short or not _BARE_KEY.match(data, short):  # no word is near that could name it
        return True
    return not _behind(data, begin, short, one.digits[:13].decode())


class _Words(NamedTuple):
    """The letters next to a run of figures, looked for once and not for each number in it (half the
    time of a table of figures). before, behind: positions of the last letter in front of it and of
    the first behind. inside: it has some itself."""

    before: int
    behind: int
    inside: bool

    def near(self, folded: Folded, begin: int, end: int) -> bool:
        """Whether there are any _FAR before the beginning, or behind the end, of what is in it."""
        if not self.inside:
            return self.before >= begin - _FAR or self.behind < end + _FAR
        return any(
            context.has_words(folded, *around)
            for around in ((max(0, begin - _FAR), begin), (end, end + _FAR))
        )


def _words(folded: Folded, begin: int, end: int) -> _Words:
    data, first = folded.data, max(0, begin - _FAR)
    lead, behind = data[first:begin].rstrip(_NO_LETTERS), _LETTER.search(data, end, end + _FAR)
    return _Words(
        first + len(lead) - 1 if lead else -_FAR - 1,
        behind.start() if behind else len(data) + _FAR,
        context.has_words(folded, begin, end),
    )


def _promising(run: bytes) -> list[_Promising]:
    """Groups of a run with which a number may begin: it has the structure, ends where a group ends,
    and has its key or is written as one does. This is what stops most of a table of figures."""
    groups = run.translate(_BLANKED).split()
    ends = list(accumulate(map(len, groups)))
    after = {end: i for i, end in enumerate(ends, 1)}
    compact = b"".join(groups)
    promising = []
    for i, at in enumerate([0, *ends[:-1]]):
        short, whole = after.get(at + 13, 0), after.get(at + 15, 0)
        if not (short or whole) or not _SHAPED.match(compact, at):
            continue
        pieces = (short or whole) - i
        digits = compact[at : at + 15]
        keyed = bool(whole) and _has_key(digits)
        if (
            keyed
            or pieces >= _BOXES
            or (pieces <= _FEW and _meets_joints(ends[i : i + pieces - 1], at, compact[at]))
        ):
            promising.append(_Promising(i, short, whole, digits, keyed))
    return promising


def _meets_joints(ends: list[int], at: int, first: int) -> bool:
    """Whether its pieces but one end where parts of the number meet."""
    if len(ends) < 2 or sum([end - at not in _JOINTS for end in ends]) < 2:
        return True
    return first in _UNDATED and _UNDATED_JOINTS.issuperset(end - at for end in ends)


def _has_key(digits: bytes) -> bool:
    if digits.isdigit():  # nearly all
        return 97 - int(digits[:13]) % 97 == int(digits[13:])
    return digits[13:].isdigit() and int(digits[13:]) == key(digits.decode())


def _number(
    folded: Folded, data: bytes, groups: list[tuple[int, int]], one: _Promising
) -> Number | None:
    """The number that begins with this group and ends where a group ends."""
    begin = groups[one.first][0]
    short: Number | None = None  # thirteen characters, should no key follow
    if one.short and _may_end(data, end := groups[one.short - 1][1], 13):
        text, written = one.digits[:13].decode(), groups[one.first : one.short]
        usual = _usual(folded, groups, one.first, one.short)
        if stop := _behind(data, begin, end, text):
            apart = len(written) < 6 and b"\t" in folded.cased[end:stop]  # two numbers, maybe
            return Number(begin, stop, text + f"{key(text):02d}", True, usual and not apart)
        short = Number(begin, end, text, False, usual)
    if not one.whole or not _may_end(data, end := groups[one.whole - 1][1], 15):
        return short
    written = groups[one.first : one.whole]
    usual, keyed = _usual(folded, groups, one.first, one.whole), one.keyed
    if not keyed and short and not (usual and _is_key(data, written)):
        return short
    return Number(begin, end, one.digits.decode(), keyed, usual)


def _behind(data: bytes, begin: int, end: int, text: str) -> int:
    """Where the key of these thirteen ends that is written apart from them; 0: there is none."""
    right = b"%02d" % key(text)
    if right in data[end : end + _KEY_REACH]:  # else no need to look how it is named
        written = _KEY.match(data, end, end + _KEY_REACH)
        if written and written[1] == right:
            return written.end()
    lead = data[max(0, begin - _KEY_REACH) : begin]
    before = _KEY_BEFORE.search(lead) if right in lead else None
    return end if before and before[1] == right else 0


def _is_key(data: bytes, groups: list[tuple[int, int]]) -> bool:
    """Whether the last digits stand there as a key does, be it wrong: apart by one mark like that
    before them, and not the beginning of something else ("… 998 12 rue")."""
    *_, (_, last), (start, end) = groups
    gap = data[last:start]
    alike = len(groups) == 2 or gap == data[groups[-3][1] : groups[-2][0]]
    return alike and len(gap) == 1 and not _WORD.match(data, end)


def _usual(folded: Folded, groups: list[tuple[int, int]], first: int, last: int) -> bool:
    """Whether these groups of a run are cut as people and programs cut a number."""
    written = groups[first:last]
    if len(written) >= _BOXES:
        return _is_boxed(folded, groups, first, last)
    if [end - start for start, end in groups[:_BOXES]] in _THREES:
        return True  # "279 035 121 518 989", and no figure beside it
    at = 0
    cuts, odd = [], []
    lines = tabs = commas = 0
    for (start, end), (following, _) in pairwise(written):
        at += end - start
        gap = folded.cased[end:following]
        lines += b"\n" in gap
        tabs += b"\t" in gap
        commas += b"," in gap and at < _KEYLESS
        cuts.append(at)
        if at not in _JOINTS:
            odd.append(gap)
    if 0 < commas < len([cut for cut in cuts if cut < _KEYLESS]):
        return False  # "165 11,9841 1 817,63": amounts
    if odd and folded.data[written[0][0]] in _UNDATED and _UNDATED_JOINTS.issuperset(cuts):
        odd = []  # "7 1 999 00000001"
    if tabs:
        return len(written) >= 6 and not odd
    if not odd:
        short = at + written[-1][1] - written[-1][0] < 15
        return bool(short or lines or at == 13 or len(cuts) < 2 or len(cuts) >= _PARTED)
    return len(odd) == 1 and b"\n" in odd[0] and not _ends_amount(folded, written[0][0])


def _is_boxed(folded: Folded, groups: list[tuple[int, int]], first: int, last: int) -> bool:
    """A character a box, in one line or each in its own, and none beside: no table of figures."""
    inside = [_new_line(folded, groups, i) for i in range(first + 1, last)]
    if any(inside) and not all(inside):
        return False
    lead = (
        first > 0 and _is_one(groups[first - 1]) and _new_line(folded, groups, first) == inside[0]
    )
    if sum(end - start for start, end in groups[first:last]) == 13 or last == len(groups):
        return not lead  # behind thirteen stands the key
    return not lead and not (_is_one(groups[last]) and _new_line(folded, groups, last) == inside[0])


def _new_line(folded: Folded, groups: list[tuple[int, int]], i: int) -> bool:
    """Whether a line ends before this group."""
    return b"\n" in folded.cased[groups[i - 1][1] : groups[i][0]]


def _is_one(group: tuple[int, int]) -> bool:
    return group[1] - group[0] == 1


def _ends_amount(folded: Folded, start: int) -> bool:
    """Whether what begins here are the cents of an amount, "762,18"."""
    before = folded.data[max(0, start - 2) : start]
    return before[:1].isdigit() and before[1:] in (b",", b".")


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
