"""French identity card, behind its name: twelve digits before 2021, nine letters and digits since.

    880692310285    year and month of issue, department, place and order
    X4RTBPFW4       consonants and digits, a letter first, two digits at least

Neither has a check digit of its own; those of the machine-readable zone are the business of mrz.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(
    rb"cartes? (?:nationales? )?d'identite",
    rb"cnie?",
    rb"pieces? d'identite",
    rb"identite n[o\xb0]",
)
NEW = rb"(?=(?:[a-z]*[0-9]){2})[b-df-hj-np-tv-z][b-df-hj-np-tv-z0-9]{8}"
_NUMBER = re.compile(
    rb".{0,60}?(?<![a-z0-9])([0-9]{2}(?:0[1-9]|1[0-2]) ?[0-9][0-9ab][0-9] ?[0-9]{5}|"
    + NEW
    + rb")(?![a-z0-9]|[ .\-]?[0-9])",
    re.DOTALL,
)


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        value = found[1].replace(b" ", b"").decode().upper()
        yield Match(*found.span(1), Likelihood.LIKELY, value)


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 2)}"


DETECTOR = Detector(kind="fr.cni", find=find, mask=mask)
