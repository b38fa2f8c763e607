"""Code of a bank (BIC, ISO 9362), behind its label: four letters, a country, two or five more.

It names a bank and nobody else, so it is never a leak: POSSIBLE. Words in capitals look like it,
hence the label, the capitals and a country that exists.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.detect.iban import LENGTHS
from gateway.model import Likelihood, Match

_LABEL = label(rb"bic", rb"swift", heading=False)
_CODE = re.compile(
    rb"[^a-z0-9]{0,6}(?:swift|code)?[^a-z0-9]{0,4}"
    rb"([a-z]{4} ?([a-z]{2}) ?[a-z0-9]{2}(?: ?[a-z0-9]{3})?)(?![a-z0-9])"
)
_COUNTRIES = {*LENGTHS, "ae", "au", "bj", "br", "ca", "ci", "cm", "cn", "jp", "us", "za"}


def find(folded: Folded) -> Iterator[Match]:
    for found in announced(folded, _LABEL, _CODE):
        start, end = found.span(1)
        if found[2].decode() in _COUNTRIES and folded.cased[start:end].isupper():
            value = found[1].replace(b" ", b"").decode().upper()
            yield Match(start, end, Likelihood.POSSIBLE, value)


def mask(value: str) -> str:
    return f"{value[:4]}****"


DETECTOR = Detector(kind="bic", find=find, mask=mask)
