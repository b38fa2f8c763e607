"""What is read behind the wall is what is read in front of it: nothing is loaded too late."""

from __future__ import annotations

import asyncio

import pytest

from gateway import inspection
from gateway.model import DEFAULT_LIMITS, Reading
from gateway.sandbox.wall import SandboxWall
from tests.makers import documents, mails

CSV = "Nom;Prénom;Né le\nDurand;Zoé;01/02/1980\nMartin;Léa;03/04/1990\n"

FILES = {
    "docx": documents.docx("Compte rendu d'hospitalisation"),
    "xlsx": documents.xlsx({"Paie": [["Nom", "Âge"], ["Durand", 42]]}),
    "pptx": documents.pptx("Présentation"),
    "odt": documents.odt("Été"),
    "pdf": documents.pdf("Compte rendu " * 10, "deuxième page"),
    "pdf of a picture": documents.pdf("", picture=documents.png(40, 40)),
    "damaged pdf": documents.pdf("Compte rendu " * 10)[:-200],
    "locked pdf": documents.pdf_locked(documents.pdf("secret"), user="x"),
    "zip": documents.zip_of({"a.txt": b"abc", "b/c.csv": CSV.encode()}),
    "zip by bzip2": documents.zip_of({"a.txt": b"abc" * 50}, method=12),
    "zip by lzma": documents.zip_of({"a.txt": b"abc" * 50}, method=14),
    "locked zip": documents.zip_locked({"a.txt": b"abc"}, aes=True),
    "gzip": documents.gzip(CSV.encode()),
    "tar": documents.tar({"a.csv": CSV.encode()}),
    "png": documents.png(10, 10),
    "csv in Windows-1252": CSV.encode("cp1252"),
    "csv in UTF-16": CSV.encode("utf-16"),
}
CHARSETS = ("iso-8859-15", "cp1252", "mac-roman", "utf-7", "iso-2022-jp", "gb18030", "koi8-r")

MAILS = {
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
