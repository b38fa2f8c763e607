"""Files of health programs are known by what is in them: renamed, cut, packed, pasted; and what
looks like one is left alone. Persons in them are found as persons."""

from __future__ import annotations

from functools import cache
from textwrap import wrap

import pytest

from gateway import inspection
from gateway.model import DEFAULT_LIMITS, Coverage, Likelihood, Reading
from tests.makers.documents import pdf, xlsx, zip_of
from tests.makers.health_formats import catalogue, insurance, messages
from tests.makers.mails import attachment, html, message, mixed, text

FILES = catalogue.files(1)
INNOCENT = catalogue.innocent(1)


@cache
def read(content: bytes) -> Reading:
    return inspection.read(content, DEFAULT_LIMITS)


def found(content: bytes, kind: str, least: Likelihood = Likelihood.LIKELY) -> set[str]:
    return {hit.value for hit in read(content).hits if hit.kind == kind and hit.likelihood >= least}


def attached(data: bytes, name: str = "photo.jpg") -> bytes:
    return mixed(text("Bonjour,\n\nvoici.\n"), attachment(name, data))


def lines_of(file: str) -> str:
    """As pasted into a mail."""
    return file.replace("\r\n", "\n").replace("\r", "\n")


every_file = pytest.mark.parametrize("name", FILES)


@every_file
def test_is_known_under_any_name_and_its_persons_are_counted(name):
    kind, many, file = FILES[name]
    content = attached(file.encode())
    assert len(found(content, kind, Likelihood.VERY_LIKELY)) == many
    assert {part.coverage for part in read(content).parts} == {Coverage.WHOLE}


@every_file
def test_is_known_in_the_body_of_a_mail_and_in_a_zip(name):
    kind, many, file = FILES[name]
    assert len(found(message(text(lines_of(file))), kind)) == many
    packed = zip_of({"a/b.bin": file.encode()})
    assert len(found(attached(packed, "x.zip"), kind)) == many


