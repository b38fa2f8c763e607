"""Provisional and special social-security numbers: NIA (3, 4), migrants (5, 6), provisional (7, 8).

Their first digit is also that of French bar codes, drugs, bank cards and telephones (IMEI), so the
right key is not enough: a label must announce them, or speak of a person near. Behind a label the
thirteen digits alone will do where they hold a date of birth, or are those of migrants and
provisional numbers (what it is, 1 or 2, an office, an order); with a wrong key they are POSSIBLE (a
typing error is still somebody's number).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context, nir_fields
from gateway.detect.check_digits import luhn
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir import mask
from gateway.detect.nir_number import Number, numbers
from gateway.model import Likelihood, Match

_DATED = re.compile(r"[3478]\d\d(?:0[1-9]|1[0-2]|20)")
_OF_AN_OFFICE = re.compile(r"[5-8][12]")  # 0 is that of numbers before 2012
# Words that announce no bar code, as "matricule" and "assuré" do; one number in ten is one, too.
_NOTHING_ELSE = context.words("nir", "nia", "nnp", "mig", "nss", "securite sociale", "secu")
_NEAR = 40  # bytes


def find(folded: Folded) -> Iterator[Match]:
    for number in numbers(folded):
        if number.digits[0] in "345678" and (sure := _likelihood(folded, number)):
            yield Match(number.start, number.end, sure, number.digits.upper())
    for start, end, digits in nir_fields.numbers(folded):
        if digits[0] in "345678":
            yield Match(start, end, Likelihood.VERY_LIKELY, digits.upper())


def _likelihood(folded: Folded, number: Number) -> Likelihood | None:
    digits = number.digits
    if not number.labelled:
        near = number.keyed and number.usual and not context.commercial(folded, number.start)
        if not near or luhn(digits) or not context.about_person(folded, number.start, number.end):
            return None
        return Likelihood.LIKELY
    if number.keyed:
        return Likelihood.VERY_LIKELY if number.usual else Likelihood.LIKELY
    if not number.usual:
        return None
    lead = folded.data[max(0, number.start - _NEAR) : number.start]
    whole = len(digits) == 13 and (_NOTHING_ELSE.search(lead) or not _is_bar_code(digits))
    known = whole and (_DATED.match(digits) or _OF_AN_OFFICE.match(digits))
    return Likelihood.LIKELY if known else Likelihood.POSSIBLE


def _is_bar_code(digits: str) -> bool:
    """EAN-13 (GS1), drugs' among them."""
    if not digits.isdigit():
        return False
    odd, even = sum(map(int, digits[::2])), sum(map(int, digits[1::2]))
    return digits.startswith("34009") or (odd + 3 * even) % 10 == 0


DETECTOR = Detector(kind="fr.nia", find=find, mask=mask)
