"""CDA, XDM and FHIR by their content: whose they are, what they wrap, and what looks like them."""

import base64
import json
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import inspection
from gateway.extract import resources
from gateway.extract.kind import kinds
from gateway.model import Likelihood, Limits, Part, Trouble
from tests.makers import documents, identifiers, mails, persons
from tests.makers import exchanges as made

ANNE = persons.Person(
    "F", "Anne", "TEST-UN", persons.date(1961, 2, 3), "1 rue Fictive", "99999 TESTVILLE",
    "2610299999001" + identifiers.nir_key("2610299999001"),
)  # fmt: skip
PAUL = persons.person(Random(8))
CDA = made.cda(ANNE)
FHIR = made.as_json(made.patient(ANNE))

READ = {
    "cda": CDA,
    "cda, UTF-16": CDA.decode().replace("UTF-8", "UTF-16").encode("utf-16"),
    "cda, prefixed": CDA.replace(b"<", b"<h:").replace(b"<h:/", b"</h:").replace(b"<h:?", b"<?"),
    "cda, no declaration": CDA.split(b"\n", 1)[1],
    "cda, cut behind the patient": CDA[: CDA.index(b"</recordTarget>")],
    "cda, within a message": b"<?xml version='1.0'?><Envelope>" + CDA.split(b"\n", 1)[1],
    "cda, behind a line of text": b"Document joint :\r\n" + CDA,
    "cda, behind blanks": b" \r\n" * 80 + CDA,
    "cda, a comment that speaks of the role": CDA.replace(
        b"<recordTarget>", b"<!-- patientRole : le patient --><recordTarget>"
    ),
    "cda, much in front of the name": CDA.replace(
        b"<patientRole>", b"<patientRole><!-- " + b"x" * 30_000 + b" -->"
    ),
    "cda, zipped": documents.zip_of({"x": CDA}),
    "xdm": made.xdm(ANNE),
    "xdm, its metadata alone": made.metadata(ANNE),
    "fhir": FHIR,
    "fhir, sorted": made.as_json(made.patient(ANNE), sort_keys=True),
    "fhir, on one line": json.dumps(made.patient(ANNE)).encode(),
    "fhir, in lines": made.in_lines(made.patient(ANNE), made.condition()),
    "fhir, a bundle": made.as_json(made.bundle(made.condition(), made.patient(ANNE))),
    "fhir, cut": FHIR[: FHIR.index(b'"birthDate"') + 28],
    "fhir, XML": made.patient_in_xml(ANNE),
    "fhir, XML, escaped": made.patient_in_xml(ANNE).replace(b"TEST", b"T&#69;ST"),
    "fhir, escaped": FHIR.replace(b"TEST", b"T\\u0045ST"),
}
SAID = {  # (kind, likelihood); None: nothing
    "cda": (CDA, ("health.cda", Likelihood.VERY_LIKELY)),
    "cda, the test identity": (
        made.cda(made.TRIAL, oid=made.TRIAL_OID),
        ("health.cda", Likelihood.POSSIBLE),
    ),
    "cda, somebody under the number of tests": (
        made.cda(PAUL, oid=made.TRIAL_OID),
        ("health.cda", Likelihood.LIKELY),
    ),
    "cda, a template": (made.cda(None), None),
    "cda, a template whose role is empty": (
        made.cda(None).replace(
            b'<patientRole nullFlavor="UNK"><id nullFlavor="UNK"/></patientRole>',
            b'<patientRole nullFlavor="UNK"/>',
        ),
        None,
    ),
    "fhir, a condition of somebody": (
        made.as_json(made.condition("Patient/4512")),
        ("health.fhir", Likelihood.LIKELY),
    ),
    "fhir, what is known of somebody": (
        made.as_json(made.condition("Patient/4512") | {"resourceType": "Flag"}),
        ("health.fhir", Likelihood.LIKELY),
    ),
    "fhir, the condition of an example": (made.as_json(made.condition("Patient/example")), None),
    "fhir, the test identity": (
        made.as_json(made.patient(made.TRIAL, oid=made.TRIAL_OID)),
        ("health.fhir", Likelihood.POSSIBLE),
    ),
    "xdm": (made.metadata(ANNE), ("health.xdm", Likelihood.VERY_LIKELY)),
}
LOOK_ALIKES = {
    "a capability statement": made.as_json(
        {"resourceType": "CapabilityStatement", "rest": [{"resource": [{"type": "Patient"}]}]}
    ),
    "a code system": made.as_json(
        {"resourceType": "CodeSystem", "concept": [{"code": "E11", "display": "Diabète"}]}
    ),
    "a structure definition": made.as_json(
        {"resourceType": "StructureDefinition", "type": "Patient", "name": "FrPatient"}
    ),
    "an interface's description": json.dumps(
        {"openapi": "3.0.0", "example": {"resourceType": "Patient", "id": "example"}}
    ).encode(),
    "a schema in JSON": b'{"properties": {"resourceType": {"const": "Patient"}}}',
    "a page about FHIR": '<html><p>{"resourceType": "Patient"} désigne un patient'.encode(),
    "a schema of CDA": (
        b'<?xml version="1.0"?><xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        b' targetNamespace="urn:hl7-org:v3"><xs:element name="ClinicalDocument"/></xs:schema>'
    ),
    "a program that writes CDA": (
        b'page = \'<ClinicalDocument xmlns="urn:hl7-org:v3"><patientRole><id root="%s"'
        b' extension="%s"/><family>%s</family><given>%s</given></patientRole>\''
    ),
    "a configuration": b"<?xml version='1.0'?><config><patientRole>admin</patientRole></config>",
    "a message of another trade": (
        b"<soap:Envelope xmlns:soap='http://schemas.xmlsoap.org/soap/envelope/'><soap:Body>"
        b"<family>TEST</family></soap:Body></soap:Envelope>"
    ),
}
HOSTILE = {
    "many patients opened": b"<ClinicalDocument xmlns='urn:hl7-org:v3'>"
    + b"<patientRole>" * 50_000,
    "a nest": b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<a>" * 100_000,
    "quotes": b'<ClinicalDocument xmlns="urn:hl7-org:v3"><id ' + b'a="' * 100_000,
    "many wrapped files": (
        b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + b"<t representation='B64'>QQ==" * 5_000
    ),
    "JSON, a nest": b'{"resourceType": "Patient", "a": ' + b"[" * 100_000,
    "JSON, escapes": b'{"resourceType": "Patient", "family": "' + b"\\" * 100_000,
    "JSON, many resources": b"[" + b'{"resourceType": "Patient"},' * 20_000,
    "metadata": b"<ExtrinsicObject>sourcePatientInfo" + b"PID-3|x PID-5|y" * 20_000,
}


