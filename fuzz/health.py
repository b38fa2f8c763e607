"""Files of health software: DICOM, CDA, FHIR, XDM, signals, and the formats of lines and fields."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random

from fuzz import files
from tests.makers import exchanges, imaging, persons, signals
from tests.makers.health_formats import catalogue

_TEXTUAL = (
    b"DICM|DICOMDIR|MSH|^~\\&|PID||OBX|1|ED||^^Base64^|FHS|BHS|ZBE|H|~^\\&|P|1||L|1|"
    b"****LAB****|****FIN****|****FINFICHIER****|RES|TEX|<ClinicalDocument|urn:hl7-org:v3|"
    b"<nonXMLBody>|representation='B64'|<birthTime value='|<patient>|<given>|extension='|root='|"
    b'"resourceType":"Patient"|"Bundle"|"entry":[|"name":[{|"family":"|"birthDate":"|'
    b"http://hl7.org/fhir|&eacute;|<!DOCTYPE|<![CDATA[|<HealthData|<Record type=|IHE_XDM/"
)
_BINARY = (
    b"\2\0\0\0UL\4\0|\x08\0\5\0CS\n\0|\x10\0\x10\0PN\4\0|\x10\0\x30\0DA\x08\0|\xfe\xff\0\xe0|"
    b"\xff\xff\xff\xff|\xfe\xff\xdd\xe0\0\0\0\0|\x12\0\x62\0CS|\x42\0\x11\0OB\0\0|\xe0\x7f\x10\0|"
    b"n+1\0|.FIT|0       |\x0b|\x1c\r"
)
WORDS = [*_TEXTUAL.split(b"|"), *_BINARY.split(b"|")]
LONGEST = 8_192
check = files.check


def seeds() -> Iterator[bytes]:
    person = persons.person(Random(1))
    yield imaging.file(imaging.of(person))
    yield imaging.directory(person)
    yield imaging.report(person, "Bonjour")
    yield imaging.wrapped(person, "Bonjour")
    yield imaging.nested(20, "TEST")
    yield exchanges.cda(person)
    yield exchanges.aecg(person)
    yield exchanges.xdm(person)
    yield exchanges.as_json(exchanges.bundle(exchanges.patient(person), exchanges.condition()))
    yield exchanges.in_lines(exchanges.patient(person), exchanges.condition())
    yield exchanges.patient_in_xml(person)
    yield signals.edf(person, annotation="Bonjour")
    yield signals.scp(person)
    yield signals.nifti(name="TEST")
    yield signals.fit()
    yield signals.apple(3)
    for _, _, file in catalogue.files(1).values():
        yield file.encode()[: 2 * LONGEST]
