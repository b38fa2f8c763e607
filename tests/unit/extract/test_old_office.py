"""Numbers, dates, pictures and macros of Office 97 files; what is damaged in them is told."""

import struct
import zlib

import pytest

from gateway import inspection
from gateway.extract import biff, drawn, properties, runs, vba
from gateway.extract.compound_copy import written
from gateway.model import Limits, Trouble
from tests.makers import documents as made
from tests.makers import excel, packages, powerpoint, word
from tests.makers.property_sets import property_set

NIR = "2 79 03 51 999 151 89"
LIMITS = Limits(pictures=0)


def extracted(data):
    return list(inspection.extracts("", data, LIMITS))


def troubles(data):
    return {problem.kind for part in extracted(data) for problem in part.problems}


@pytest.mark.parametrize(
    ("stored", "value"),
    [
        (42 << 2 | 2, 42.0),
        ((-42 << 2 | 2) & 0xFFFFFFFF, -42.0),
        (4250 << 2 | 3, 42.5),
        (0x3FF00000, 1.0),
        (0x3FF00001, 0.01),
    ],
)
def test_compact_numbers_are_whole_or_floating_and_perhaps_hundredths(stored, value):
    assert biff.compact(stored) == value


def dated(*, old: bool = False, code: str = "dd/mm/yyyy") -> str:
    """A workbook whose second style shows days, and the number 28915 in it."""
    whole = excel.record(0x22, b"\1\0" if old else b"\0\0")
    whole += excel.record(0x41E, struct.pack("<H", 164) + excel.string(code))
    whole += excel.record(0xE0, bytes(20)) + excel.record(0xE0, struct.pack("<2H16x", 0, 164))
    cell = excel.record(0x203, struct.pack("<3Hd", 0, 0, 1, 28915))
    return extracted(excel.xls(excel.workbook({"A": []}, whole=whole, beside=cell)))[0].text


def test_a_day_is_given_as_a_date_in_either_calendar():
    assert "1979-03-01" in dated()
    assert "1983-03-02" in dated(old=True)
    assert "28915" in dated(code="0.00")


def test_a_workbook_of_excel_95_is_read_in_its_own_character_set():
    """One byte a character, notes with their text, no shared strings."""
    begin = excel.record(0x809, struct.pack("<2H", 0x0500, 5)) + excel.record(0x42, b"\xe4\x04")
    cell = excel.record(0x204, struct.pack("<4H", 0, 0, 0, 6) + "Été 95".encode("cp1252"))
    note = excel.record(0x1C, struct.pack("<3H", 0, 0, len(NIR)) + NIR.encode())
    sheet = excel.record(0x809, struct.pack("<2H", 0x0500, 0x10)) + cell + note
    title = excel.record(0x85, struct.pack("<LHB", len(begin) + 17, 0, 4) + b"Paie")
    data = written({("Book",): begin + title + sheet + excel.record(0x0A)})
    text = extracted(data)[0].text
    assert "Été 95" in text
    assert NIR in text


def blip(kind: int, data: bytes, instance: int = 0x6E0) -> bytes:
    body = bytes(16) + b"\xff" + data
    return struct.pack("<2HL", instance << 4, kind, len(body)) + body


PNG = made.png(60, 60)


@pytest.mark.parametrize(
    ("record", "picture"),
    [
        (blip(0xF01E, PNG), PNG),
        (blip(0xF01D, b"\xff\xd8\xff" + bytes(40), 0x46A), b"\xff\xd8\xff" + bytes(40)),
        (b"rubbish" + blip(0xF01E, PNG) + b"more", PNG),
        (
            struct.pack("<2HL", 0x3D4 << 4, 0xF01A, 50 + 12) + bytes(50) + zlib.compress(b"emf!"),
            b"emf!",
        ),
    ],
)
def test_pictures_of_drawings_are_found_wherever_they_stand(record, picture):
    assert list(drawn.pictures(record, LIMITS)) == [picture]


