"""French social-security number (NIR) with its key: fifteen characters, all checked.

A right key alone is LIKELY: one random number in 650 passes. A label or a person beside it makes
it VERY_LIKELY. Specimens printed in public documents, the national test identities and addresses
`…@patient.mssante.fr` (where a NIR is meant to stand) are POSSIBLE; so is a number announced as an
order or a parcel, one cut in an unusual way, and a labelled number whose key is wrong (a typing
error is still somebody's number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context, nir_fields
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir_number import Number, numbers
from gateway.model import Likelihood, Match

SPECIMENS = frozenset({"269054958815780", "255081416802538", "184127645108946", "185057800608491"})
# OIDs of test (10) and demonstration (11) identities of the national health identifier, and the
# addresses of patients in the secure health mail.
_MEANT = re.compile(
    rb"\A.{0,60}1\.2\.250\.1\.213\.1\.4\.1[01]|\A@[a-z.]{0,40}mssante\.fr", re.DOTALL
)


def find(folded: Folded) -> Iterator[Match]:
    for number in numbers(folded):
        if number.digits[0] not in "12" or len(number.digits) != 15:
            continue
        sure = _likelihood(folded, number)
        if sure:
            yield Match(number.start, number.end, sure, number.digits.upper())
    for start, end, digits in nir_fields.numbers(folded):
        if digits[0] in "12":
            yield Match(start, end, Likelihood.VERY_LIKELY, digits.upper())


def _likelihood(folded: Folded, number: Number) -> Likelihood | None:
    start, end = number.start, number.end
    labelled = number.labelled
    if not number.keyed:
        return Likelihood.POSSIBLE if labelled and number.usual else None
    if number.digits in SPECIMENS or _MEANT.match(folded.data[end : end + 90]):
        return Likelihood.POSSIBLE
    known = labelled or context.about_person(folded, start, end)
    if context.commercial(folded, start) and not labelled:
        if end - start == len(number.digits) and context.of_goods(folded, start):
            return Likelihood.POSSIBLE
        return Likelihood.LIKELY if known else Likelihood.POSSIBLE
    if not number.usual:
        return Likelihood.LIKELY if known else Likelihood.POSSIBLE
    return Likelihood.VERY_LIKELY if known else Likelihood.LIKELY


def mask(value: str) -> str:
    """Sex and year are shown: enough to recognise one's own case, not enough to find anybody."""
    return f"{value[:1]} {value[1:3]} ** ** *** *** **"


DETECTOR = Detector(kind="fr.nir", find=find, mask=mask)
