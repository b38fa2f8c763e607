"""Columns of a table of persons that tell of their health: known by their labels, or by what most
of their cells are: blood groups, diagnoses of ICD-10 with their point, acts of CCAM or NGAP.

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
    r"|diagnosti[cs]s?|diagnosis|(?:cim|icd) ?1[01]|codes? (?:cim|icd|diag\w{0,7})"
    r"|maladies?|symptomes?|ccam|code acte|cotation|medicaments?|medication|posologie"
    r"|ordonnance|allergies?|antecedents?|(?:gr|grp|gpe|groupe)"
    r" sanguin|gs|abo|rhesus|blood (?:group|type)|vih|hiv|sero\w{0,9}|grossesse|enceinte|rqth"
    r"|handicaps?|imc|bmi|taux d (?:incapacite|invalidite)|hospitalis\w{0,6}|hba1c|gir"
    r"|(?:date|motif) (?:de |d )?(?:la )?(?:consultation|hospitalisation|prelevement|soins"
    r"|accouchement)|arrets? (?:de travail|maladie)|ipp|nip|nda|iep|patiente?s?|vaccin\w{0,8}"
    r"|disease|treatment)\b"
)
_BLOOD = re.compile(
    rb"(?:ab|a|b|o) ?(?:rh(?:esus)? ?)?(?:\(?d\)? ?)?(?:\+|-|pos(?:itif)?|neg(?:atif)?)"
)
_CODE = re.compile(
    rb"[a-z][0-9]{2}\.[0-9]{1,2}(?: ?[+*])?|[a-z]{4}[0-9]{3}"
    rb"|ifd|mci|mau|(?:am[ikmpsxy]|ais|bs[abc]|dsi|ifd) ?[0-9]{1,2}(?:[.,][0-9]{1,2})?"
)
_NOT_CODES = re.compile(
    r"\b(?:ref\w{0,8}|lots?|articles?|produits?|locaux|local|bureaux?|versions?|notes?|grades?"
    r"|classe|energie|dpe|ges|niveau|mention|evaluation|ue|cours|modules?|salles?|places?|postes?)\b"
)
_LEAST = {_BLOOD: 2, _CODE: 3}  # that differ
_SHARE = 0.6  # of the cells; the others are empty, unknown or misspelt


def tells(label: str, cells: Sequence[bytes]) -> bool:
    """label: folded, its punctuation blank. cells: some of the column, folded and short."""
    if _LABELS.search(label):
        return True
    if _NOT_CODES.search(label):
        return False
    return any(_are_most(shape, least, cells) for shape, least in _LEAST.items())


def _are_most(shape: re.Pattern[bytes], least: int, cells: Sequence[bytes]) -> bool:
    those = {cell for cell in cells if shape.fullmatch(cell)}
    return len(those) >= least and sum(cell in those for cell in cells) >= _SHARE * len(cells)


DETECTOR = Detector(kind=KIND, find=nothing_in_texts, mask=lambda _: TOLD)
