"""The line of a reader and its detector agree, though neither room may import the other."""

import pytest

from gateway.detect import cda, dicom, fhir, signal, xdm
from gateway.detect.fold import fold
from gateway.extract import about
from gateway.model import Likelihood

FORMS = {"cda": cda, "dicom": dicom, "fhir": fhir, "signal": signal, "xdm": xdm}
ANNE = about.Patient("TEST", "Anne", "19850914", "B1042")
TRIAL = about.Patient("PAT-TROIS", "DOMINIQUE", "", "", "279035121518989", "1.2.250.1.213.1.4.10")


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    ("patient", "sure"),
    [
        (ANNE, Likelihood.VERY_LIKELY),
        (about.Patient(number="B1042"), Likelihood.LIKELY),
        (TRIAL, Likelihood.POSSIBLE),
    ],
)
def test_every_word_of_a_reader_is_known_to_the_detector(form, patient, sure):
    [match] = FORMS[form].DETECTOR.find(fold(f"x\n{about.line(form, patient)}\ny"))
    assert match.likelihood is sure
    assert FORMS[form].DETECTOR.mask(match.value) != "une personne"


def test_what_is_shown_names_nobody():
    for module in FORMS.values():
        for word in (about.IDENTIFIED, about.DESIGNATED, about.ANONYMOUS, about.TRIAL):
            value = f"{fold(word).data.decode()}|nom : test prenom : anne 1985"
            shown = module.DETECTOR.mask(value).lower()
            assert not any(part in shown for part in ("test ", "anne", "1985"))


@pytest.mark.parametrize(
    "patient",
    [
        about.Patient("TEST] [dicom: essai] X", "Anne"),
        about.Patient("TEST\x00", "Anne\r\nX"),
        about.Patient("T" * 5000, "A" * 5000),
    ],
)
def test_a_file_cannot_write_lines_of_its_own(patient):
    line = about.line("dicom", patient)
    assert "\n" not in line
    assert len(line) < 400
    [match] = dicom.DETECTOR.find(fold(line))
    assert match.likelihood is Likelihood.VERY_LIKELY


@pytest.mark.parametrize("name", ["PHANTOM^ACR", "FANTOME QA", "QC", "Catphan"])
def test_a_phantom_is_nobody(name):
    assert about.line("dicom", about.Patient(name, number="1")) == ""


@pytest.mark.parametrize(
    "name",
    ["DURAND Manon", "CANONNE Luc", "MASQUELIER Luc", "ZANON Eve", "DEIDDA Ugo", "SERVICEA Bo"],
)
def test_a_name_that_holds_such_a_word_is_a_name(name):
    assert about.line("cda", about.Patient(name)).startswith("[cda: identifié]")


@pytest.mark.parametrize(
    "name",
    ["Anonymous", "ANON_001", "anonymisé", "PSEUDO12", "DeIdentified", "de-id", "Inconnue", "XXX",
     "MASQUÉ", "patient_anonyme"],
)  # fmt: skip
def test_a_word_in_place_of_a_name_is_none(name):
    assert about.line("cda", about.Patient(name)) == ""


@pytest.mark.parametrize(
    "field", ["%s", "%(nom)s", "{nom}", "{{ patient.nom }}", "${nom}", "#{nom}", "$nom", "@NOM@"]
)
def test_a_template_that_a_program_is_to_fill_in_is_about_nobody(field):
    assert about.line("cda", about.Patient(field, field, field, field)) == ""


def test_the_mark_of_a_template_does_not_make_one_of_a_name():
    for name in ("DURAND$", "$DURAND Luc", "DURAND {Luc}", "%DURAND"):
        assert about.line("cda", about.Patient(name)) != ""


def test_a_name_that_is_all_in_one_field_is_no_test_for_its_identifier():
    """Not even where its family is not said."""
    oid = "1.2.250.1.213.1.4.10"
    line = about.line("cda", about.Patient("", "Luc DURAND", ins="279035121518989", oid=oid))
    assert line.startswith("[cda: désigné]")


def test_a_phantom_with_a_birth_date_is_somebody():
    """Else the word would be a way out."""
    assert about.line("dicom", about.Patient("PHANTOM", "Anne", "19850914"))
