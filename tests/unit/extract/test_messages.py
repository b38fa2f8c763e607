"""Which texts are messages of health programs rather than tables, and what is in them."""

from __future__ import annotations

import pytest

from gateway.extract import kind, messages
from gateway.model import DEFAULT_LIMITS, Part, Text
from tests.makers.health_formats import messages as made


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (made.hl7(1), "segments"),
        (made.hl7(1, batch=True), "segments"),
        (made.hprim_health(1), "segments"),
        (made.hprim_doctor(1), "segments"),
        (made.hl7(1)[60:], "segments"),  # its head is lost
        (made.hl7_xml(1), "xml-message"),
        (made.hprim_xml(1, namespace=False), "xml-message"),
        (made.rpu(1), "xml-message"),
        (made.log(1), "csv"),  # a table of bars
        (made.table_of_bars(1), "csv"),
        ("PID|PPID|CMD\n1|0|init\n2|1|bash\n", "csv"),  # processes, or patients by their number
        ("H|~ voir la notice | a\nb | c", "text"),
        ("<html><p>urn:hl7-org v2</p></html>", "html"),
    ],
)
def test_what_it_is_is_told_by_its_segments_or_its_root(file, expected):
    assert kind.textual(Part("2", file.encode())) == expected


@pytest.mark.parametrize(
    ("file", "declared", "expected"),
    [
        ("From: a@ch.example\nDate: x\n\nTEX|\n", "", "message"),
        ("BEGIN:VCARD\nTEX|\nEND:VCARD", "", "vcard"),
        ("Bonjour\nTEX|\n<p>2 85<b></b> 09", "text/html", "html"),
        ("<p>Bonjour</p>\nTEX|\n", "", "html"),
        ("From: a@ch.example\nDate: x\n\n<ClinicalDocument xmlns='urn:hl7-org:v3'>", "", "message"),
        (made.hl7(1), "text/plain", "segments"),
    ],
)
def test_a_line_of_one_does_not_make_a_message_of_what_is_read_otherwise(file, declared, expected):
    """Or a bar in a saved mail would leave its attachments closed."""
    assert kind.textual(Part("2", file.encode(), declared)) == expected


@pytest.mark.parametrize("charset", ["utf-16", "utf-16-be", "latin-1", "mac_roman"])
def test_the_character_set_makes_no_difference(charset):
    assert kind.textual(Part("2", made.hprim_health(1).encode(charset))) == "segments"


def test_documents_within_are_parts_and_no_text():
    part = Part("2", made.hl7(1, document=b"%PDF-1.7 canari").encode())
    text, document = messages.EXTRACTOR.extract(part, DEFAULT_LIMITS)
    assert (document.path, document.data) == ("2!(1)", b"%PDF-1.7 canari")
    assert isinstance(text, Text)
    assert "Base64^||||||F" in text.text


def test_escapes_within_base64_are_left_out():
    cut = made.hl7(1, document=b"canari canari").replace("Y2FuYXJp", "Y2FuYX\\.br\\Jp")
    *_, document = messages.EXTRACTOR.extract(Part("2", cut.encode()), DEFAULT_LIMITS)
    assert document.data == b"canari canari"


def test_xml_is_given_as_it_is_and_as_any_page():
    pieces = list(messages.EXTRACTOR.extract(Part("2", made.rpu(1).encode()), DEFAULT_LIMITS))
    assert pieces[0].place.inside == "source"
    assert "<NAISSANCE>" in pieces[0].text
    assert len(pieces) > 1
