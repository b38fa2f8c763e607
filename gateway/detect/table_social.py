"""Columns of a table of persons that tell how they live: income, benefits, household, rights.

Social data are no health data in law, but those of many persons at once are what incident S3 was
about. Known by their labels, or by cells that name benefits; the amounts look like any other.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.detect.detector import Detector, nothing_in_texts

KIND = "table.social"
TOLD = "ressources et droits"
_LABELS = re.compile(
    r"\b(?:revenus?|ressources?|rfr|quotient(?: familial)?|qf|salaires?|remunerations?"
    r"|(?:(?:code?|mnt|mt|lib) ?)?prest\w{0,8}|droits?|rsa|apl|aah|aeeh|ajpp|asf|paje|ppa"
    r"|allocations?|indus?|trop percus?|pensions?"
    r"|rentes?|situation (?:familiale|matrimoniale|professionnelle)|(?:nb|nbre|nombre)"
    r" (?:d )?enfants?|personnes a charge|foyer|aides?|dettes?|impayes?|saisies?|surendettement"
    r"|income|salary|benefits?|mutuelle|complementaire|c2s|css|ame|cmu|tutelle|curatelle"
    r"|nationalite|titre de sejour|religion|syndicat|iban|rib|bic|bank account)\b"
)
_BENEFIT = re.compile(
    rb"(?:rsa|aah|apl|als|alf|asf|aeeh|ajpp|aspa|ppa|paje|cmg|prepare|cf|aad|avpf"
    rb"|prime d'activite|allocations? (?:familiales?|logement|de rentree scolaire))(?: .{1,20})?"
)
_SHARE = 0.6  # of the cells


def tells(label: str, cells: Sequence[bytes]) -> bool:
    """label: folded, its punctuation blank. cells: some of the column, folded and short."""
    if _LABELS.search(label):
        return True
    return bool(cells) and sum(1 for c in cells if _BENEFIT.fullmatch(c)) >= _SHARE * len(cells)


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=lambda _: TOLD)
