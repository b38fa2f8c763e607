"""Number of a recipient of family benefits (CAF): seven digits, and a letter on some letters.

There is no check digit, and the number is unique within one office only, so seven digits are
nothing without their label: "allocataire" makes them certain beside "n°", "CAF" alone likely. An
amount in euros is none. Sources: the public interface of the family-benefit offices, whose
identifier is seven digits. Not here: the MSA's number, which is the social-security number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(rb"allocataires?", rb"caf", rb"dossier caf", rb"matricule caf")
_NUMBER = re.compile(
    rb"[^0-9]{0,35}(?<![a-z])([0-9]{7}|[0-9] [0-9]{3} [0-9]{3})(?: ?[a-z](?![a-z0-9]))?"
    rb"(?![0-9a-z]| ?(?:\x80|euros?|[0-9]))"
)


def find(folded: Folded) -> Iterator[Match]:
    for label_ends, found in listed(folded, _LABEL, _NUMBER):
        start, end = found.span(1)
        if context.commercial(folded, start):
            continue
        before = folded.data[max(0, label_ends - 20) : start]
        named = b"allocataire" in before and re.search(rb"\bn(?:o|um|umero)?\b|[\xb0:]", before)
        sure = Likelihood.VERY_LIKELY if named else Likelihood.LIKELY
        yield Match(start, end, sure, found[1].replace(b" ", b"").decode())


def mask(value: str) -> str:
    return f"{value[:2]}*****"


DETECTOR = Detector(kind="fr.caf", find=find, mask=mask)
