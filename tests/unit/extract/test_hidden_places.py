"""Where words can hide in the formats of offices: "format/place", each read whole and without a
problem. docs/formats.md is made from the names of this table."""

import struct

import pytest

from gateway import inspection
from gateway.extract.compound_copy import written
from gateway.model import Coverage, Limits
from tests.makers import documents as made
from tests.makers import excel, outlook, powerpoint, word
from tests.makers.property_sets import property_set

NIR = "2 79 03 51 999 151 89"
DIGITS = "279035199915189"
NUMBER = float(DIGITS)
WIDE = NIR.encode("utf-16-le")
ONE = {"A": [["Nom"], ["x"]]}


def sheet(*records: bytes) -> bytes:
    return excel.xls(excel.workbook(ONE, beside=b"".join(records)))


def book(*records: bytes) -> bytes:
    return excel.xls(excel.workbook(ONE, whole=b"".join(records)))


def pivot() -> bytes:
    cache = excel.record(0xCD, excel.string(NIR)) + excel.record(0xC9, struct.pack("<d", NUMBER))
    return excel.xls(excel.workbook(ONE), {("_SX_DB_CUR", "0001"): cache})


WORD = {
    "body": word.doc(NIR),
    "body of two bytes": word.doc(NIR, wide=True),
    "footnote": word.doc(footnote=NIR),
    "header": word.doc(header=NIR),
    "comment": word.doc(comment=NIR),
    "endnote": word.doc(endnote=NIR),
    "text box": word.doc(textbox=NIR),
    "text box of a header": word.doc(header_textbox=NIR),
    "field": word.doc(f'\x13 HYPERLINK "{NIR}" \x14lien\x15'),
    "bookmark": word.doc(table=struct.pack("<3H", 0xFFFF, 1, 0) + WIDE),
    "left behind by a quick save": word.doc("autre", left_behind=NIR),
    "title": word.doc(title=NIR),
    "properties": word.doc(comments=NIR),
    "packaged file": word.doc(
        others={("ObjectPool", "_1", "\x01Ole10Native"): word.packaged("a.txt", NIR.encode())}
    ),
    "name of a packaged file": word.doc(
        others={("ObjectPool", "_1", "\x01Ole10Native"): word.packaged(f"{NIR}.txt", b"x")}
    ),
    "embedded workbook": word.doc(
        others={("ObjectPool", "_1", "Workbook"): excel.workbook({"A": [["NIR"], [NIR]]})}
    ),
    "embedded docx": word.doc(others={("ObjectPool", "_1", "Package"): made.docx(NIR)}),
    "custom XML": word.doc(
        others={("MsoDataStore", "1", "Item"): f'<?xml version="1.0"?><a>{NIR}</a>'.encode()}
    ),
    "control": word.doc(others={("ObjectPool", "_1", "\x03OCXNAME"): WIDE}),
    "form of a macro": word.doc(others={("Macros", "UserForm1", "o"): b"\1\2" + NIR.encode()}),
    "Word 95": word.word_95(NIR),
}

EXCEL = {
    "cell": excel.xls(excel.workbook({"A": [["Nom", "NIR"], ["x", NIR]]})),
    "hidden sheet": excel.xls(excel.workbook({"A": [["x"]], "B": [[NIR]]}, hidden="B")),
    "sheet name": excel.xls(excel.workbook({NIR: [["x"]]})),
    "string cut in two": excel.xls(excel.workbook({"A": [[NIR]]}, cut=8 + 3 + 9)),
    "string of no cell": excel.xls(excel.workbook(ONE, unused=NIR)),
    "note": sheet(excel.box(NIR), excel.note(0, 0, "Relecteur")),
    "note cut in two": sheet(excel.box(NIR, cut=9)),
    "author of a note": sheet(excel.note(0, 0, NIR)),
    "header": sheet(excel.record(0x14, excel.string(NIR))),
    "footer": sheet(excel.record(0x15, excel.string(NIR))),
    "formula result": sheet(
        excel.record(0x06, struct.pack("<3H8s6xH", 5, 5, 0, b"\0\0\0\0\0\0\xff\xff", 0)),
        excel.record(0x207, excel.string(NIR)),
    ),
    "string in a formula": sheet(
        excel.record(
            0x06, struct.pack("<3H8s6xH", 5, 5, 0, bytes(8), 30) + b"\x17\x15\0" + NIR.encode()
        )
    ),
    "link": sheet(excel.record(0x1B8, bytes(40) + WIDE)),
    "validation": sheet(excel.record(0x1BE, bytes(4) + excel.string(NIR))),
    "drawing": sheet(excel.record(0xEC, bytes(20) + WIDE)),
    "chart": sheet(excel.record(0x100D, b"\0\0" + excel.string(NIR, short=True))),
    "defined name": book(excel.record(0x18, bytes(15) + NIR.encode())),
    "last author": book(excel.record(0x5C, excel.string(NIR).ljust(112))),
    "cell of another workbook": book(excel.record(0x5A, b"\0\0\0\0\x02" + excel.string(NIR))),
    "pivot cache": pivot(),
    "properties": excel.xls(
        excel.workbook(ONE), {("\x05SummaryInformation",): property_set({3: NIR})}
    ),
    "embedded document": excel.xls(
        excel.workbook(ONE),
        {
            ("MBD0001", *path): data
            for path, data in {("\x01Ole10Native",): word.packaged("a.txt", NIR.encode())}.items()
        },
    ),
    "control": excel.xls(excel.workbook(ONE), {("Ctls",): b"\1\2" + WIDE}),
    "without a compound file": excel.workbook({"A": [["Nom", "NIR"], ["x", NIR]]}),
}

