"""National health identity (INS): a social-security number with what says that it is one.

    279035121518989 … 1.2.250.1.213.1.4.8      the matricule and the object identifier of its kind
    279035121518989@patient.mssante.fr         a patient's address in the secure health mail
    Matricule INS : 2 79 03 51 215 189 89      its label on medical documents

Object identifiers: .8 (NIR) and .9 (NIA) are real, .10 and .11 are the tests and demonstrations of
vendors: POSSIBLE, since samples get them wrong both ways. The address is right as a recipient and
a leak anywhere else. The number alone is fr.nir or fr.nia, which are found here as well.
Source: Agence du numérique en santé, référentiel INS. Not here: the old INS-C (22 digits).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.nir import mask
from gateway.detect.nir_number import numbers
from gateway.model import Likelihood, Match

_LABEL = context.words(r"(?:matricule )?ins(?:-(?:nir|nia))?", "identite nationale de sante")
_OID = re.compile(rb"1\.2\.250\.1\.213\.1\.4\.(8|9|10|11)(?![0-9])")
_ADDRESS = re.compile(rb"@patient\.mssante\.fr(?![a-z0-9])")
_REACH = 90  # bytes from the matricule to its object identifier, in messages and in print


def find(folded: Folded) -> Iterator[Match]:
    for number in numbers(folded):
        if not number.keyed:
            continue
        if sure := _likelihood(folded, number.start, number.end):
            yield Match(number.start, number.end, sure, number.digits.upper())


def _likelihood(folded: Folded, start: int, end: int) -> Likelihood | None:
    if oid := _OID.search(folded.data, end, end + _REACH):
        return Likelihood.VERY_LIKELY if oid[1] in (b"8", b"9") else Likelihood.POSSIBLE
    if _ADDRESS.match(folded.data, end):
        return Likelihood.VERY_LIKELY
    return Likelihood.LIKELY if context.announced(folded, start, _LABEL) else None


DETECTOR = Detector(kind="fr.ins", find=find, mask=mask)
