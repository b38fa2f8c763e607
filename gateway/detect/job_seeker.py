"""Identifier of a job seeker at France Travail (formerly Pôle emploi), behind its label.

    1234567 A      seven digits and a letter, within one region, until 2025
    12345678901    eleven digits, the same everywhere, since March 2025

No check digit is published for either. Eleven digits are also a foreign telephone, so the label
must call them a number or an identifier. Not here: the number of an offer, which has other letters.
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
    rb"demandeu(?:r|se)s?[ _](?:d'|de_)?emploi", rb"(?:id|identifiant) (?:de )?demandeu(?:r|se)",
    rb"france travail", rb"pole[ \-]emploi", rb"assedic",
)  # fmt: skip
_NUMBER = re.compile(
    rb"[^0-9]{0,40}(?<![a-z0-9])([0-9]{7} ?[a-z](?![a-z0-9])|[0-9]{11})(?![0-9a-z]|[ .\-]?[0-9])"
)
_NAMED = context.words(r"id(?:entifiant)?", r"n(?:o|um|umero|[\xb0])?", r"inscrite?")
_BEFORE = 32  # bytes of the label and of what stands in front of it


def find(folded: Folded) -> Iterator[Match]:
    for label_ends, found in listed(folded, _LABEL, _NUMBER):
        start, end = found.span(1)
        named = _NAMED.search(folded.data, max(0, label_ends - _BEFORE), start)
        value = found[1].replace(b" ", b"").decode().upper()
        if (named or not value.isdigit()) and not context.commercial(folded, start, label_ends):
            yield Match(start, end, Likelihood.LIKELY, value)


def mask(value: str) -> str:
    return f"{value[:2]}{'*' * (len(value) - 2)}"


DETECTOR = Detector(kind="fr.emploi", find=find, mask=mask)
