"""DICOM by its content: every encoding, every place of a name, and what looks like it."""

import struct
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import inspection
from gateway.extract.dicom_header import Header, begins
from gateway.extract.kind import kinds
from gateway.model import Coverage, Likelihood, Limits, Part, Trouble
from tests.makers import archives, documents, persons
from tests.makers import imaging as made

ANNE = persons.Person(
    "F", "Anne", "TEST-UN", persons.date(1961, 2, 3), "1 rue Fictive", "99999 TESTVILLE", "2"
)
PAUL = persons.person(Random(8))
STUDY = made.of(ANNE)
UNNAMED = made.Study("", "B1042", "19610203")

READ = {
    "explicit": made.file(STUDY),
    "implicit": made.file(STUDY, made.IMPLICIT),
    "big endian": made.file(STUDY, made.BIG_ENDIAN),
    "deflated": made.file(STUDY, made.DEFLATED),
    "explicit, no preamble": made.file(STUDY, preamble=False),
    "implicit, no preamble": made.file(STUDY, made.IMPLICIT, preamble=False),
    "big endian, no preamble": made.file(STUDY, made.BIG_ENDIAN, preamble=False),
    "sequences without lengths": made.file(
        made.Study(
            "TEST-UN^Anne", "B1042", "19610203",
            more=(made.Element(0x00081140, "SQ", [[made.Element(0x00081155, "UI", "1.2")]]),),
        ),
        undefined=True,
    ),
    "sequences with lengths, implicit": made.file(
        made.Study(
            more=(made.Element(0x00081140, "SQ", [made.of(ANNE).elements()[5:8]]),), pixels=b""
        ),
        made.IMPLICIT,
    ),
    "a structured report": made.report(ANNE, "Méniscopathie de grade 3"),
    "an object that wraps a PDF": made.wrapped(ANNE, "Compte rendu"),
    "DICOMDIR": made.directory(ANNE),
    "cut within the image": made.file(STUDY)[:-20],
    "all of the name in its first field": made.file(
        made.Study("TEST-UN ANNE", "B1042", "19610203")
    ),
    "a name in an element within others": made.nested(10_000, "TEST-UN^Anne"),
    "said to be anonymised, and named": made.file(
        made.Study("TEST-UN^Anne", "B1042", "19610203", anonymised=True)
    ),
    "a zipped image": documents.zip_of({"a": made.file(STUDY)}),
    "an image in gzip": documents.gzip(made.file(STUDY)),
}  # fmt: skip
SAID = {  # (likelihood, what is shown); None: nothing
    "a name": (STUDY, (Likelihood.VERY_LIKELY, "une personne identifiée")),
    "a number and a birth date": (
        UNNAMED,
        (Likelihood.LIKELY, "une personne désignée sans son nom"),
    ),
    "anonymised, and yet a full name": (
        made.Study("TEST-UN^Anne", "B1042", anonymised=True),
        (Likelihood.LIKELY, "une personne désignée sans son nom"),
    ),
    "anonymised, a pseudonym": (
        made.Study("CAS^12", "SUJET12", anonymised=True),
        (Likelihood.POSSIBLE, "anonymisé, d'après le fichier"),
    ),
    "anonymised, nothing": (
        made.Study(anonymised=True),
        (Likelihood.POSSIBLE, "anonymisé, d'après le fichier"),
    ),
    "the word in place of a name": (
        made.Study("Anonymous"),
        (Likelihood.POSSIBLE, "anonymisé, d'après le fichier"),
    ),
    "somebody whose name holds such a word": (
        made.Study("DURAND^Manon"),
        (Likelihood.VERY_LIKELY, "une personne identifiée"),
    ),
    "a phantom": (made.Study("PHANTOM^ACR", "QA1"), None),
    "a quality control": (made.Study("QC^Daily"), None),
}
LOOK_ALIKES = {
    "a text of that name": b"DICM : page a imprimer\n",
    "a text with the mark": b" " * 128 + "DICM, le format des images".encode("utf-16"),
    "zeroes": bytes(2000),
    "numbers of two bytes": b"\x08\0\x05\0" + bytes(range(1, 200)),
    "a length beyond reason": b"\x08\0\x05\0CS\xff\xff" + bytes(400),
    "a second element before the first": b"\x08\0\x60\0CS\x02\0MR\x08\0\x05\0CS\x02\0XX" * 3,
}


def read(data, name="f"):
    return inspection.read_file(name, data, Limits())


def of_kind(data, kind):
    return {hit.value: hit for hit in read(data).hits if hit.kind == kind}


@pytest.mark.parametrize("name", READ)
def test_the_patient_is_found_whatever_the_encoding(name):
    found = of_kind(READ[name], "person")
    assert "anne test-un" in found
    assert found["anne test-un"].likelihood is Likelihood.VERY_LIKELY
    assert of_kind(READ[name], "health.dicom")


