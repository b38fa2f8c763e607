"""Outlook messages and winmail.dat beyond where words hide: names, forms of the body, damage."""

import struct

import pytest

from gateway import inspection
from gateway.extract import lzfu
from gateway.model import Coverage, Limits, Trouble
from tests.makers import documents as made
from tests.makers import outlook

# The example of MS-OXRTFCP 4.1.
PACKED = bytes.fromhex(
    "2d0000002b0000004c5a4675f1c5c7a703000a00726370673132354232"
    "0af32068656c090020627705b06c647d0a800fa0"
)
PLAIN = b"{\\rtf1\\ansi\\ansicpg1252\\pard hello world}\r\n"


def extracted(data):
    return list(inspection.extracts("", data, Limits()))


def test_a_compressed_body_is_unpacked_as_the_standard_shows():
    assert lzfu.unpacked(PACKED, 1000) == (PLAIN, True)


def test_a_body_that_is_not_compressed_is_taken_as_it_is():
    data = struct.pack("<2L4sL", len(PLAIN) + 12, len(PLAIN), b"MELA", 0) + PLAIN
    assert lzfu.unpacked(data, 1000) == (PLAIN, True)


@pytest.mark.parametrize("data", [PACKED[:30], PACKED[:10], b"x" * 40])
def test_a_damaged_body_is_told(data):
    assert not lzfu.unpacked(data, 1000)[1]


def test_a_body_bigger_than_allowed_is_cut_and_told():
    assert lzfu.unpacked(PACKED, 5)[1] is False
    assert len(lzfu.unpacked(PACKED, 5)[0]) <= 5


def test_an_attachment_has_all_its_names():
    data = outlook.msg(
        {},
        attachments=[
            {
                outlook.DATA: b"x",
                outlook.SHORT_NAME: "COURT~1.TXT",
                outlook.LONG_NAME: "Le long.txt",
            }
        ],
    )
    attached = extracted(data)[1]
    assert (attached.name, attached.text.split("\n")) == (
        "Le long.txt",
        ["Le long.txt", "COURT~1.TXT", "x"],
    )


@pytest.mark.parametrize("make", [outlook.msg, outlook.winmail])
def test_ordinary_mail_of_outlook_is_read_whole(make):
    """winmail.dat is ordinary: it must not be held for what it is."""
    parts = extracted(
        make({outlook.SUBJECT: "Réunion", outlook.BODY: "À jeudi.", outlook.RTF: PACKED})
    )
    assert {part.coverage for part in parts} == {Coverage.WHOLE}
    assert [problem for part in parts for problem in part.problems] == []


def test_a_message_within_winmail_dat_is_read():
    """An attached message: an object, of which sixteen bytes tell what it is."""
    inner = bytes(16) + outlook.winmail({outlook.BODY: "caché"})
    props = struct.pack("<LHHLL", 1, 0x000D, outlook.DATA, 1, len(inner)) + inner
    data = outlook.tnef(
        outlook.attribute(2, 0x00069002, bytes(14)), outlook.attribute(2, 0x00069005, props)
    )
    assert "caché" in "\n".join(part.text for part in extracted(data))


def test_properties_of_several_values_and_of_every_width_are_passed_over_in_step():
    values = struct.pack("<L", 4)
    values += struct.pack("<HHL", 0x0003, 0x0E08, 7) + struct.pack("<HHQ", 0x0040, 0x0E06, 7)
    values += struct.pack("<HHL", 0x1003, 0x6800, 2) + struct.pack("<2L", 1, 2)
    values += struct.pack("<HHLL", 0x1E, outlook.BODY, 1, 8) + b"Bonjour\0"
    [part] = extracted(outlook.tnef(outlook.attribute(1, 0x00069003, values)))
    assert "Bonjour" in part.text
    assert part.problems == ()


@pytest.mark.parametrize(
    "values",
    [
        struct.pack("<L", 0xFFFFFFFF),
        struct.pack("<LHHL", 1, 0x1E, outlook.BODY, 0xFFFFFFFF),
        struct.pack("<LHHLL", 1, 0x1E, outlook.BODY, 1, 0xFFFFFFFF),
        struct.pack("<LHHL", 1, 0x101E, 0x6800, 0x7FFFFFFF),
    ],
)
def test_huge_counts_in_winmail_dat_cost_nothing_and_are_told(values):
    [part] = extracted(outlook.tnef(outlook.attribute(1, 0x00069003, values)))
    assert {problem.kind for problem in part.problems} == {Trouble.DAMAGED}


def test_an_attachment_without_its_content_is_told():
    data = outlook.msg({outlook.BODY: "x"}, attachments=[{outlook.LONG_NAME: "a.txt"}])
    problems = [problem for part in extracted(data) for problem in part.problems]
    assert [problem.kind for problem in problems] == [Trouble.DAMAGED]


def test_the_label_of_a_winmail_dat_is_not_believed():
    assert (
        extracted(outlook.winmail({}, attached={"a.zip": made.zip_of({"b": b"x"})}))[0].kind
        == "tnef"
    )