def read(data, name="f"):
    return inspection.read_file(name, data, Limits())


def of_kind(data, kind):
    return {hit.value: hit for hit in read(data).hits if hit.kind.startswith(kind)}


@pytest.mark.parametrize("name", READ)
def test_the_patient_is_found_however_it_is_written(name):
    found = of_kind(READ[name], "person")
    assert "anne test-un" in found
    assert found["anne test-un"].likelihood is Likelihood.VERY_LIKELY
    kind = f"health.{name.partition(',')[0]}"
    assert Likelihood.VERY_LIKELY in {hit.likelihood for hit in of_kind(READ[name], kind).values()}


@pytest.mark.parametrize("name", SAID)
def test_how_sure_it_is(name):
    data, expected = SAID[name]
    told = {(hit.kind, hit.likelihood) for hit in of_kind(data, "health.").values()}
    told = {one for one in told if one[0] in ("health.cda", "health.fhir", "health.xdm")}
    assert told == ({expected} if expected else set())


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_looks_like_it_is_about_nobody(name):
    for kind in ("health.cda", "health.fhir", "health.xdm", "person"):
        assert not of_kind(LOOK_ALIKES[name], kind)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_read_or_told(name):
    reading = read(HOSTILE[name])
    told = {problem.kind for problem in reading.problems}
    assert told <= {Trouble.TOO_BIG, Trouble.TOO_MANY, Trouble.DAMAGED, Trouble.UNSUPPORTED}


def test_the_name_and_the_label_say_nothing():
    for data, kind in ((CDA, "cda"), (FHIR, "fhir"), (made.metadata(ANNE), "xdm")):
        assert kinds(Part("1", data, "text/html", ("page.html",))) == (kind,)


def test_the_number_the_birth_and_the_identity_are_found_as_well():
    found = {hit.kind for hit in read(CDA).hits}
    assert {"fr.nir", "fr.ins", "birth", "person"} <= found


