"""Columns of a table of persons that tell of their health: known by their labels, or blood groups.

A rule asks for such a table with `finding: table.persons, near: table.health`. What is found is the
column, under fixed wording, never a cell. Labels that mean something else as often as not
(traitement, résultat, service, motif, commentaire) are none: words in those cells are judged one by
one by `health.terms`.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from gateway.detect.detector import Detector, nothing_in_texts

KIND = "table.health"
TOLD = "santé"
_LABELS = re.compile(
    r"\b(?:medecins? (?:traitant|prescripteur)|prescripteur|ald|affections?|pathologies?|dp|das"
    r"|diagnosti[cs]s?|diagnosis|cim ?10|codes? cim|maladies?|symptomes?|ccam|code acte|cotation"
    r"|medicaments?|medication|posologie|ordonnance|allergies?|antecedents?|(?:gr|grp|gpe|groupe)"
    r" sanguin|gs|abo|rhesus|blood (?:group|type)|vih|hiv|sero\w{0,9}|grossesse|enceinte|rqth"
    r"|handicaps?|imc|bmi|taux d (?:incapacite|invalidite)|hospitalis\w{0,6}|hba1c|gir"
    r"|(?:date|motif) (?:de |d )?(?:la )?(?:consultation|hospitalisation|prelevement|soins"
    r"|accouchement)|arrets? (?:de travail|maladie)|ipp|nip|nda|iep|patiente?s?|vaccin\w{0,8}"
    r"|disease|treatment)\b"
)
_BLOOD = re.compile(
    rb"(?:ab|a|b|o) ?(?:rh(?:esus)? ?)?(?:\(?d\)? ?)?(?:\+|-|pos(?:itif)?|neg(?:atif)?)"
)
_NOT_BLOOD = re.compile(r"\b(?:notes?|grades?|classe|energie|dpe|ges|niveau|mention|evaluation)\b")
_SHARE = 0.6  # of the cells; the others are empty, unknown or misspelt


def tells(label: str, cells: Sequence[bytes]) -> bool:
    """label: folded, its punctuation blank. cells: some of the column, folded and short."""
    if _LABELS.search(label):
        return True
    groups = {cell for cell in cells if _BLOOD.fullmatch(cell)}
    if len(groups) < 2 or _NOT_BLOOD.search(label):
        return False
    return sum(cell in groups for cell in cells) >= _SHARE * len(cells)


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=lambda _: TOLD)
