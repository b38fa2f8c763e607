"""French social-security number (NIR) without its key: thirteen digits, no check at all.

One random number in seven has the structure, and three of four timestamps in milliseconds, so the
structure alone is nothing: it takes a label, or a person beside a number written part by part.
Months are held to 01-12 and 20. Numbers announced as orders, products or logs are left alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir_number import Number, numbers
from gateway.model import Likelihood, Match

_STRICT = re.compile(r"[12]\d\d(?:0[1-9]|1[0-2]|20)")
_BOXES = 2 * 13 - 1  # bytes: a digit a box; without a label, marks of a class or a table of figures


def find(folded: Folded) -> Iterator[Match]:
    for number in numbers(folded):
        if len(number.digits) != 13 or not _STRICT.match(number.digits):
            continue
        sure = _likelihood(folded, number)
        if sure:
            yield Match(number.start, number.end, sure, number.digits.upper())


def _likelihood(folded: Folded, number: Number) -> Likelihood | None:
    start, end = number.start, number.end
    if number.labelled:
        return Likelihood.LIKELY if number.usual else Likelihood.POSSIBLE
    if not number.usual or end - start >= _BOXES:
        return None
    if context.commercial(folded, start) or not context.about_person(folded, start, end):
        return None
    parted = end - start > len(number.digits)
    return Likelihood.LIKELY if parted else Likelihood.POSSIBLE


def mask(value: str) -> str:
    return f"{value[:1]} {value[1:3]} ** ** *** ***"


DETECTOR = Detector(kind="fr.nir13", find=find, mask=mask)
