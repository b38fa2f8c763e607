"""Office documents of after 2007 and OpenDocument ones, file by file: the least that is told as
such, with one file more where a test hides something."""

from __future__ import annotations

from collections.abc import Mapping

from tests.makers.documents import zip_of

_W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
_S = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
_A = 'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"'
_P = 'xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main"'
SPACES = f"{_W} {_R} {_A} {_P}"

Files = Mapping[str, str | bytes]


def _package(files: Files, more: Files | None) -> bytes:
    whole = {"[Content_Types].xml": "<Types/>"} | dict(files) | dict(more or {})
    return zip_of(
        {name: text if isinstance(text, bytes) else text.encode() for name, text in whole.items()}
    )


def word(body: str = "<w:p><w:r><w:t>x</w:t></w:r></w:p>", more: Files | None = None) -> bytes:
    document = f"<w:document {SPACES}><w:body>{body}</w:body></w:document>"
    return _package({"word/document.xml": document}, more)


def excel(
    sheet: str = '<row r="1"><c r="A1"><v>1</v></c></row>',
    *,
    state: str = "visible",
    after: str = "",
    more: Files | None = None,
) -> bytes:
    """sheet: rows. after: what follows them. state: hidden, veryHidden."""
    files = {
        "xl/workbook.xml": f"<workbook {_S} {_R}><sheets>"
        f'<sheet name="A" sheetId="1" state="{state}" r:id="rId1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": "<Relationships>"
        '<Relationship Id="rId1" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {_S}><sheetData>{sheet}</sheetData>"
        f"{after}</worksheet>",
    }
    return _package(files, more)


def powerpoint(shapes: str = "", more: Files | None = None) -> bytes:
    slide = f"<p:sld {SPACES}><p:cSld><p:spTree>{shapes}</p:spTree></p:cSld></p:sld>"
    return _package({"ppt/slides/slide1.xml": slide}, more)


_NAMES = ("office", "text", "table", "draw", "form", "presentation", "meta", "style", "script")
ODF = " ".join(
    f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"' for name in _NAMES
)
ODF += (
    ' xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:dc="http://purl.org/dc/elements/1.1/"'
    ' xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
)


def odf(kind: str, body: str, more: Files | None = None) -> bytes:
    """kind: text, spreadsheet, presentation."""
    content = (
        f"<office:document-content {ODF}><office:body><office:{kind}>{body}</office:{kind}>"
        "</office:body></office:document-content>"
    )
    files = {
        "mimetype": f"application/vnd.oasis.opendocument.{kind}",
        "content.xml": content,
        **(more or {}),
    }
    return zip_of(
        {name: text if isinstance(text, bytes) else text.encode() for name, text in files.items()}
    )
