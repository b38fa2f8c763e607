"""French passport: two digits, two letters, five digits, behind the word "passeport".

The number has no check digit of its own; that of the machine-readable zone is the business of mrz.
Not here: passports of other countries, whose numbers have every shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(rb"passeports?", rb"passport")
_NUMBER = re.compile(rb".{0,60}?(?<![a-z0-9])([0-9]{2} ?[a-z]{2} ?[0-9]{5})(?![a-z0-9])", re.DOTALL)


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        value = found[1].replace(b" ", b"").decode().upper()
        yield Match(*found.span(1), Likelihood.LIKELY, value)


def mask(value: str) -> str:
    return f"{value[:2]}** *****"


DETECTOR = Detector(kind="fr.passport", find=find, mask=mask)