@pytest.mark.parametrize("name", SAID)
def test_what_is_said_of_whom_it_shows(name):
    study, expected = SAID[name]
    seen = inspection.conclude(read(made.file(study)), b"k" * 32)
    told = [(f.likelihood, f.masked) for f in seen.findings if f.kind == "health.dicom"]
    assert told == ([expected] if expected else [])


@pytest.mark.parametrize("name", LOOK_ALIKES)
def test_what_looks_like_it_is_none(name):
    data = LOOK_ALIKES[name]
    assert "dicom" not in kinds(Part("1", data, names=("IM000001.dcm",)))
    assert not of_kind(data, "health.dicom")


def test_the_name_and_the_label_say_nothing():
    part = Part("1", READ["implicit, no preamble"], "text/plain", ("notes.txt",))
    assert kinds(part) == ("dicom",)


def test_an_image_is_never_read_whole_and_a_report_is():
    """Names are burned into some, and no header tells which."""
    [image] = read(READ["explicit"]).parts
    assert image.coverage is Coverage.PARTLY
    assert {problem.kind for problem in read(READ["explicit"]).problems} == {Trouble.NO_TEXT}
    [report] = read(READ["a structured report"]).parts
    assert report.coverage is Coverage.WHOLE


def test_what_is_wrapped_is_read():
    [_, page] = inspection.extracts("f", READ["an object that wraps a PDF"], Limits())
    assert "Compte rendu" in page.text


def test_a_study_that_has_lost_even_its_identifier_waits_for_somebody_to_look_at_it():
    """Its image is unread like any other; only what has no image and names nobody is nothing."""
    data = made.file(made.Study(anonymised=True)).replace(made.STUDY.encode(), b" " * 11)
    [hit] = of_kind(data, "health.dicom").values()
    assert hit.likelihood is Likelihood.POSSIBLE


def hidden(element):
    return made.file(made.Study("PHANTOM^ACR", "QA", pixels=b"", more=(element,)))


def test_a_file_in_an_element_of_a_program_is_read():
    inner = documents.zip_of({"a.txt": b"Compte rendu secret"})
    parts = list(inspection.extracts("f", hidden(made.Element(0x00091001, "OB", inner)), Limits()))
    [text] = [part.text for part in parts if "(00091001)!" in part.place.part]
    assert "Compte rendu secret" in text


@pytest.mark.parametrize("vr", ["OB", "UN", "CS", "OW"])
def test_words_and_numbers_in_any_element_are_read(vr):
    for words in ("Compte rendu secret", "279035199915181"):
        data = hidden(made.Element(0x00091001, vr, words))
        [part] = inspection.extracts("f", data, Limits())
        assert words in part.text


def test_words_among_the_data_of_a_program_are_read_and_the_rest_is_told():
    value = bytes(range(256)) + b"Compte rendu secret\0" + bytes(90)
    [part] = inspection.extracts("f", hidden(made.Element(0x00091001, "UN", value)), Limits())
    assert "Compte rendu secret" in part.text
    assert {problem.kind for problem in part.problems} == {Trouble.NO_TEXT}


@pytest.mark.parametrize("vr", ["OB", "UT", "LT"])
def test_a_file_is_a_file_whatever_type_its_element_claims(vr):
    page = documents.pdf("Compte rendu secret")
    parts = list(inspection.extracts("f", hidden(made.Element(0x00204000, vr, page)), Limits()))
    assert any("Compte rendu secret" in part.text for part in parts if part.kind == "pdf")


def test_a_pdf_in_the_place_of_the_image_is_read():
    """PDF readers look for it in the first kilobyte, whatever stands before."""
    page = documents.pdf("Compte rendu secret")
    parts = list(inspection.extracts("f", hidden(made.Element(made.PIXELS, "OB", page)), Limits()))
    assert any("Compte rendu secret" in part.text for part in parts)
    assert any(problem.kind is Trouble.AMBIGUOUS for part in parts for problem in part.problems)


def test_words_in_front_of_the_mark_are_read():
    data = b"Compte rendu secret".ljust(128, b"\0") + READ["explicit"][128:]
    [part] = inspection.extracts("f", data, Limits())
    assert "Compte rendu secret" in part.text


@pytest.mark.parametrize("rest", [bytes(99), b"Compte rendu", documents.zip_of({"a": b"b"})])
def test_the_mark_alone_is_no_image(rest):
    problems = {problem.kind for problem in read(bytes(128) + b"DICM" + rest).problems}
    assert problems & {Trouble.UNSUPPORTED, Trouble.DAMAGED, Trouble.AMBIGUOUS}


def test_texts_within_sequences_are_read_and_physicians_are_no_patients():
    data = made.report(ANNE, "Méniscopathie de grade 3")
    [report] = inspection.extracts("f", data, Limits())
    assert "Méniscopathie de grade 3" in report.text
    signed = made.Study(more=(made.Element(0x00080090, "PN", "MARTIN^Claude"),))
    assert "person" not in {hit.kind for hit in read(made.file(signed)).hits}


