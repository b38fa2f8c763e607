"""French tax number (SPI): thirteen digits, the first 0 to 3, the last three a key.

Key: the first ten digits modulo 511, in three digits. One random number in 1 200 passes, and a
social-security number without its key looks the same, so a label must announce it ("numéro
fiscal"); with the key it is certain, with a wrong one possible (a typing error).
Source: the tax administration's published control of the number.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import label, listed
from gateway.model import Likelihood, Match

_LABEL = label(rb"fiscale?", rb"spi", rb"avis d'imp(?:ot|osition)", rb"declarant [12]")
_NUMBER = re.compile(rb"[^0-9]{0,40}(?<![a-z])([0-3](?:[ .]?[0-9]){12})(?![a-z]|[ .]?[0-9])")


def find(folded: Folded) -> Iterator[Match]:
    for _, found in listed(folded, _LABEL, _NUMBER):
        digits = found[1].translate(None, b" .").decode()
        sure = Likelihood.VERY_LIKELY if right_key(digits) else Likelihood.POSSIBLE
        yield Match(*found.span(1), sure, digits)


def right_key(digits: str) -> bool:
    return int(digits[:10]) % 511 == int(digits[10:])


def mask(value: str) -> str:
    return f"{value[:2]} ** *** *** ***"


DETECTOR = Detector(kind="fr.spi", find=find, mask=mask)