@pytest.mark.parametrize("name", [name for name in FILES if name != "NOEMIE without marks"])
def test_is_known_with_its_first_record_cut_and_its_last_one_missing(name):
    kind, many, file = FILES[name]
    cut = file[40 : -len(file) // 20]
    assert len(found(attached(cut.encode()), kind)) >= max(1, many // 2)


@pytest.mark.parametrize("name", ["H'PRIM Médecin", "HL7, CR LF", "VID-HOSP"])
def test_is_known_in_html_where_somebody_pasted_it(name):
    kind, many, file = FILES[name]
    page = (
        "<pre>" + file.replace("&", "&amp;").replace("<", "&lt;").replace("\r\n", "<br>") + "</pre>"
    )
    assert len(found(message(html(page)), kind)) == many


@pytest.mark.parametrize("name", ["B2", "H'PRIM Médecin", "HL7, CR LF", "RSS", "VID-HOSP", "RSA"])
def test_is_known_where_an_answer_quotes_it(name):
    kind, many, file = FILES[name]
    quoted = "".join(f"> {line}\n" for line in lines_of(file).split("\n"))
    assert len(found(message(text("Le 12 mars, X a écrit :\n" + quoted)), kind)) == many


@pytest.mark.parametrize("margin", ["    ", "\t", "> \t"])
@pytest.mark.parametrize("name", ["B2", "HL7, CR LF", "RSS", "VID-HOSP", "RSA", "ANO-HOSP"])
def test_is_known_where_somebody_has_indented_it(name, margin):
    kind, many, file = FILES[name]
    moved = "".join(f"{margin}{line}\n" for line in lines_of(file).split("\n"))
    assert len(found(message(text(moved)), kind)) == many
    assert len(found(attached(moved.encode()), kind)) == many


@pytest.mark.parametrize("name", ["B2", "RSS", "VID-HOSP", "RSA"])
def test_is_known_in_the_cells_of_a_workbook(name):
    kind, many, file = FILES[name]
    rows = [(line,) for line in lines_of(file).split("\n")]
    assert len(found(attached(xlsx({"Feuille1": rows}), "x.xlsx"), kind)) == many


def test_a_lot_that_a_mail_program_has_wrapped_is_known_all_the_same():
    lines = [line for record in insurance.b2(1).split("\r\n") for line in wrap(record, 76)]
    assert len(found(message(text("\n".join(lines))), "health.b2")) == 21


@pytest.mark.parametrize("charset", ["latin-1", "utf-16", "utf-16-le", "mac_roman", "cp850"])
def test_is_known_in_the_character_sets_of_old_programs(charset):
    content = attached(messages.hprim_doctor(5).encode(charset))
    assert len(found(content, "health.hprim")) == 2


@pytest.mark.parametrize("name", INNOCENT)
def test_what_looks_like_one_is_left_alone(name):
    file = INNOCENT[name]
    for content in (attached(file.encode()), message(text(lines_of(file)))):
        kinds = {hit.kind for hit in read(content).hits if hit.likelihood >= Likelihood.LIKELY}
        assert not {kind for kind in kinds if kind.startswith("health.")}, kinds
        assert not kinds & {"person", "fr.nir", "fr.nia"}


def test_persons_and_numbers_in_it_are_found_under_their_own_kinds():
    for name in ("B2", "NOEMIE", "VID-HOSP", "RSF-ACE C"):
        kind, many, file = FILES[name]
        numbers = found(attached(file.encode()), "fr.nir", Likelihood.VERY_LIKELY)
        assert numbers == found(attached(file.encode()), kind), name
        assert len(numbers) == many
    for name in ("HL7, CR", "HL7 in XML", "H'PRIM santé", "HPRIM XML"):
        kind, many, file = FILES[name]
        persons = found(attached(file.encode()), "person", Likelihood.VERY_LIKELY)
        assert {
            value.partition("|")[0] for value in found(attached(file.encode()), kind)
        } <= persons
    letters = attached(FILES["H'PRIM Médecin"][2].encode())
    assert len(found(letters, "person")) == len(found(letters, "fr.nir")) == 2


def test_a_document_in_base64_within_a_message_is_read():
    document = pdf("Mme Zorba INVENTEE, née le 14/09/1985")
    for file in (messages.hl7(1, document=document), messages.hl7_xml(1, document=document)):
        packed = attached(zip_of({"m.bin": file.encode()}), "m.zip")
        assert ("pdf", "2!m.bin!(1)") in {
            (part.kind, part.place.part) for part in read(packed).parts
        }
        assert "inventee zorba" in found(packed, "person")


def test_the_bytes_of_the_transport_hide_nothing():
    assert len(found(attached(messages.mllp(1)), "health.hl7")) == 1


def test_the_national_test_identities_are_only_possible():
    one = f"PID|1||3^^^X~279035121518989^^^{messages.TRIAL_INS}||PAT-TROIS^DOMINIQUE||19790328|F"
    content = attached(f"{messages.HL7_HEAD}\r{one}\r".encode())
    assert found(content, "health.hl7") == set()
    assert len(found(content, "health.hl7", Likelihood.POSSIBLE)) == 1
    assert found(content, "person") == set()


def test_a_real_name_under_a_test_identifier_is_somebody():
    one = f"PID|1||3^^^X~279035121518989^^^{messages.TRIAL_INS}||DURAND^Zoé||19790328|F"
    assert len(found(attached(f"{messages.HL7_HEAD}\r{one}\r".encode()), "health.hl7")) == 1


@pytest.mark.parametrize("before", ["~", '""^""~', "^^~"])
def test_a_name_that_is_not_the_first_is_one_all_the_same(before):
    one = f"PID|1||3^^^X||{before}DURAND^Manon||19610203|F"
    assert len(found(attached(f"{messages.HL7_HEAD}\r{one}\r".encode()), "health.hl7")) == 1


def test_nothing_of_a_person_is_shown():
    for kind, _, file in FILES.values():
        seen = inspection.conclude(read(attached(file.encode())), b"k" * 32)
        shown = {finding.masked for finding in seen.findings if finding.kind == kind}
        assert len(shown) == 1
        assert not any(map(str.isdigit, "".join(shown).replace("B2", "").replace("HL7", "")))