def test_a_directory_names_each_patient_once():
    assert len(of_kind(made.directory(ANNE, PAUL, ANNE), "health.dicom")) == 2


@pytest.mark.parametrize("form", ["zip", "iso9660"])
def test_a_disc_of_120_images_is_one_patient(form):
    disc = made.disc(ANNE)
    data = documents.zip_of(disc) if form == "zip" else archives.by_libarchive(disc, form)
    reading = read(data)
    found = [hit.value for hit in reading.hits if hit.kind == "health.dicom"]
    assert len(found) == 121
    assert len(set(found)) == 1


def test_a_file_cut_in_its_header_is_told():
    data = READ["a structured report"]
    assert {problem.kind for problem in read(data[:-9]).problems} == {Trouble.DAMAGED}


def test_a_document_in_front_of_the_mark_is_read_as_well():
    """Two programs would show two things."""
    page = b"x%PDF-1.4".ljust(128)
    data = page + READ["explicit"][128:]
    assert kinds(Part("1", data)) == ("dicom", "pdf")
    assert Trouble.AMBIGUOUS in {problem.kind for problem in read(data).problems}


def test_too_many_elements_are_told():
    empty = made.Writer().element(made.Element(0x00091001, "LO", ""))
    data = bytes(128) + b"DICM" + empty * 300_001
    assert Trouble.TOO_MANY in {problem.kind for problem in read(data).problems}


def test_of_a_deflated_file_that_is_too_big_or_broken_it_is_told():
    filler = made.Element(0x00091001, "OB", bytes(17 * 1024 * 1024))
    huge = made.file(made.Study("TEST-UN^Anne", pixels=b"", more=(filler,)), made.DEFLATED)
    assert read(huge).problems
    meta, _, _ = made.file(STUDY, made.DEFLATED).partition(made.DEFLATED.encode())
    broken = meta + made.DEFLATED.encode() + b"\0 " + b"\xff" * 50
    assert Trouble.TOO_MANY in {problem.kind for problem in read(broken).problems}


def test_pixels_are_not_looked_at():
    """Neither copied nor walked through."""
    header = Header(READ["explicit"])
    assert all(element.tag < made.PIXELS for element in header.elements())
    assert header.pixels


def packed_pixels(tag=made.PIXELS):
    """As JPEG has them: fragments, the first of which is a table."""
    start = struct.pack("<2H2sHL", tag >> 16, tag & 0xFFFF, b"OB", 0, made.UNDEFINED)
    fragments = (struct.pack("<2HL", 0xFFFE, 0xE000, size) + b"\xff" * size for size in (0, 90, 8))
    return start + b"".join(fragments) + struct.pack("<2HL", 0xFFFE, 0xE0DD, 0)


@pytest.mark.parametrize(
    "pixels",
    [b"", made.Writer().element(made.Element(made.PIXELS, "OW", bytes(80))), packed_pixels()],
)
def test_what_follows_the_image_is_read(pixels):
    """An icon within the directory of a disc has pixels, and other patients follow it."""
    behind = made.Writer().element(made.Element(0x7FE10010, "LO", "Compte rendu secret"))
    data = made.file(made.Study("PHANTOM^ACR", "QA", pixels=b"")) + pixels + behind
    [part] = inspection.extracts("f", data, Limits())
    assert "Compte rendu secret" in part.text
    assert {problem.kind for problem in part.problems} == ({Trouble.NO_TEXT} if pixels else set())


def test_an_item_behind_pixels_that_are_not_packed_is_none_of_theirs():
    item = struct.pack("<2HL", 0xFFFE, 0xE000, made.UNDEFINED)
    inner = made.Writer().element(made.Element(0x00100010, "PN", "TEST-UN^Anne"))
    data = made.file(made.Study(pixels=bytes(64))) + item + inner
    assert "anne test-un" in of_kind(data, "person")


@given(st.binary(max_size=400), st.booleans())
def test_no_bytes_break_it(data, preamble):
    """Whatever follows, the elements lie within the file, in order."""
    data = bytes(128) + b"DICM" + data if preamble else data
    total = sum(8 + len(element.value) for element in Header(data).elements())
    assert total <= len(data) + 8
    begins(data)


names = st.text(st.characters(whitelist_categories=["Lu"], max_codepoint=0xFF), min_size=2)


@given(
    names, names, st.sampled_from([made.EXPLICIT, made.IMPLICIT, made.BIG_ENDIAN]), st.booleans()
)
def test_any_name_is_given(family, given_name, syntax, preamble):
    study = made.Study(f"{family[:20]}^{given_name[:20]}", "B1", "19610203")
    data = made.file(study, syntax, preamble=preamble)
    [part] = inspection.extracts("f", data, Limits())
    assert part.kind == "dicom"
    assert family[:20] in part.text
    assert given_name[:20] in part.text
