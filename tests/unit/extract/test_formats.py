"""Every format through the whole of inspection: what was read, and what is told of the rest."""

import zipfile

import pytest

from gateway import inspection
from gateway.extract.compound_copy import written
from gateway.model import Coverage, Limits, Trouble
from tests.makers import archives, mails
from tests.makers import documents as made

NIR = "2 79 03 51 999 151 89"
DEEP = b"<div>" * 300 + NIR.encode() + b"</div>" * 300

READABLE = {
    "text": NIR.encode(),
    "utf-16 without a mark": NIR.encode("utf-16-le"),
    "utf-16": NIR.encode("utf-16"),
    "html": f"<p>{NIR[:4]}<b>{NIR[4:]}</b></p>".encode(),
    "html deeper than 256": b"<html>" + DEEP,
    "html attribute": f'<html><img alt="{NIR}">'.encode(),
    "html comment": f"<html><!-- {NIR} -->".encode(),
    "html hidden": f'<html><p style="display:none">{NIR}</p>'.encode(),
    "html entities": f"<html>{NIR}".replace("9", "&#57;").encode(),
    "xml": f'<?xml version="1.0"?><a><b id="{NIR}"/></a>'.encode(),
    "csv": f"Nom;NIR\nA;{NIR}\nB;2\n".encode(),
    "docx": made.docx(NIR),
    "docx header": made.docx("x", header=NIR),
    "docx comment": made.docx("x", comment=NIR),
    "docx deletion": made.docx("x", deleted=NIR),
    "docx properties": made.docx("x", author=NIR),
    "docx cut into runs": made.split_runs("2 79 03", " 51 999", " 151 89"),
    "xlsx": made.xlsx({"A": [["Nom", "NIR"], ["x", NIR]]}),
    "xlsx hidden sheet": made.xlsx({"A": [["x"]], "B": [[NIR]]}, hidden="B"),
    "xlsx note": made.xlsx({"A": [["x"]]}, note=NIR),
    "xlsx sheet name": made.xlsx({NIR: [["x"]]}),
    "xlsx far corners": made.sparse_xlsx(NIR),
    "pptx": made.pptx(NIR),
    "pptx notes": made.pptx("x", notes=NIR),
    "odt": made.odt(f"{NIR[:4]}<text:span>{NIR[4:]}</text:span>"),
    "pdf": made.pdf("x", NIR),
    "pdf form": made.pdf_form(NIR),
    "pdf annotation": made.pdf_with(made.pdf("x"), annotation=NIR),
    "pdf attachment": made.pdf_with(made.pdf("x"), attached=NIR.encode()),
    "pdf title": made.pdf("x", title=NIR),
    "pdf with an empty password": made.pdf_locked(made.pdf(NIR), user=""),
    "zip": made.zip_of({"a.txt": NIR.encode()}),
    "zip bzip2": made.zip_of({"a.txt": NIR.encode()}, method=zipfile.ZIP_BZIP2),
    "zip member name": made.zip_of({f"{NIR}/a.txt": b"x"}),
    "zip in a zip": made.zip_of({"b.zip": made.zip_of({"a.docx": made.docx(NIR)})}),
    "gzip": made.gzip(NIR.encode()),
    "tar": made.tar({"a.txt": NIR.encode()}),
    "tar.gz": made.gzip(made.tar({"a.txt": NIR.encode()})),
    "eml": mails.message(mails.text(NIR, encoding="base64")),
    "eml in a zip": made.zip_of({"m.eml": mails.message(mails.text(NIR, encoding="base64"))}),
}


NO_PICTURES = Limits(pictures=0)  # their words have tests of their own, in test_ocr


def extracted(data, limits=None):
    return list(inspection.extracts("f", data, limits or NO_PICTURES))


def words(parts):
    return "\n".join(part.text for part in parts)


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


@pytest.mark.parametrize("name", READABLE)
def test_a_number_in_any_format_is_read(name):
    parts = extracted(READABLE[name])
    assert NIR in words(parts)
    assert {part.coverage for part in parts} == {Coverage.WHOLE}
    assert troubles(parts) == set()


SIGNATURE = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02\xa0\x80"
DETACHED = archives.signed(NIR.encode(), detached=True)
ENVELOPED = b"\x30\x80\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03" + bytes(range(99))
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600)

