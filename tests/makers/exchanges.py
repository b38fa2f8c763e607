"""What programs of hospitals, practices and laboratories send each other in XML, JSON and zip: CDA,
XDM, FHIR. Persons are made up; the one of `TRIAL` is the national test identity."""

from __future__ import annotations

import base64
import json
from datetime import date

from tests.makers import documents
from tests.makers.persons import Person

REAL_OID, TRIAL_OID = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10"
TRIAL = Person(
    "F", "DOMINIQUE", "PAT-TROIS", date(1979, 3, 28), "1 rue Fictive", "99999 TESTVILLE",
    "279035121518989",
)  # fmt: skip
_CDA = """<?xml version="1.0" encoding="UTF-8"?>
<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
  <realmCode code="FR"/>
  <typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>
  <templateId root="1.2.250.1.213.1.1.1.1"/>
  <title>{title}</title>
  <recordTarget>{patient}</recordTarget>
  <author><assignedAuthor><id root="1.2.250.1.71.4.2.1" extension="899912345677"/>
    <assignedPerson><name><prefix>M</prefix><given>Claude</given><family>MARTIN</family></name></assignedPerson>
  </assignedAuthor></author>
  <component>{body}</component>
</ClinicalDocument>
"""
_PATIENT = """<patientRole>
    <id extension="{nir}" root="{oid}"/><id extension="B1042" root="1.2.250.1.999.1"/>
    <patient classCode="PSN"><name><family qualifier="BR">{family}</family>
      <given>{given}</given></name>
      <administrativeGenderCode code="{sex}" codeSystem="2.16.840.1.113883.5.1"/>
      <birthTime value="{born:%Y%m%d}"/>
    </patient></patientRole>"""
_NOBODY = '<patientRole nullFlavor="UNK"><id nullFlavor="UNK"/></patientRole>'


def cda(
    person: Person | None,
    *,
    oid: str = REAL_OID,
    page: bytes = b"",
    words: str = "",
    title: str = "Document",
) -> bytes:
    """page: a file wrapped in base64, level 1; else words, level 3. Of nobody, a template."""
    patient = _NOBODY
    if person:
        patient = _PATIENT.format(
            nir=person.nir, oid=oid, family=person.last, given=person.first, sex=person.sex,
            born=person.born,
        )  # fmt: skip
    body = f"<structuredBody><text>{words}</text></structuredBody>"
    if page:
        encoded = base64.encodebytes(page).decode()
        body = (
            '<nonXMLBody><text mediaType="application/pdf" representation="B64">'
            f"{encoded}</text></nonXMLBody>"
        )
    return _CDA.format(title=title, patient=patient, body=body).encode()


def aecg(person: Person) -> bytes:
    return f"""<?xml version="1.0"?><AnnotatedECG xmlns="urn:hl7-org:v3"><componentOf>
<trialSubject><id root="1.2.3" extension="SUJET-7"/><subjectDemographicPerson>
<name>{person.last} {person.first}</name><birthTime value="{person.born:%Y%m%d}"/>
</subjectDemographicPerson></trialSubject></componentOf></AnnotatedECG>""".encode()


_METADATA = """<?xml version="1.0" encoding="UTF-8"?>
<lcm:SubmitObjectsRequest xmlns:lcm="urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0"
  xmlns:rim="urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"><rim:RegistryObjectList>
<rim:ExtrinsicObject id="Document01" mimeType="text/xml"><rim:Slot name="sourcePatientInfo">
<rim:ValueList><rim:Value>PID-3|{nir}^^^&amp;{oid}&amp;ISO^NH</rim:Value>
<rim:Value>PID-5|{family}^{given}^^^^^L</rim:Value><rim:Value>PID-7|{born:%Y%m%d}</rim:Value>
<rim:Value>PID-8|{sex}</rim:Value></rim:ValueList></rim:Slot></rim:ExtrinsicObject>
</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"""


def metadata(person: Person, oid: str = REAL_OID) -> bytes:
    return _METADATA.format(
        nir=person.nir, oid=oid, family=person.last, given=person.first, sex=person.sex,
        born=person.born,
    ).encode()  # fmt: skip


def xdm(person: Person) -> bytes:
    return documents.zip_of(
        {
            "INDEX.HTM": b"<html><body><p>Documents</p></body></html>",
            "README.TXT": b"IHE XDM\r\n",
            "IHE_XDM/SUBSET01/METADATA.XML": metadata(person),
            "IHE_XDM/SUBSET01/DOC0001.XML": cda(person, page=documents.pdf("Lettre de liaison")),
        }
    )


def xdm_subject(person: Person) -> str:
    said = f"LETTRE DE LIAISON {person.last} {person.first} {person.born:%d/%m/%Y}"
    return f"XDM/1.0/DDM+{said}"


Resource = dict[str, object]


def patient(person: Person, *, oid: str = REAL_OID, number: str = "1") -> Resource:
    return {
        "resourceType": "Patient",
        "id": number,
        "identifier": [{"system": f"urn:oid:{oid}", "value": person.nir}],
        "name": [{"use": "official", "family": person.last, "given": [person.first, "X"]}],
        "telecom": [{"system": "phone", "value": "06 39 98 00 01"}],
        "birthDate": f"{person.born:%Y-%m-%d}",
    }


def condition(reference: str = "Patient/1") -> Resource:
    return {
        "resourceType": "Condition",
        "code": {"text": "Diabète de type 2"},
        "subject": {"reference": reference},
    }


def bundle(*resources: Resource) -> Resource:
    return {
        "resourceType": "Bundle",
        "type": "collection",
        "entry": [{"resource": resource} for resource in resources],
    }


def as_json(resource: Resource, **options: bool) -> bytes:
    return json.dumps(resource, ensure_ascii=False, indent=2, **options).encode()  # type: ignore[arg-type]


def in_lines(*resources: Resource) -> bytes:
    """NDJSON, as bulk exports are."""
    return b"".join(json.dumps(resource).encode() + b"\n" for resource in resources)


def patient_in_xml(person: Person) -> bytes:
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<Patient xmlns="http://hl7.org/fhir"><id value="1"/>
<identifier><system value="urn:oid:{REAL_OID}"/><value value="{person.nir}"/></identifier>
<name><family value="{person.last}"/><given value="{person.first}"/></name>
<birthDate value="{person.born:%Y-%m-%d}"/></Patient>""".encode()


def letter(page: bytes, person: Person) -> Resource:
    """A document wrapped in a resource."""
    data = base64.b64encode(page).decode()
    attachment = {"contentType": "application/pdf", "data": data}
    return {
        "resourceType": "DocumentReference",
        "subject": {"reference": "Patient/1", "display": f"{person.first} {person.last}"},
        "content": [{"attachment": attachment}],
    }
