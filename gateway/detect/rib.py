"""French account number (RIB): bank 5, branch 5, account 11, key 2.

Key: 97 - ((89 bank + 15 branch + 3 account) modulo 97), where the letters of the account count
A, J = 1, B, K, S = 2 … I, R, Z = 9 (Comité français d'organisation et de normalisation bancaires).
One number in 97 passes, so it takes the four parts apart or a label, behind which it may be cut
anywhere; or each part behind its own name, in any order. Letters that a scanner read for digits are
put right behind a label only; so is one sign more in words read from a picture. The one inside an
IBAN is the IBAN's business.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

from gateway.detect import context, house, misread
from gateway.detect.detector import Detector
from gateway.detect.figures import figures, has_letters, lacks, meant
from gateway.detect.fold import Folded
from gateway.detect.heads import label, spans
from gateway.detect.pattern import Pattern, linear, watched
from gateway.detect.stretches import found_in, stretches
from gateway.model import Likelihood, Match

_LABEL = context.words(
    "ribs?", "iban", "banque", "bancaires?", "compte", "guichet", "virements?", "domiciliation",
    r"r\.i\.b\.?", "bque", "cpte", "agence",
)  # fmt: skip
_MARKS = b" .-/_|;,:'\"\xb7[]+"
_GAP = rb"[ .\-/_|;,:'\"\xb7\[\]+]{%d,6}"
_ACCOUNT = rb"(?:[0-9a-z]{11}|[0-9](?:[ .\-]?[0-9a-z]){10})"
_KEY = rb"(?:[ .\-/_|;,:'\"\xb7\[\]+]{0,6}|[^a-z0-9]{1,4}cle(?: rib)?[ :.]{1,4})"
_BEGIN, _END = rb"(?:^|[^a-z0-9]|[^a-z]rib)", rb"(?:[^a-z0-9]|$)"


def _parted(digit: bytes, least: int) -> Pattern:
    """least: marks that must stand between two parts."""
    five, gap = digit + b"{5}", _GAP % least
    parts = b"(%s)%s(%s)%s(%s)%s(%s{2})" % (five, gap, five, gap, _ACCOUNT, _KEY, digit)
    return watched(_BEGIN + parts + _END)


_PLAIN = _parted(rb"[0-9]", 0)
_MISREAD = _parted(rb"[0-9olisb]", 1)
_IN_PICTURES = linear(
    rb"(?:^|[^a-z0-9])([0-9olisb]{5})%s([0-9olisb]{5})%s([0-9a-z/]{11,12})%s([0-9olisb]{2})"
    rb"(?:[^a-z0-9]|$)" % (_GAP % 0, _GAP % 0, _KEY)
)
# "Code banque : 30006, guichet : 00001, compte n° 12345678901, clé RIB : 89", in any order.
_FORM = label(rb"(?:c/|(?:code?|cd)[ _]?(?:du )?)?(?:guichet|guich\.?|agence)", heading=False)
_FORM_REACH = 160  # bytes on either side of it
_FIELDS = (
    re.compile(rb"(?:banque|bque|etab[a-z]{0,10})[^0-9]{0,24}([0-9]{5})(?![0-9a-z])"),
    re.compile(rb"(?:guichet|guich|agence)[^0-9]{0,24}([0-9]{5})(?![0-9a-z])"),
    re.compile(rb"(?:compte|cpte)[^0-9]{0,16}(" + _ACCOUNT + rb")(?![0-9a-z])"),
    re.compile(rb"(?:cle|c/rice)[^0-9]{0,24}([0-9]{2})(?![0-9a-z])"),
)
# "RIB 9999 9000 …", a character a box: cut anywhere, so that its label must stand right before it.
_NAMED = label(
    rb"ribs?", rb"r\.i\.b\.?", rb"releves? (?:d')?identite bancaire", rb"comptes?",
    rb"coordonnees bancaires", rb"references bancaires",
    heading=False,
)  # fmt: skip
_BOX = rb"[ .\-|\[\]_]{0,3}"
_BOXED = re.compile(
    rb"(?:[ :]{1,3}(?:bancaires?|n[o\xb0]?|numero|a crediter)){0,3}"
    rb"[^a-z0-9]{0,12}((?:[0-9]%s){10}(?:[0-9a-z]%s){11}[0-9]%s[0-9])(?![0-9a-z])" % ((_BOX,) * 3)
)
_BOXED_REACH = 120  # bytes
_FEWEST = 6  # digits: the account may be all letters, and a scanner misread half of the others
_LENGTH = 23  # characters
_SURE_LENGTH = 26  # with a mark between each two parts
_WEIGHTS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "12345678912345678923456789")


def find(folded: Folded) -> Iterator[Match]:
    if folded.digits < _FEWEST:
        return
    found = {(match.start, match.value): match for match in _all(folded)}.values()
    few = house.may_hold(len({match.value for match in found}))
    for match in found:
        if few and house.owns(folded.data, match.start, match.end):
            match = replace(match, likelihood=Likelihood.POSSIBLE)
        yield match


def _all(folded: Folded) -> Iterator[Match]:
    if not lacks(folded, _PLAIN):
        yield from _plain(folded)
    if not lacks(folded, _MISREAD):
        yield from _misread(folded)
    if misread.noted(folded):
        yield from _in_pictures(folded)
    yield from _boxed(folded)
    yield from _form(folded)


def _plain(folded: Folded) -> Iterator[Match]:
    for begin, end in stretches(folded):
        yield from _plain_within(folded, begin, end)


def _plain_within(folded: Folded, at: int, stop: int) -> Iterator[Match]:
    data = figures(folded)
    while hit := _PLAIN.search(data, at, stop):
        start, end = hit.start(1), hit.end(4)
        parts = data[start:end].translate(None, _MARKS).decode()
        if len(parts) > _LENGTH:  # "clé" among them
            parts = b"".join(hit.groups()).translate(None, _MARKS).decode()
        at = start + 5
        if not right_key(parts) or _within_iban(data, start):
            continue
        at = end
        labelled = _is_labelled(folded, start)
        if labelled or end - start >= _SURE_LENGTH:
            sure = Likelihood.VERY_LIKELY if labelled else Likelihood.LIKELY
            yield Match(start, end, sure, parts.upper())


def _misread(folded: Folded) -> Iterator[Match]:
    data = figures(folded)
    for hit in found_in(folded, _MISREAD):
        bank, branch, account, key = (part.translate(None, _MARKS) for part in hit.groups())
        start = hit.start(1)
        if not has_letters(bank + branch + account + key) or not _is_labelled(folded, start):
            continue
        ends = meant(bank) + meant(branch), meant(key)
        for middle in dict.fromkeys((meant(account), account)):
            parts = (ends[0] + middle + ends[1]).decode()
            if right_key(parts) and not _within_iban(data, start):
                yield Match(start, hit.end(4), Likelihood.LIKELY, parts.upper())
                break


def _in_pictures(folded: Folded) -> Iterator[Match]:
    """Those of which no reading is right: the engine reads a line several times."""
    data = figures(folded)
    known = (*_plain(folded), *_misread(folded))
    right = {match.value[:10].encode() for match in known}  # their banks and branches
    for hit in _IN_PICTURES.finditer(data):
        bank, branch, account, key = hit.groups()
        ends, start = (meant(bank) + meant(branch), meant(key)), hit.start(1)
        if ends[0] in right or not _is_labelled(folded, start) or _within_iban(data, start):
            continue
        for one in misread.accounts(account):
            parts = (ends[0] + one + ends[1]).decode()
            if right_key(parts):
                right.add(ends[0])
                yield Match(start, hit.end(4), Likelihood.LIKELY, parts.upper())
                break


def _boxed(folded: Folded) -> Iterator[Match]:
    data = figures(folded)
    for _, end in spans(folded, _NAMED):
        if found := _BOXED.match(data, end, end + _BOXED_REACH):
            parts = found[1].translate(None, _MARKS).decode()
            if right_key(parts):
                yield Match(*found.span(1), Likelihood.VERY_LIKELY, parts.upper())


def _form(folded: Folded) -> Iterator[Match]:
    """Of several forms, one below the other, the fields that are right together."""
    data, known = figures(folded), ""
    for start, end in spans(folded, _FORM):
        first = max(0, start - _FORM_REACH)
        around = data[first : end + _FORM_REACH]
        fields = [_nearest(field, around, start - first) for field in _FIELDS]
        for parts in map("".join, product(*fields)):
            if parts != known and right_key(parts):
                known = parts
                yield Match(start, end, Likelihood.VERY_LIKELY, parts.upper())
                break


def _nearest(field: re.Pattern[bytes], around: bytes, at: int) -> list[str]:
    """The two values that stand nearest: the next form may be as near as the rest of this one."""
    found = sorted(field.finditer(around), key=lambda one: abs(one.start() - at))
    return [one[1].translate(None, _MARKS).decode() for one in found[:2]]


def _is_labelled(folded: Folded, start: int) -> bool:
    return context.announced(folded, start, _LABEL) or folded.data.endswith(b"rib", 0, start)


def right_key(parts: str) -> bool:
    digits = parts.lower().translate(_WEIGHTS)
    bank, branch, account = int(digits[:5]), int(digits[5:10]), int(digits[10:21])
    return 97 - (89 * bank + 15 * branch + 3 * account) % 97 == int(digits[21:])


def _within_iban(data: bytes, start: int) -> bool:
    before = data[max(0, start - 6) : start].translate(None, _MARKS)
    return before[-4:-2].isalpha() and before[-2:].isdigit()


def mask(value: str) -> str:
    return f"{value[:5]} ***** *********** **"


DETECTOR = Detector(kind="fr.rib", find=find, mask=mask)
