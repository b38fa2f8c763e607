"""Number of a file at a departmental house for disabled persons (MDPH), behind its label.

Six to twelve digits, perhaps the department's number in front ("33-0123456"): every house has its
own, no form is published and there is no check. It takes the word "dossier" or "n°" beside "MDPH":
LIKELY. That somebody has such a file is said by the words themselves; this is whose file it is.
Not here: numbers with letters, and those of forms (cerfa), which are shorter.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(
    rb"(?:dossier|usager|individu|identifiant|n[o\xb0]?|num|numero) (?:de |a )?(?:la )?mdph",
    rb"mdph (?:dossier|n[o\xb0]?|num|numero)",
)  # fmt: skip
# Not a telephone (ten digits from 0 on), nor a date, nor what goes on.
_NUMBER = re.compile(
    rb"(?:[ .:=#_(\-]|n[o\xb0]|numero|dossier){0,6}(?!0[1-9](?:[ .]?[0-9]{2}){4}(?![0-9]))"
    rb"((?:[0-9]{2,3}[ \-])?[0-9]{6,12})(?![0-9a-z]|[ .\-/]?[0-9])"
)


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        value = found[1].translate(None, b" -").decode()
        yield Match(*found.span(1), Likelihood.LIKELY, value)


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 2)}"


DETECTOR = Detector(kind="fr.mdph", find=find, mask=mask)
