"""Provisional and special social-security numbers: NIA (3, 4), migrants (5, 6), provisional (7, 8).

Their first digit is also that of French bar codes, bank cards and telephones (IMEI), so the right
key is not enough: a label must announce them.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir import mask
from gateway.detect.nir_number import numbers
from gateway.model import Likelihood, Match


def find(folded: Folded) -> Iterator[Match]:
    for number in numbers(folded):
        if number.digits[0] not in "345678" or not number.keyed:
            continue
        if context.social(folded, number.start, number.end):
            sure = Likelihood.VERY_LIKELY if number.usual else Likelihood.LIKELY
            yield Match(number.start, number.end, sure, number.digits.upper())


DETECTOR = Detector(kind="fr.nia", find=find, mask=mask)
