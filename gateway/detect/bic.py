"""Code of a bank (BIC, ISO 9362): four letters, a country, two or five more; behind its label, or
beside an IBAN of the same country.

It names a bank and nobody else, so it is never a leak: POSSIBLE. Words in capitals look like it,
hence the label or the IBAN, the capitals and a country that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.detect.iban import LENGTHS, accounts
from gateway.model import Likelihood, Match

_LABEL = label(rb"bic", rb"swift", heading=False)
_SHAPE = rb"([a-z]{4} ?([a-z]{2}) ?[a-z0-9]{2}(?: ?[a-z0-9]{3})?)(?![a-z0-9])"
_CODE = re.compile(rb"[^a-z0-9]{0,6}(?:swift|code)?[^a-z0-9]{0,4}" + _SHAPE)
_BESIDE = re.compile(rb"(?<![a-z0-9])([a-z]{4}([a-z]{2})[a-z0-9]{2}(?:[a-z0-9]{3})?)(?![a-z0-9])")
_REACH = 80  # bytes behind an IBAN
_COUNTRIES = {*LENGTHS, "ae", "au", "bj", "br", "ca", "ci", "cm", "cn", "jp", "us", "za"}


def find(folded: Folded) -> Iterator[Match]:
    free = 0
    for found in sorted(_candidates(folded), key=lambda one: one.start(1)):
        start, end = found.span(1)
        if start >= free and folded.cased[start:end].isupper():
            free = end
            value = found[1].replace(b" ", b"").decode().upper()
            yield Match(start, end, Likelihood.POSSIBLE, value)


def _candidates(folded: Folded) -> Iterator[re.Match[bytes]]:
    for found in announced(folded, _LABEL, _CODE):
        if found[2].decode() in _COUNTRIES:
            yield found
    for _, end, value in accounts(folded):
        for found in _BESIDE.finditer(folded.data, end, end + _REACH):
            if found[2].decode().upper() == value[:2]:
                yield found


def mask(value: str) -> str:
    return f"{value[:4]}****"


DETECTOR = Detector(kind="bic", find=find, mask=mask)