POWERPOINT = {
    "slide": powerpoint.ppt(powerpoint.group(powerpoint.SLIDE, powerpoint.wide(NIR))),
    "slide of one byte": powerpoint.ppt(powerpoint.narrow(NIR)),
    "notes": powerpoint.ppt(powerpoint.group(powerpoint.NOTES, powerpoint.wide(NIR))),
    "comment": powerpoint.ppt(powerpoint.group(12000, powerpoint.word(NIR))),
    "comment in a tag": powerpoint.ppt(
        powerpoint.group(
            0x1388, powerpoint.atom(0x138B, powerpoint.group(12000, powerpoint.word(NIR)))
        )
    ),
    "footer": powerpoint.ppt(powerpoint.group(0x0FD9, powerpoint.word(NIR))),
    "alternative text": powerpoint.ppt(
        powerpoint.group(0xF004, powerpoint.atom(0xF00B, bytes(12) + WIDE))
    ),
    "embedded workbook": powerpoint.ppt(
        powerpoint.packed_object(excel.xls(excel.workbook({"A": [["NIR"], [NIR]]})))
    ),
}

MAIL = {outlook.SUBJECT: "Objet", outlook.BODY: "Bonjour"}
INSIDE = outlook.message({outlook.BODY: NIR}, header=24)
OUTLOOK = {
    "subject": outlook.msg({outlook.SUBJECT: NIR}),
    "body": outlook.msg({outlook.BODY: NIR}),
    "body of one byte": outlook.msg({outlook.BODY: NIR}, narrow=True),
    "html body": outlook.msg(MAIL | {outlook.HTML: f"<p>{NIR[:4]}<b>{NIR[4:]}".encode()}),
    "rtf body": outlook.msg(
        MAIL | {outlook.RTF: outlook.compressed_rtf(b"{\\rtf1 %s}" % NIR.encode())}
    ),
    "sender": outlook.msg(MAIL | {outlook.SENDER: NIR}),
    "transport headers": outlook.msg(MAIL | {outlook.HEADERS: f"X-A: {NIR}"}),
    "named property": outlook.msg(MAIL | {0x8001: NIR}),
    "recipient": outlook.msg(MAIL, recipients=[{outlook.NAME: NIR}]),
    "attachment": outlook.msg(
        MAIL, attachments=[{outlook.DATA: NIR.encode(), outlook.LONG_NAME: "a.txt"}]
    ),
    "attachment name": outlook.msg(
        MAIL, attachments=[{outlook.DATA: b"x", outlook.LONG_NAME: NIR}]
    ),
    "short attachment name": outlook.msg(
        MAIL, attachments=[{outlook.DATA: b"x", outlook.LONG_NAME: "a", outlook.SHORT_NAME: NIR}]
    ),
    "message within": outlook.msg(MAIL, inside=INSIDE),
    "message within a message": outlook.msg(
        MAIL, inside=outlook.message({}, inside=INSIDE, header=24)
    ),
    "object": outlook.msg(
        MAIL, inside={("\x01Ole10Native",): word.packaged("a.txt", NIR.encode())}
    ),
}

WINMAIL = {
    "body": outlook.winmail({outlook.BODY: NIR}),
    "old body": outlook.winmail({}, body=NIR),
    "html body": outlook.winmail({outlook.HTML: f"<p>{NIR}".encode()}),
    "rtf body": outlook.winmail(
        {outlook.RTF: outlook.compressed_rtf(b"{\\rtf1 %s}" % NIR.encode())}
    ),
    "subject": outlook.winmail({outlook.SUBJECT: NIR}),
    "named property": outlook.winmail(MAIL, named=NIR),
    "attachment": outlook.winmail(MAIL, attached={"a.txt": NIR.encode()}),
    "attachment name": outlook.winmail(MAIL, attached={NIR: b"x"}),
    "docx attached": outlook.winmail(MAIL, attached={"a.docx": made.docx(NIR)}),
    "recipients": outlook.tnef(
        outlook.attribute(
            1, 0x00069004, struct.pack("<L", 1) + outlook.properties({outlook.NAME: NIR})
        )
    ),
    "sender": outlook.tnef(outlook.attribute(1, 0x00008000, NIR.encode() + b"\0")),
    "winmail.dat within": outlook.winmail(
        MAIL, attached={"winmail.dat": outlook.winmail({}, body=NIR)}
    ),
}


def rtf(text: str) -> bytes:
    return b"{\\rtf1\\ansi\\ansicpg1252 " + text.encode("cp1252") + b"}"


