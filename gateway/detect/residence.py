"""Residence permit of a foreigner in France, behind its name: the person's number, or the title's.

Ten digits for the person (AGDREF, never a leading 0, which begins telephone numbers); nine or ten
letters and digits for the title. Neither has a check digit of its own; those of the
machine-readable zone are the business of mrz. Formats as seen on specimens, not from a standard.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.cni import NEW
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(
    rb"titres? de sejour", rb"cartes? de sejour", rb"cartes? de resident", rb"agdref",
    rb"(?:n[o\xb0]?|numero) ?(?:d')?etranger",
)  # fmt: skip
_NUMBER = re.compile(
    rb".{0,60}?(?<![a-z0-9])([1-9][0-9]{9}|[a-z]{2}[0-9]{7,8}|" + NEW + rb")(?![a-z0-9]| ?[0-9])",
    re.DOTALL,
)


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        yield Match(*found.span(1), Likelihood.LIKELY, found[1].decode().upper())


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 2)}"


DETECTOR = Detector(kind="fr.residence", find=find, mask=mask)
