"""What a reader leaves out is told, or read after all: corners in which something was skipped."""

import io

import pikepdf
import pytest
from PIL import Image
from reportlab.pdfgen.canvas import Canvas

from gateway import inspection
from gateway.extract import ocr, xlsx
from gateway.model import Coverage, Limits, Part, Table, Trouble
from tests.makers import documents as made
from tests.makers import packages

NIR = "2 79 03 51 999 151 89"


def read(data, limits=None):
    return list(inspection.extracts("f", data, limits or Limits()))


def words(parts):
    return "\n".join(part.text for part in parts)


def troubles(parts):
    return {problem.kind for part in parts for problem in part.problems}


def test_strings_of_a_pdf_below_too_many_lists_are_told():
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(made.pdf("Une page"))) as document:
        deep = pikepdf.String(NIR)
        for _ in range(60):
            deep = pikepdf.Array([deep])
        document.Root.Deep = deep
        document.save(out)
    assert Trouble.TOO_DEEP in troubles(read(out.getvalue()))


def within_forms(depth: int) -> bytes:
    """A page that is a picture, drawn by a form within a form within…"""
    out = io.BytesIO()
    canvas = Canvas(out, invariant=True)
    canvas.beginForm("f0")
    canvas.drawInlineImage(Image.effect_noise((200, 280), 80), 0, 0, 595, 842)
    canvas.endForm()
    for number in range(1, depth):
        canvas.beginForm(f"f{number}")
        canvas.doForm(f"f{number - 1}")
        canvas.endForm()
    canvas.doForm(f"f{depth - 1}")
    canvas.save()
    return out.getvalue()


@pytest.mark.parametrize("depth", [1, 6, 20])
def test_a_scan_within_forms_is_not_taken_for_an_empty_page(monkeypatch, depth):
    monkeypatch.setattr(ocr, "engine", lambda: None)
    assert troubles(read(within_forms(depth))) == {Trouble.NO_TEXT}


@pytest.mark.parametrize("name", ["docProps/thumbnail.csv", "Thumbnails/a.docx", "mimetype.txt"])
def test_a_file_with_the_name_of_a_preview_is_read(name):
    data = made.docx(NIR) if name.endswith("docx") else NIR.encode()
    assert NIR in words(read(packages.word(more={name: data})))


def test_a_preview_large_enough_to_be_read_is_a_picture_like_any_other():
    big = packages.word(more={"docProps/thumbnail.png": made.png(700, 900)})
    small = packages.word(more={"docProps/thumbnail.png": made.png(200, 300)})
    assert len(read(big, Limits(pictures=0))) == 2
    assert len(read(small, Limits(pictures=0))) == 1


def test_a_sheet_in_a_file_of_any_name_is_a_table():
    relation = (
        '<Relationships><Relationship Id="rId1" Target="worksheets/feuil.xml"/></Relationships>'
    )
    sheet = '<a><sheetData><row r="1"><c r="A1" t="s"><v>0</v></c></row></sheetData></a>'
    book = packages.excel(
        more={
            "xl/_rels/workbook.xml.rels": relation,
            "xl/worksheets/feuil.xml": sheet,
            "xl/sharedStrings.xml": f"<sst><si><t>{NIR}</t></si></sst>",
        }
    )
    found = [piece for piece in xlsx.extract(Part("1", book), Limits()) if isinstance(piece, Table)]
    assert NIR in {cell for table in found for row in table.rows for cell in row}


def test_what_a_format_of_numbers_shows_in_place_of_the_number_is_read():
    styles = f'<s><numFmts><numFmt numFmtId="170" formatCode="&quot;{NIR}&quot;"/></numFmts></s>'
    assert NIR in words(read(packages.excel(more={"xl/styles.xml": styles})))


def odf_locked(names, files):
    entries = "".join(
        f'<m:file-entry m:full-path="{name}"><m:encryption-data/></m:file-entry>' for name in names
    )
    manifest = f'<m:manifest xmlns:m="urn:m">{entries}</m:manifest>'
    return packages.odf("text", "", {**files, "META-INF/manifest.xml": manifest})


NOISE = bytes(range(256)) * 4


def test_a_locked_document_of_libreoffice_is_encrypted_and_not_damaged():
    data = odf_locked(("content.xml", "styles.xml"), {"content.xml": NOISE, "styles.xml": NOISE})
    parts = read(data)
    assert troubles(parts) == {Trouble.ENCRYPTED}
    assert parts[0].coverage is not Coverage.WHOLE


def test_a_document_locked_whole_as_new_libreoffice_does_is_encrypted():
    data = odf_locked(("encrypted-package",), {"encrypted-package": NOISE})
    assert troubles(read(data)) == {Trouble.ENCRYPTED}


def test_what_a_manifest_calls_encrypted_and_is_not_is_read():
    body = f'<office:document-content xmlns:office="o"><p>{NIR}</p></office:document-content>'
    files = {"content.xml": body, "note.csv": "a;b\n1;2\n", "Pictures/a.xls": made.docx(NIR)}
    parts = read(odf_locked(tuple(files), files))
    assert words(parts).count(NIR) == 2
    assert "1\t2" in words(parts)
    assert troubles(parts) == {Trouble.ENCRYPTED}
