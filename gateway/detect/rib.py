"""French account number (RIB): bank 5, branch 5, account 11, key 2.

Key: 97 - ((89 bank + 15 branch + 3 account) modulo 97), where the letters of the account count
A, J = 1, B, K, S = 2 … I, R, Z = 9 (Comité français d'organisation et de normalisation bancaires).
One number in 97 passes, so it takes the four parts apart or a label. The one inside an IBAN is the
IBAN's business.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.pattern import watched
from gateway.model import Likelihood, Match

_LABEL = context.words(
    "ribs?", "iban", "banque", "bancaires?", "compte", "guichet", "virements?", "domiciliation",
)  # fmt: skip
_MARK = rb"[ .\-/_|;,:\xb7]{0,4}"
_PLAIN = watched(
    rb"(?:^|[^a-z0-9])([0-9]{5}%s[0-9]{5}%s[0-9a-z]{11}%s[0-9]{2})(?:[^a-z0-9]|$)"
    % (_MARK, _MARK, _MARK)
)
_FORM = watched(  # "Banque : 30006 Guichet : 00001 Compte n° 12345678901 Clé : 89"
    rb"banque[^0-9]{0,20}([0-9]{5})[^0-9]{1,30}([0-9]{5})[^0-9]{0,30}"
    rb"compte[^0-9]{0,12}([0-9a-z]{11})[^0-9]{1,20}([0-9]{2})(?:[^a-z0-9]|$)"
)
_WEIGHTS = str.maketrans("abcdefghijklmnopqrstuvwxyz", "12345678912345678923456789")
_MARKS = b" .-/_|;,:\xb7"


def find(folded: Folded) -> Iterator[Match]:
    if folded.digits < 12:  # bank, branch, key; the account may be all letters
        return
    if not folded.lacks(_PLAIN):
        yield from _plain(folded)
    if not folded.lacks(_FORM):
        yield from _form(folded)


def _plain(folded: Folded) -> Iterator[Match]:
    data, at = folded.data, 0
    while hit := _PLAIN.search(data, at):
        start, end = hit.span(1)
        parts = data[start:end].translate(None, _MARKS).decode()
        at = start + 5
        if not right_key(parts) or _within_iban(data, start):
            continue
        at = end
        labelled = context.announced(folded, start, _LABEL)
        if labelled or end - start >= 26:
            sure = Likelihood.VERY_LIKELY if labelled else Likelihood.LIKELY
            yield Match(start, end, sure, parts.upper())


def _form(folded: Folded) -> Iterator[Match]:
    for form in _FORM.finditer(folded.data):
        parts = b"".join(form.groups()).decode()
        if right_key(parts):
            yield Match(form.start(1), form.end(4), Likelihood.VERY_LIKELY, parts.upper())


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
