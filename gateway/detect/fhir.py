"""FHIR resources about a person, in JSON or XML, in a file or pasted into a text.

A Patient with a name, a birth date or a number; an observation, a prescription, a stay that refer
to one (gateway/extract/fhir.py). Resources about nobody (CapabilityStatement, CodeSystem, ValueSet,
StructureDefinition) and examples without an identity are nothing.
Source: HL7 FHIR R4.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.marked import lines, mask
from gateway.model import Match


def find(folded: Folded) -> Iterator[Match]:
    return lines(folded, b"fhir")


DETECTOR = Detector(kind="health.fhir", find=find, mask=mask)