UNREADABLE = {
    "a locked zip": (made.zip_locked({"a.txt": b"x"}), Trouble.ENCRYPTED),
    "a zip locked by AES": (made.zip_locked({"a.txt": b"x"}, aes=True), Trouble.ENCRYPTED),
    "a locked pdf": (made.pdf_locked(made.pdf(NIR), user="secret"), Trouble.ENCRYPTED),
    "a locked Office file": (written({("EncryptedPackage",): b"x"}), Trouble.ENCRYPTED),
    "an OpenPGP message": (b"-----BEGIN PGP MESSAGE-----\n\nhQ==\n", Trouble.ENCRYPTED),
    "OpenPGP in a text": (b"Voici\n-----BEGIN PGP MESSAGE-----\n\nhQ\n", Trouble.ENCRYPTED),
    "S/MIME, enveloped": (ENVELOPED, Trouble.ENCRYPTED),
    "S/MIME, cut": (SIGNATURE + bytes(range(256)), Trouble.DAMAGED),
    "an old Office file": (OLE, Trouble.UNSUPPORTED),
    "a cut rtf": (b"{\\rtf1 bonjour", Trouble.DAMAGED),
    "7z": (b"7z\xbc\xaf\x27\x1c" + bytes(99), Trouble.DAMAGED),
    "rar": (b"Rar!\x1a\x07\0" + bytes(99), Trouble.DAMAGED),
    "a damaged winmail.dat": (b"\x78\x9f\x3e\x22" + bytes(99), Trouble.DAMAGED),
    "DICOM": (bytes(128) + b"DICM" + bytes(99), Trouble.UNSUPPORTED),
    "bytes of no format": (b"\x01\x02\x03\x04" * 200, Trouble.UNSUPPORTED),
    "a picture": (made.png(300, 300), Trouble.NO_TEXT),
    "a scan": (made.pdf("", picture=made.png(300, 300)), Trouble.NO_TEXT),
    "a bomb": (made.zip_bomb(300), Trouble.TOO_BIG),
    "a damaged pdf": (b"%PDF-1.7\nrubbish", Trouble.DAMAGED),
    "a cut zip": (made.zip_of({"a.txt": NIR.encode() * 99})[:90], Trouble.DAMAGED),
    "a cut gzip": (made.gzip(NIR.encode() * 99)[:40], Trouble.DAMAGED),
    "a cut docx": (made.docx(NIR)[:9000], Trouble.DAMAGED),
    "a docx with entities": (
        made.replaced(made.docx(NIR), "word/document.xml", b"<w:document", b"<!DOCTYPE x [<!ENTITY"
                      b" a 'b'>]><w:document"),
        Trouble.DAMAGED,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", UNREADABLE)
def test_what_is_not_read_is_told(name):
    data, trouble = UNREADABLE[name]
    parts = extracted(data)
    assert trouble in troubles(parts)
    assert Coverage.worst(part.coverage for part in parts) is not Coverage.WHOLE


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (made.png(60, 60), "a logo"),
        (DETACHED, "a signature apart from the text it signs"),
        (b"", "empty"),
        (made.pdf("texte", ""), "an empty page is no scan"),
        (b"BEGIN:VCARD\r\nFN:x\r\n", "a text like any other"),
    ],
)
def test_what_says_nothing_is_no_problem(data, why):
    parts = extracted(data)
    assert (troubles(parts), {p.coverage for p in parts}) == (set(), {Coverage.WHOLE}), why


def test_two_zips_glued_together_are_both_read_and_told():
    """The standard library and libarchive show only the last one."""
    parts = extracted(made.zip_of({"a": NIR.encode()}) + made.zip_of({"b": b"autre"}))
    assert NIR in words(parts)
    assert "autre" in words(parts)
    assert Trouble.AMBIGUOUS in troubles(parts)


def test_a_member_with_two_names_is_told_and_both_are_read():
    data = made.zip_of({"aaaa.txt": b"x"}).replace(b"aaaa.txt", b"bbbb.txt", 1)
    parts = extracted(data)
    assert {"aaaa.txt", "bbbb.txt"} <= set(words(parts).split())
    assert troubles(parts) == {Trouble.AMBIGUOUS}


def test_a_file_that_is_two_things_is_read_as_both():
    parts = extracted(b"GIF89a" + bytes(600) + made.pdf(NIR))
    assert NIR in words(parts)
    assert Trouble.AMBIGUOUS in troubles(parts)


def test_a_wrong_checksum_is_told_and_the_text_kept():
    data = bytearray(made.zip_of({"a.txt": NIR.encode()}, method=zipfile.ZIP_STORED))
    data[data.find(NIR.encode())] = ord("1")
    parts = extracted(bytes(data))
    assert NIR[1:] in words(parts)
    assert troubles(parts) == {Trouble.DAMAGED}


def test_a_mail_with_broken_padding_is_read_beyond_it():
    body = b"QUFBQQ==\r\nTklSIDIgNzkgMDMgNTE=\r\n"
    mail = b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n" + body
    assert "NIR 2 79 03 51" in words(extracted(mail))


def test_pictures_and_files_within_a_document_are_parts_of_their_own():
    parts = extracted(made.docx("x", picture=made.png(200, 200)))
    assert [str(part.place) for part in parts][1:] == ["part 1!word/media/image1.png"]
    assert troubles(parts) == {Trouble.NO_TEXT}


@pytest.mark.parametrize(
    ("limits", "trouble"),
    [
        (Limits(depth=2), Trouble.TOO_DEEP),
        (Limits(parts=3), Trouble.TOO_MANY),
        (Limits(bytes=400), Trouble.TOO_BIG),
        (Limits(text=5), Trouble.TOO_BIG),
    ],
)
def test_every_limit_is_told(limits, trouble):
    data = made.zip_of({"a.txt": b"bonjour " * 20})
    for _ in range(4):
        data = made.zip_of({"z.zip": data})
    parts = extracted(data, limits)
    assert trouble in troubles(parts)
    assert Coverage.worst(part.coverage for part in parts) is not Coverage.WHOLE


def test_many_members_are_unpacked_under_one_budget():
    archive = made.zip_of({str(n): b"bonjour " * 50_000 for n in range(40)})
    parts = extracted(archive, Limits(bytes=1_000_000))
    assert Trouble.TOO_BIG in troubles(parts)
    assert len(parts) < 6


def test_a_long_archive_is_cut_and_told():
    parts = extracted(made.zip_of({str(n): b"x" for n in range(99)}), Limits(parts=20))
    assert Trouble.TOO_MANY in troubles(parts)
    assert len(parts) < 25