def native(name: bytes, data: bytes) -> str:
    head = struct.pack("<2L", 0x501, 2) + struct.pack("<L", len(name) + 1) + name + b"\0" + bytes(8)
    return (head + struct.pack("<L", len(data)) + data).hex()


RICH = {
    "body": rtf(NIR),
    "hidden": rtf(f"x {{\\v {NIR}}}"),
    "deleted": rtf(f"x {{\\deleted {NIR}}}"),
    "cut by formatting": rtf(f"{NIR[:4]}{{\\b {NIR[4:9]}}}\\i0 {NIR[9:]}"),
    "hexadecimal": rtf("".join(f"\\'{ord(c):02x}" for c in NIR)),
    "unicode": rtf("\\uc1 " + "".join(f"\\u{ord(c)}?" for c in NIR)),
    "unicode without a substitute": rtf("\\uc0" + "".join(f"\\u{ord(c)} " for c in NIR)),
    "header": rtf(f"{{\\header {NIR}}}x"),
    "footnote": rtf(f"x{{\\footnote {NIR}}}"),
    "comment": rtf(f"x{{\\*\\annotation {NIR}}}"),
    "field": rtf(f'{{\\field{{\\*\\fldinst HYPERLINK "{NIR}"}}{{\\fldrslt x}}}}'),
    "field result": rtf(f"{{\\field{{\\*\\fldinst PAGE}}{{\\fldrslt {NIR}}}}}"),
    "text box": rtf(f"{{\\shp{{\\*\\shpinst{{\\shptxt {NIR}}}}}}}"),
    "title": rtf(f"{{\\info{{\\title {NIR}}}}}"),
    "document variable": rtf(f"{{\\*\\docvar {{a}}{{{NIR}}}}}"),
    "bookmark": rtf(f"{{\\*\\bkmkstart {NIR}}}"),
    "unknown destination": rtf(f"{{\\*\\quelconque {NIR}}}"),
    "table": rtf(f"\\trowd\\cellx1 Nom\\cell {NIR}\\cell\\row"),
    "packaged file": rtf(
        "{\\object{\\*\\objdata "
        + native(b"Package", word.packaged("a.txt", NIR.encode())[4:])
        + "}}"
    ),
    "embedded document": rtf(
        f"{{\\object{{\\*\\objdata {native(b'Word.Document.8', word.doc(NIR))}}}}}"
    ),
    "html within": rtf(
        f"\\fromhtml1 {{\\*\\htmltag64 <p>}}{NIR[:4]}"
        f"\\htmlrtf \\b \\htmlrtf0{{\\*\\htmltag <b>}}{NIR[4:]}"
    ),
    "after a blank": b"\r\n" + rtf(NIR),
}

FORMATS = {
    "doc": WORD,
    "xls": EXCEL,
    "ppt": POWERPOINT,
    "rtf": RICH,
    "msg": OUTLOOK,
    "winmail.dat": WINMAIL,
}
PLACES = {
    f"{name}/{place}": data for name, places in FORMATS.items() for place, data in places.items()
}


def extracted(data):
    return list(inspection.extracts("f", data, Limits()))


def words(parts):
    return "\n".join(part.text for part in parts)


@pytest.mark.parametrize("place", PLACES)
def test_a_number_in_any_place_is_read(place):
    parts = extracted(PLACES[place])
    assert NIR in words(parts)
    assert [problem for part in parts for problem in part.problems] == []
    assert {part.coverage for part in parts} == {Coverage.WHOLE}


NUMBERS = {
    "xls/float": excel.xls(excel.workbook({"A": [["Nom", "NIR"], ["x", NUMBER]]})),
    "xls/formula": sheet(excel.record(0x06, struct.pack("<3Hd6xH", 5, 5, 0, NUMBER, 0))),
    "xls/pivot cache": pivot(),
    "xls/cell of another workbook": book(
        excel.record(0x5A, b"\0\0\0\0\x01" + struct.pack("<d", NUMBER))
    ),
}


@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_stored_with_an_exponent_comes_out_as_its_digits(place):
    assert DIGITS in words(extracted(NUMBERS[place]))


def test_an_old_workbook_is_a_table():
    data = excel.xls(excel.workbook({"Paie": [["Titre"], ["Nom", "NIR"], ["Durand", NUMBER]]}))
    [part] = extracted(data)
    assert "Nom\tNIR\nTitre\t\nDurand\t279035199915189" in part.text


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (word.doc(), "doc"),
        (excel.xls(excel.workbook(ONE)), "xls"),
        (powerpoint.ppt(), "ppt"),
        (outlook.msg(MAIL), "msg"),
        (written({("EncryptedPackage",): b"x"}), "locked"),
        (written({("Setup",): b"x"}), "ole"),
        (rtf("x"), "rtf"),
        (outlook.winmail(MAIL), "tnef"),
        (b"<html><table><tr><td>x</table>", "html"),
        (b'<?xml version="1.0"?><Workbook/>', "xml"),
    ],
)
def test_old_formats_are_told_apart_by_what_is_inside(data, kind):
    assert extracted(data)[0].kind == kind