@pytest.mark.parametrize(
    "data",
    [
        made.cda(ANNE, page=documents.pdf("Lettre secrète")),
        made.as_json(made.letter(documents.pdf("Lettre secrète"), ANNE)),
    ],
)
def test_the_pages_that_are_wrapped_are_read(data):
    _, page, *_ = inspection.extracts("f", data, Limits())
    assert page.kind == "pdf"
    assert "Lettre secrète" in page.text


def test_line_ends_within_base64_are_none_of_its_letters():
    data = base64.encodebytes(documents.pdf("Lettre secrète")).decode()
    resource = made.as_json({"resourceType": "Binary", "data": data})
    assert any(
        "Lettre secrète" in page.text for page in inspection.extracts("f", resource, Limits())
    )


@pytest.mark.parametrize("charset", ["utf-8", "utf-16"])
def test_a_file_wrapped_in_a_resource_is_read_in_any_character_set(charset):
    data = made.as_json(made.letter(documents.pdf("Lettre secrète"), ANNE))
    pages = inspection.extracts("f", data.decode().encode(charset), Limits())
    assert any("Lettre secrète" in page.text for page in pages if page.kind == "pdf")


@pytest.mark.parametrize(
    ("before", "after"),
    [('"B64">', '"B64"><![CDATA['), ('"B64">', f'"B64" ID="{"a" * 900}">')],
)
def test_pages_are_found_however_their_element_is_written(before, after):
    data = made.cda(ANNE, page=documents.pdf("Lettre secrète"))
    pages = inspection.extracts("f", data.replace(before.encode(), after.encode()), Limits())
    assert ("pdf", "1!(1)") in [(page.kind, page.place.part) for page in pages]


@pytest.mark.parametrize(
    "data",
    [
        made.cda(None, words='<td representation="B64">2610299999001</td>'),
        made.as_json({"resourceType": "Binary", "data": "2610299999001\n" * 9}),
        b"MSH|^~\\&|A|B\rOBX|1|ED|X||^a^b^Base64^2610299999001\r",
    ],
)
def test_numbers_in_the_place_of_a_file_are_read_as_what_they_are(data):
    [part] = inspection.extracts("f", data, Limits())
    assert "2610299999001" in part.text


def test_who_wrote_it_is_not_whom_it_tells_of():
    """A person found in its header is near nothing that is told: a vendor's sample passes."""
    sample = made.cda(made.TRIAL, oid=made.TRIAL_OID, words="Séropositif au VIH")
    hits = read(sample).hits
    assert "claude martin" in {hit.value for hit in hits if hit.kind == "person"}
    for hit in hits:
        if hit.kind == "health.terms" and hit.likelihood >= Likelihood.LIKELY:
            assert "person" not in hit.near


def test_entities_are_not_expanded_and_told():
    data = CDA.replace(
        b"<ClinicalDocument", b'<!DOCTYPE a [<!ENTITY n "TEST">]><ClinicalDocument', 1
    )
    assert Trouble.UNSUPPORTED in {problem.kind for problem in read(data).problems}


def test_each_person_of_a_bundle_counts_once():
    bundle = made.bundle(made.patient(ANNE), made.condition(), made.patient(PAUL))
    for data in (made.as_json(bundle), made.as_json(bundle, sort_keys=True)):
        assert len(of_kind(data, "health.fhir")) == 2


def test_a_resource_pasted_into_a_mail_is_found_by_the_door_itself():
    body = "Bonjour,\n\nle patient qui ne passe pas :\n\n" + FHIR.decode()
    reading = inspection.simple(mails.message(mails.text(body)), Limits())
    found = {hit.kind: hit.likelihood for hit in reading.hits}
    assert found["health.fhir"] is Likelihood.VERY_LIKELY
    assert "person" in found


names = st.text(st.characters(whitelist_categories=["Lu"]), min_size=2, max_size=20)


@given(names, names)
def test_any_name_is_given_in_json(family, given_name):
    one = persons.Person("F", given_name, family, ANNE.born, "", "", ANNE.nir)
    told = resources.told(made.as_json(made.patient(one)).decode())
    assert f"Nom : {family} Prénom : {given_name}" in told


@given(st.text(alphabet='{}[]":,\\ resourceTypPatin<>/=', max_size=300))
def test_no_text_breaks_it(text):
    resources.told(resources.MARK + text)
    list(
        inspection.extracts(
            "f", b"<ClinicalDocument xmlns='urn:hl7-org:v3'>" + text.encode(), Limits()
        )
    )
