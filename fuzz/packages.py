"""Office documents of after 2007 and OpenDocument, and any of the files within."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator

from fuzz import files, swapped
from tests.makers import binary_excel, documents, packages

WORDS = (
    b"<w:p>|</w:p>|<w:r>|<w:t>|<w:del>|<w:instrText>|<w:fldChar |<w:vanish/>|w:val=|<row r=|<c r=|"
    b' t="s">| t="inlineStr">|<is>|<t>|<v>|<f>|<si>|<sst>|<sheet |r:id=|<Relationship |Target=|'
    b"TargetMode=|<a:t>|<a:p>|<text:p>|<text:s text:c=|<table:table-row |<table:table-cell |"
    b"table:number-columns-repeated=|table:number-rows-repeated=|office:value=|<!--|-->|<![CDATA[|"
    b"]]>|<!DOCTYPE |<!ENTITY |&amp;|&#x33;|<mc:AlternateContent>|xmlns:|/>|\x93\1|\x9c\1|\x07|\x13"
).split(b"|")
LONGEST = files.LONGEST
ROWS = [["Nom", "Date"], ["x", "3 mai 2021"]]


def _files(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


MADE = [
    _files(data)
    for data in (
        documents.docx("Bonjour", header="a", comment="b", deleted="c", author="d"),
        documents.xlsx({"A": ROWS, "B": ROWS}, hidden="B", note="x"),
        documents.pptx("Bonjour", notes="x"),
        documents.odt("Bonjour<text:span>a</text:span>"),
        packages.word(),
        packages.excel(),
        packages.powerpoint("<p:sp><p:txBody><a:p><a:r><a:t>x</a:t></a:r></a:p></p:txBody></p:sp>"),
        packages.odf(
            "spreadsheet",
            '<table:table table:name="A"><table:table-row><table:table-cell>'
            "<text:p>x</text:p></table:table-cell></table:table-row></table:table>",
        ),
        binary_excel.xlsb({"A": ROWS}, unused="x", comment="y"),
    )
]


def seeds() -> Iterator[bytes]:
    yield from swapped.seeds(MADE, LONGEST - swapped.HEAD)
    yield swapped.AS_IT_IS + packages.word()


def check(data: bytes) -> None:
    files.check(swapped.document(data, MADE, documents.zip_of))