@pytest.mark.parametrize(
    "data",
    [
        word.doc(others={("Data",): blip(0xF01E, PNG)}),
        excel.xls(excel.workbook({"A": [["x"]]}, whole=excel.record(0xEB, blip(0xF01E, PNG)))),
        written({("PowerPoint Document",): b"", ("Pictures",): blip(0xF01E, PNG)}),
    ],
)
def test_a_picture_in_a_document_is_a_part(data):
    assert "image" in [part.kind for part in extracted(data)]


# The example of MS-OVBA 3.2.2.
SOURCE = b"#aaabcdefaaaaghijaaaaaklaaamnopqaaaaaaaaaaaarstuvwxyzaaa"
PACKED = bytes.fromhex(
    "012fb000236161616263646582660070616768696a013808616b6c00306d6e6f70067102700410"
    "727374757610777879 7a003c".replace(" ", "")
)


def test_a_macro_is_unpacked_as_the_standard_shows():
    assert vba.unpacked(PACKED) == (SOURCE, True)


def test_a_macro_is_read_in_documents_old_and_new():
    source = b'Attribute VB_Name = "M"\r\n\' ' + NIR.encode() + b"\r\n"
    chunk = b"".join(b"\0" + source[at : at + 8] for at in range(0, len(source), 8))
    module = b"compiled\1" + struct.pack("<H", 0xB000 | len(chunk) - 1) + chunk
    project = written({("VBA", "M"): module, ("PROJECT",): b"x"})
    docm = packages.word(more={"word/vbaProject.bin": project})
    assert NIR in extracted(project)[0].text
    assert NIR in extracted(word.doc(others={("Macros", "VBA", "M"): module}))[0].text
    assert NIR in "".join(part.text for part in extracted(docm))
    assert troubles(docm) == set()


def test_a_macro_that_unpacks_to_more_than_anybody_writes_is_cut():
    chunk = b"\2a\xff\x0f"  # a letter, then the same 4098 times
    data = b"\1" + (struct.pack("<H", 0xB000 | len(chunk) - 1) + chunk) * 20_000
    found, whole = vba.unpacked(data)
    assert (len(found) <= 17 * 1024 * 1024, whole) == (True, False)


def test_properties_come_in_every_kind_of_string():
    assert set(properties.strings(property_set({2: "Titre", 4: "Autrice", 6: "Été"}))) == {
        "Titre", "Autrice", "Été",
    }  # fmt: skip
    assert list(properties.strings(property_set({2: "x"})[:60])) == []


def test_words_are_told_from_structures():
    assert runs.both(b"\x01\x02Jean Dupont\xff\xff" + "Été 1979".encode("utf-16-le")) == [
        "Été 1979",
        "Jean Dupont",
    ]
    assert runs.both(b"@@@@@@@@{}{}{}[][]" + bytes(40)) == []


@pytest.mark.parametrize(
    "data",
    [
        written({("WordDocument",): b"\xec\xa5" + bytes(300)}),
        written({("WordDocument",): b"x"}),
        excel.xls(excel.workbook({"A": [["x"]]})[:-9] + b"\x03\x02\xff\xff"),
        written({("PowerPoint Document",): struct.pack("<2HL", 0xF, 1000, 99)}),
    ],
)
def test_what_is_cut_short_is_told(data):
    assert troubles(data) == {Trouble.DAMAGED}


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (written({("Setup",): b"x" * 9000}), "an installer, or any other program's file"),
        (word.doc(others={("ObjectPool", "_1", "VisioDocument"): b"x"}), "an object of Visio"),
    ],
)
def test_what_is_of_no_known_format_is_told(data, why):
    assert troubles(data) == {Trouble.UNSUPPORTED}, why


@pytest.mark.parametrize(
    "data",
    [
        word.doc(others={("ObjectPool", "_1", "Equation Native"): b"x"}),
        word.doc(others={("ObjectPool", "_1", "\x01CompObj"): b"x"}),
        powerpoint.ppt(powerpoint.word("x")),
        excel.xls(excel.workbook({"A": []})),
    ],
)
def test_what_says_nothing_is_no_problem(data):
    assert troubles(data) == set()
