"""What is read behind the wall is what is read in front of it: nothing is loaded too late."""

from __future__ import annotations

import asyncio
import lzma

import pytest

from gateway import inspection
from gateway.extract import libarchive
from gateway.model import DEFAULT_LIMITS, Reading
from gateway.sandbox.wall import SandboxWall
from tests.makers import (
    archives,
    documents,
    excel,
    mails,
    outlook,
    packages,
    powerpoint,
    scans,
    word,
)
from tests.makers.locks_of_office import locked_package, locked_workbook

CSV = "Nom;Prénom;Né le\nDurand;Zoé;01/02/1980\nMartin;Léa;03/04/1990\n"

BOOK = excel.workbook({"Paie": [["Nom", "Âge"], ["Durand", 42]]})
RTF = b"{\\rtf1\\ansi{\\fonttbl{\\f1\\fcharset128 x;}}{\\f1 \\'82\\'a0}}"

FILES = {
    "doc": word.doc("Compte rendu", title="Été"),
    "xls": excel.xls(BOOK),
    "xls locked against changes": excel.xls(locked_workbook(BOOK, "VelvetSweatshop")),
    "xlsx locked against changes": locked_package(documents.xlsx({"A": [[1]]}), "VelvetSweatshop"),
    "locked docx": locked_package(documents.docx("secret"), "x"),
    "ppt": powerpoint.ppt(powerpoint.wide("Présentation")),
    "rtf": RTF,
    "msg": outlook.msg({outlook.BODY: "Bonjour", outlook.RTF: outlook.compressed_rtf(RTF)}),
    "winmail.dat": outlook.winmail({outlook.BODY: "Bonjour"}, attached={"a.csv": CSV.encode()}),
    "ods": packages.odf("spreadsheet", "<table:table><table:table-row/></table:table>"),
    "docx": documents.docx("Compte rendu d'hospitalisation"),
    "xlsx": documents.xlsx({"Paie": [["Nom", "Âge"], ["Durand", 42]]}),
    "pptx": documents.pptx("Présentation"),
    "odt": documents.odt("Été"),
    "pdf": documents.pdf("Compte rendu " * 10, "deuxième page"),
    "pdf of a picture": documents.pdf("", picture=documents.png(40, 40)),
    "damaged pdf": documents.pdf("Compte rendu " * 10)[:-200],
    "pdf under its owner's lock": documents.pdf_locked(
        documents.pdf("Compte rendu " * 10), user=""
    ),
    "locked pdf": documents.pdf_locked(documents.pdf("secret"), user="x"),
    "zip": documents.zip_of({"a.txt": b"abc", "b/c.csv": CSV.encode()}),
    "zip by bzip2": documents.zip_of({"a.txt": b"abc" * 50}, method=12),
    "zip by lzma": documents.zip_of({"a.txt": b"abc" * 50}, method=14),
    "rar": archives.rar5({"a.csv": CSV.encode()}),
    "cab": archives.cab({"a.csv": CSV.encode()}),
    "xz": lzma.compress(CSV.encode(), preset=9),
    "p7m": archives.signed(documents.pdf("Compte rendu " * 10)),
    "mbox": archives.mbox(mails.message(mails.text("Bonjour"))),
    "vcard": archives.vcard("NOTE;ENCODING=QUOTED-PRINTABLE;CHARSET=cp1252:=E9"),
    "calendar": archives.invitation("X-ALT-DESC;FMTTYPE=text/html:<p>Bonjour"),
    "locked zip": documents.zip_locked({"a.txt": b"abc"}, aes=True),
    "gzip": documents.gzip(CSV.encode()),
    "tar": documents.tar({"a.csv": CSV.encode()}),
    "png": documents.png(10, 10),
    "scan": scans.saved(scans.page(scans.letter("x"), dpi=150).crop((100, 100, 1100, 500))),
    "fax": scans.fax([scans.page("Fax", dpi=30)] * 2),
    "JPEG": scans.saved(scans.landscape(300, 200), "JPEG"),
    "WebP": scans.saved(scans.landscape(300, 200), "WEBP"),
    "AVIF": scans.saved(scans.landscape(300, 200), "AVIF"),
    "csv in Windows-1252": CSV.encode("cp1252"),
    "csv in UTF-16": CSV.encode("utf-16"),
}
CHARSETS = ("iso-8859-15", "cp1252", "mac-roman", "utf-7", "iso-2022-jp", "gb18030", "koi8-r")

if libarchive.LIBRARY:
    FILES |= {
        "7z": archives.by_libarchive({"\xe9t\xe9/a.csv": CSV.encode()}, "7zip"),
        "iso": archives.by_libarchive({"\xe9t\xe9.csv": CSV.encode()}, "iso9660"),
        "tar.zst": archives.filtered(CSV.encode(), "zstd"),
    }
LOCKED = {
    "zip by AES": archives.zip_under({"a.csv": CSV.encode()}, "Soleil26"),
    "zip as of old": archives.zip_under({"a.csv": CSV.encode()}, "Soleil26", aes=False),
    "pdf": documents.pdf_locked(documents.pdf("Compte rendu " * 10), user="Soleil26"),
    "docx": locked_package(documents.docx("Compte rendu"), "Soleil26"),
}

MAILS = {
    **{
        f"{name}, with its password": mails.mixed(
            mails.text("Mot de passe : Soleil26"), mails.attachment("x", data)
        )
        for name, data in LOCKED.items()
    },
    **{name: mails.mixed(mails.attachment("x", data)) for name, data in FILES.items()},
    **{
        f"text in {charset}": mails.mixed(
            mails.entity(f"text/plain; charset={charset}", b"Bonjour \xe9\xe8", "8bit")
        )
        for charset in (*CHARSETS, "x-unknown")
    },
}


@pytest.fixture(scope="module")
def behind() -> dict[str, Reading]:
    async def read_all() -> dict[str, Reading]:
        wall = SandboxWall()
        await wall.start()
        try:
            return {
                name: await wall.read(content, DEFAULT_LIMITS, seconds=60)
                for name, content in MAILS.items()
            }
        finally:
            await wall.close()

    return asyncio.run(read_all())


@pytest.mark.parametrize("name", MAILS)
def test_the_wall_changes_nothing_of_a_reading(behind, name):
    reading = inspection.read(MAILS[name], DEFAULT_LIMITS)
    assert behind[name] == reading
    assert reading.parts
