"""Columns of a table of persons that tell how they live: income, benefits, household, rights.

Social data are no health data in law, but those of many persons at once are what incident S3 was
about. Known by their labels; the amounts themselves look like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.detect.detector import Detector, nothing_in_texts

KIND = "table.social"
TOLD = "ressources et droits"
_LABELS = re.compile(
    r"\b(?:revenus?|ressources?|rfr|quotient(?: familial)?|qf|salaires?|remunerations?|prest\w{0,8}"
    r"|droits?|rsa|apl|aah|aeeh|ajpp|asf|paje|ppa|allocations?|indus?|trop percus?|pensions?"
    r"|rentes?|situation (?:familiale|matrimoniale|professionnelle)|(?:nb|nbre|nombre)"
    r" (?:d )?enfants?|personnes a charge|foyer|aides?|dettes?|impayes?|saisies?|surendettement"
    r"|income|salary|benefits?|mutuelle|complementaire|c2s|css|ame|cmu|tutelle|curatelle"
    r"|nationalite|titre de sejour|religion|syndicat|iban|rib|bic|bank account)\b"
)


def tells(label: str, cells: Sequence[bytes]) -> bool:
    """label: folded, its punctuation blank."""
    return bool(_LABELS.search(label))


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=lambda _: TOLD)
