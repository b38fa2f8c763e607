"""Number of a health professional in the national directory (RPPS): eleven digits, Luhn's the last.

It is public, so it is never a leak: POSSIBLE at most, and only behind its label. It says that a
document is a medical one. Source: the directory's published format.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.check_digits import luhn
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.model import Likelihood, Match

_LABEL = label(rb"rpps", heading=False)
_NUMBER = re.compile(rb"[^0-9]{0,20}(1[0-9](?:[ .]?[0-9]){9}|99(?:[ .]?[0-9]){9})(?![0-9a-z])")


def find(folded: Folded) -> Iterator[Match]:
    for found in announced(folded, _LABEL, _NUMBER):
        digits = found[1].translate(None, b" .").decode()
        if luhn(digits):
            yield Match(*found.span(1), Likelihood.POSSIBLE, digits)


def mask(value: str) -> str:
    return f"{value[:3]}********"


DETECTOR = Detector(kind="fr.rpps", find=find, mask=mask)
