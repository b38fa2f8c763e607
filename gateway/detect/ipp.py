"""A hospital's own number of a patient (IPP, NIP) or of a stay (IEP, NDA), behind its label.

Six to thirteen digits, up to three letters in front; every hospital has its own, without any check.
"IPP" and "IEP" are used for nothing else: LIKELY. "NIP" and "NDA" have other meanings and "numéro
de séjour" is said by hotels: POSSIBLE, LIKELY where somebody is spoken of within two lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(
    rb"ipp", rb"iep", rb"nip", rb"nda", rb"(?:n[o\xb0]?|num|numero|identifiant|id) ?(?:de |du )?"
    rb"(?:sejour|venue|dossier patient|dossier medical|patient)",
)  # fmt: skip
_NUMBER = re.compile(
    rb"(?:[ .:=#_(\-]|n[o\xb0]|numero|du patient|patient){0,6}([a-z]{0,3}[0-9]{6,13})(?![0-9a-z])"
)
_SURE = (b"ipp", b"iep")


def find(folded: Folded) -> Iterator[Match]:
    for label_ends, found in listed(folded, _LABEL, _NUMBER):
        start, end = found.span(1)
        alone = folded.data[label_ends - 3 : label_ends] in _SURE
        sure = alone or context.about_person(folded, start, end)
        likelihood = Likelihood.LIKELY if sure else Likelihood.POSSIBLE
        yield Match(start, end, likelihood, found[1].decode().upper())


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 2)}"


DETECTOR = Detector(kind="fr.ipp", find=find, mask=mask)
