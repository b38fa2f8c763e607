"""National number of pupils and students (INE), behind its label.

1234567890A    ten digits and a letter (BEA, universities)
123456789AB    nine digits and two letters (RNIE, schools)
1234A56789B    four digits, A, five digits and a letter (apprentices)
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(rb"ine", rb"identifiant national (?:de l')?(?:etudiant|eleve)", rb"n[o\xb0]? bea")
_NUMBER = re.compile(
    rb".{0,30}?(?<![a-z0-9])([0-9]{10} ?[a-z]|[0-9]{9} ?[a-z]{2}|[0-9]{4}a[0-9]{5}[a-z])"
    rb"(?![a-z0-9])",
    re.DOTALL,
)


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        value = found[1].replace(b" ", b"").decode().upper()
        yield Match(*found.span(1), Likelihood.LIKELY, value)


def mask(value: str) -> str:
    return f"{value[:2]}*********"


DETECTOR = Detector(kind="fr.ine", find=find, mask=mask)
