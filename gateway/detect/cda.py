"""Clinical documents in XML (HL7 CDA R2): whose they are.

The patient of the header tells (gateway/extract/cda.py); the identities of tests, known by their
object identifier and their name, are POSSIBLE. A template without a patient is nothing.
Source: HL7 CDA release 2; Agence du numérique en santé, volet Structuration minimale.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.marked import lines, mask
from gateway.model import Match


def find(folded: Folded) -> Iterator[Match]:
    return lines(folded, b"cda")


DETECTOR = Detector(kind="health.cda", find=find, mask=mask)
