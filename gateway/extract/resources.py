"""FHIR: whom resources in JSON (one, many in lines, in a bundle) or in XML are about.

A Patient by its name, birth date or number; a resource of care that refers to one whom the file
does not hold, by that reference. What is about nobody (CapabilityStatement, CodeSystem, ValueSet,
StructureDefinition) says nothing, nor does an example without an identity. One pass over the names
of fields: a file cut short gives what it has.
Rule: HL7 FHIR R4, Patient, Reference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice

from gateway.extract import about
from gateway.extract.tags import fields, tags

MARK = '"resourceType"'

_CARE = frozenset(
    ("AdverseEvent", "AllergyIntolerance", "Appointment", "BodyStructure", "CarePlan", "CareTeam",
     "ChargeItem", "Claim", "ClaimResponse", "ClinicalImpression", "Communication",
     "CommunicationRequest", "Composition", "Condition", "Consent", "Coverage", "DetectedIssue",
     "DeviceRequest", "DiagnosticReport", "DocumentReference", "Encounter", "EpisodeOfCare",
     "ExplanationOfBenefit", "FamilyMemberHistory", "Flag", "Goal", "ImagingStudy", "Immunization",
     "ImmunizationRecommendation", "List", "Media", "MedicationAdministration",
     "MedicationDispense", "MedicationRequest", "MedicationStatement", "MolecularSequence",
     "NutritionOrder", "Observation", "Procedure", "QuestionnaireResponse", "ResearchSubject",
     "RiskAssessment", "ServiceRequest", "Specimen", "SupplyDelivery", "SupplyRequest", "Task",
     "VisionPrescription")
)  # fmt: skip
# Each ends the resource before it.
_OTHERS = (
    "Binary", "Bundle", "CapabilityStatement", "CodeSystem", "Device", "Location", "Medication",
    "OperationOutcome", "Organization", "Parameters", "Practitioner", "PractitionerRole",
    "RelatedPerson", "StructureDefinition", "ValueSet",
)  # fmt: skip
_RESOURCES = ("Patient", *sorted(_CARE), *_OTHERS)
_FIELDS = ("family", "given", "birthDate", "reference", "system", "value")
_REFERENCE = "Patient/"
_EXAMPLES = ("example", "exemple", "{", "<", "$")
_OID = "urn:oid:"
_TELECOM = ("phone", "email", "fax", "url", "sms", "pager", "other")
# Fields, at ten microseconds each: those of some twenty thousand patients, whom all that follows
# only adds to. Its text is searched to the end.
_MOST = 200_000
_Field = tuple[str, str]


def told(written: str) -> str:
    """A line for each person whom the resources in a text are about."""
    in_json = MARK in written
    found = fields(written, "resourceType", *_FIELDS) if in_json else _of_xml(written)
    return "\n".join(dict.fromkeys(_lines(islice(found, _MOST))))


def _of_xml(written: str) -> Iterator[_Field]:
    for tag in tags(written, *_RESOURCES, *_FIELDS):
        if tag.name in _FIELDS:
            yield tag.name, tag.attributes.get("value", "")
        else:
            yield "resourceType", tag.name


def _lines(found: Iterable[_Field]) -> Iterator[str]:
    patients: list[str] = []
    referred: dict[str, str] = {}
    for kind, said in _resources(found):
        who = about.line("fhir", _patient(said)) if kind == "Patient" else ""
        patients += [who] if who else []
        for name, value in said if kind in _CARE else ():
            if name == "reference" and _REFERENCE in value and _is_real(value):
                number = value.rpartition(_REFERENCE)[2]
                referred[number] = about.line("fhir", about.Patient(number=number))
    yield from patients or referred.values()


def _is_real(reference: str) -> bool:
    return not any(mark in reference for mark in _EXAMPLES)


def _resources(found: Iterable[_Field]) -> Iterator[tuple[str, list[_Field]]]:
    """The kind of each and its fields: behind the kind, or before it where a program sorts them,
    which the first resource tells."""
    kind, said, sorted_ = "", list[_Field](), None
    for name, value in found:
        if name != "resourceType":
            said.append((name, value))
            continue
        sorted_ = bool(said) if sorted_ is None else sorted_
        yield (value if sorted_ else kind), said
        kind, said = value, []
    yield kind, said


def _patient(said: list[_Field]) -> about.Patient:
    """The first of each. An identifier is a value after its system."""
    patient: dict[str, str] = {}
    system = ""
    for name, value in said:
        if name == "system":
            system = value
        elif name == "value":
            ins, oid = about.insurance(value, system.removeprefix(_OID))
            if ins:
                patient |= {"ins": ins, "oid": oid}
            elif system and system not in _TELECOM:
                patient.setdefault("number", value)
            system = ""
        elif name == "birthDate":
            patient.setdefault("birth", value)
        elif name in ("family", "given"):
            patient.setdefault(name, value)
    return about.Patient(**patient)
