"""Number of a health or social establishment (FINESS): department, seven digits.

Nine characters, Luhn's digit the last (not checked where Corsica's letter stands). It is public, so
it is never a leak: POSSIBLE at most, and only behind its label.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.check_digits import luhn
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import announced, label
from gateway.model import Likelihood, Match

_LABEL = label(rb"finess", heading=False)
_NUMBER = re.compile(rb"[^0-9]{0,25}([0-9] ?[0-9ab](?:[ .]?[0-9]){7})(?![0-9a-z])")


def find(folded: Folded) -> Iterator[Match]:
    for found in announced(folded, _LABEL, _NUMBER):
        digits = found[1].translate(None, b" .").decode().upper()
        if not digits.isdigit() or luhn(digits):
            yield Match(*found.span(1), Likelihood.POSSIBLE, digits)


def mask(value: str) -> str:
    return f"{value[:2]}*******"


DETECTOR = Detector(kind="fr.finess", find=find, mask=mask)
