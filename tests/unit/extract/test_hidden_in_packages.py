"""Where words can hide in Office documents of after 2007 and in OpenDocument ones: "format/place",
each read whole. docs/formats.md is made from the names of this table."""

import pytest

from gateway import inspection
from gateway.model import Coverage, Limits
from tests.makers import binary_excel, mails, packages
from tests.makers import documents as made
from tests.makers.excel import workbook, xls
from tests.makers.packages import ODF, SPACES, excel, odf, powerpoint, word
from tests.makers.word import doc, packaged

NIR = "2 79 03 51 999 151 89"
DIGITS = "279035199915189"
EXPONENT = "2.79035199915189E14"


def paragraph(text: str) -> str:
    return f"<w:p><w:r><w:t>{text}</w:t></w:r></w:p>"


def in_word(name: str, body: str) -> bytes:
    return word(more={f"word/{name}": f"<w:x {SPACES}>{body}</w:x>"})


def drawn(text: str) -> str:
    return f"<a:p><a:r><a:t>{text}</a:t></a:r></a:p>"


WORD = {
    "body": word(paragraph(NIR)),
    "cut by formatting": word(
        f"<w:p><w:r><w:t>{NIR[:5]}</w:t></w:r><w:r><w:t>{NIR[5:]}</w:t></w:r></w:p>"
    ),
    "hidden": word(f"<w:p><w:r><w:rPr><w:vanish/></w:rPr><w:t>{NIR}</w:t></w:r></w:p>"),
    "comment": in_word("comments.xml", f"<w:comment>{paragraph(NIR)}</w:comment>"),
    "author of a comment": in_word(
        "comments.xml", f'<w:comment w:author="{NIR}">{paragraph("x")}</w:comment>'
    ),
    "footnote": in_word("footnotes.xml", paragraph(NIR)),
    "endnote": in_word("endnotes.xml", paragraph(NIR)),
    "header": in_word("header2.xml", paragraph(NIR)),
    "footer": in_word("footer1.xml", paragraph(NIR)),
    "deletion": word(f"<w:p><w:del><w:r><w:delText>{NIR}</w:delText></w:r></w:del></w:p>"),
    "insertion": word(f"<w:p><w:ins><w:r><w:t>{NIR}</w:t></w:r></w:ins></w:p>"),
    "text box": word(
        f"<w:p><w:pict><w:txbxContent>{paragraph(NIR)}</w:txbxContent></w:pict></w:p>"
    ),
    "field": word(f'<w:p><w:r><w:instrText>HYPERLINK "{NIR}"</w:instrText></w:r></w:p>'),
    "form": word(
        f'<w:p><w:ffData><w:textInput><w:default w:val="{NIR}"/></w:textInput></w:ffData></w:p>'
    ),
    "content control": word(f'<w:p><w:sdt><w:sdtPr><w:tag w:val="{NIR}"/></w:sdtPr></w:sdt></w:p>'),
    "bookmark": word(f'<w:p><w:bookmarkStart w:name="{NIR}"/></w:p>'),
    "alternative text": word(f'<w:p><w:drawing><a:docPr descr="{NIR}"/></w:drawing></w:p>'),
    "SmartArt": in_word("diagrams/data1.xml", drawn(NIR)),
    "chart": in_word("charts/chart1.xml", f"<w:v>{NIR}</w:v>"),
    "document variable": in_word("settings.xml", f'<w:docVar w:name="a" w:val="{NIR}"/>'),
    "glossary": in_word("glossary/document.xml", paragraph(NIR)),
    "link": word(
        more={"word/_rels/document.xml.rels": f'<R><x Target="https://x.example/{NIR}"/></R>'}
    ),
    "custom XML": word(more={"customXml/item1.xml": f'<?xml version="1.0"?><a>{NIR}</a>'}),
    "custom XML in UTF-16": word(
        more={"customXml/item1.xml": f"<?xml version='1.0'?><a title='{NIR}'/>".encode("utf-16")}
    ),
    "title": word(more={"docProps/core.xml": f"<a><title>{NIR}</title></a>"}),
    "company": word(more={"docProps/app.xml": f"<a><Company>{NIR}</Company></a>"}),
    "custom property": word(more={"docProps/custom.xml": f'<a><property name="{NIR}"/></a>'}),
    "HTML put in": word(more={"word/afchunk.htm": f"<html><p>{NIR[:4]}<b>{NIR[4:]}"}),
    "RTF put in": word(more={"word/afchunk.rtf": f"{{\\rtf1 {NIR}}}"}),
    "MHT put in": word(
        more={"word/afchunk.mht": mails.message(mails.text(NIR, encoding="base64"))}
    ),
    "embedded xlsx": word(more={"word/embeddings/a.xlsx": made.xlsx({"A": [[NIR]]})}),
    "embedded xls": word(more={"word/embeddings/a.xls": xls(workbook({"A": [[NIR]]}))}),
    "embedded doc": word(more={"word/embeddings/oleObject1.bin": doc(NIR)}),
    "packaged file": word(
        more={
            "word/embeddings/oleObject1.bin": doc(
                others={("\x01Ole10Native",): packaged("a.txt", NIR.encode())}
            )
        }
    ),
}

CELL = f'<row r="1"><c r="A1" t="inlineStr"><is><t>{NIR}</t></is></c></row>'
EXCEL = {
    "cell": excel(CELL),
    "hidden sheet": excel(CELL, state="hidden"),
    "very hidden sheet": excel(CELL, state="veryHidden"),
    "hidden row": excel(CELL.replace("<row", '<row hidden="1"')),
    "hidden column": excel(CELL, after='<cols><col min="1" max="1" hidden="1"/></cols>'),
    "comment": excel(
        more={"xl/comments1.xml": f"<a><comment><text><t>{NIR}</t></text></comment></a>"}
    ),
    "threaded comment": excel(
        more={"xl/threadedComments/threadedComment1.xml": f"<a><x><text>{NIR}</text></x></a>"}
    ),
    "person": excel(more={"xl/persons/person.xml": f'<a><person displayName="{NIR}"/></a>'}),
    "header": excel(after=f"<headerFooter><oddHeader>{NIR}</oddHeader></headerFooter>"),
    "validation": excel(
        after=f'<dataValidations><dataValidation prompt="{NIR}"/></dataValidations>'
    ),
    "list of a validation": excel(
        after=f"<dataValidations><formula1>{NIR}</formula1></dataValidations>"
    ),
    "tooltip": excel(after=f'<hyperlinks><hyperlink tooltip="{NIR}"/></hyperlinks>'),
    "pivot cache": excel(
        more={"xl/pivotCache/pivotCacheRecords1.xml": f'<a><r><s v="{NIR}"/></r></a>'}
    ),
    "pivot field": excel(
        more={"xl/pivotCache/pivotCacheDefinition1.xml": f'<a><x><s v="{NIR}"/></x></a>'}
    ),
    "external link": excel(
        more={"xl/externalLinks/externalLink1.xml": f"<a><cell><v>{NIR}</v></cell></a>"}
    ),
    "chart": excel(more={"xl/charts/chart1.xml": f"<a><pt><v>{NIR}</v></pt></a>"}),
    "text box": excel(more={"xl/drawings/drawing1.xml": f"<a {SPACES}>{drawn(NIR)}</a>"}),
    "string of no cell": excel(more={"xl/sharedStrings.xml": f"<sst><si><t>{NIR}</t></si></sst>"}),
    "defined name": excel(more={"xl/metadata.xml": f"<a><definedName>{NIR}</definedName></a>"}),
    "revisions": excel(
        more={"xl/revisions/revisionLog1.xml": f"<a><rcc><oc><is><t>{NIR}</t></is></oc></rcc></a>"}
    ),
    "embedded doc": excel(more={"xl/embeddings/oleObject1.bin": doc(NIR)}),
}

POWERPOINT = {
    "slide": powerpoint(drawn(NIR)),
    "hidden slide": powerpoint(
        more={"ppt/slides/slide2.xml": f'<p:sld {SPACES} show="0">{drawn(NIR)}</p:sld>'}
    ),
    "notes": powerpoint(more={"ppt/notesSlides/notesSlide1.xml": f"<a {SPACES}>{drawn(NIR)}</a>"}),
    "comment": powerpoint(
        more={"ppt/comments/comment1.xml": f"<a {SPACES}><p:text>{NIR}</p:text></a>"}
    ),
    "author of a comment": powerpoint(
        more={"ppt/commentAuthors.xml": f'<a {SPACES}><p:cmAuthor name="{NIR}"/></a>'}
    ),
    "layout": powerpoint(
        more={"ppt/slideLayouts/slideLayout1.xml": f"<a {SPACES}>{drawn(NIR)}</a>"}
    ),
    "SmartArt": powerpoint(more={"ppt/diagrams/data1.xml": f"<a {SPACES}>{drawn(NIR)}</a>"}),
    "chart": powerpoint(more={"ppt/charts/chart1.xml": f"<a><v>{NIR}</v></a>"}),
    "alternative text": powerpoint(f'<p:cNvPr id="1" name="x" descr="{NIR}"/>'),
    "name of a shape": powerpoint(f'<p:cNvPr id="1" name="{NIR}"/>'),
    "tag": powerpoint(
        more={"ppt/tags/tag1.xml": f'<p:x {SPACES}><p:tag name="a" val="{NIR}"/></p:x>'}
    ),
    "table": powerpoint(f"<a:tbl><a:tr><a:tc>{drawn(NIR)}</a:tc></a:tr></a:tbl>"),
    "embedded xlsx": powerpoint(more={"ppt/embeddings/a.xlsx": made.xlsx({"A": [[NIR]]})}),
}

P = f"<text:p>{NIR}</text:p>"
NOTE = f"<office:annotation><dc:creator>a</dc:creator>{P}</office:annotation>"
TEXT = {
    "body": odf("text", P),
    "comment": odf("text", f"<text:p>x{NOTE}</text:p>"),
    "author of a comment": odf("text", f"<text:p>x{NOTE.replace('>a<', f'>{NIR}<')}</text:p>"),
    "tracked deletion": odf(
        "text",
        f"<text:tracked-changes><text:changed-region><text:deletion>{P}</text:deletion>"
        "</text:changed-region></text:tracked-changes>",
    ),
    "footnote": odf(
        "text", f"<text:p>x<text:note><text:note-body>{P}</text:note-body></text:note></text:p>"
    ),
    "hidden": odf("text", f'<text:p><text:hidden-text text:string-value="{NIR}"/></text:p>'),
    "variable": odf("text", f'<text:p><text:variable-set office:string-value="{NIR}"/></text:p>'),
    "bookmark": odf("text", f'<text:p><text:bookmark text:name="{NIR}"/></text:p>'),
    "form": odf("text", f'<form:text form:current-value="{NIR}"/>'),
    "alternative text": odf("text", f"<draw:frame><svg:desc>{NIR}</svg:desc></draw:frame>"),
    "header": odf("text", "", {"styles.xml": f"<a {ODF}><style:header>{P}</style:header></a>"}),
    "title": odf("text", "", {"meta.xml": f"<a {ODF}><dc:title>{NIR}</dc:title></a>"}),
    "property": odf(
        "text", "", {"meta.xml": f"<a {ODF}><meta:user-defined>{NIR}</meta:user-defined></a>"}
    ),
    "embedded object": odf("text", "", {"Object 1/content.xml": f"<a {ODF}>{P}</a>"}),
    "embedded doc": odf("text", "", {"Object 1": doc(NIR)}),
    "macro": odf(
        "text", "", {"Basic/Standard/Module1.xml": f"<a {ODF}><script:x>{NIR}</script:x></a>"}
    ),
}


def rows(cell: str, *, of_table: str = "", of_row: str = "", before: str = "") -> bytes:
    return odf(
        "spreadsheet",
        f'{before}<table:table table:name="A"{of_table}><table:table-row{of_row}>{cell}'
        "</table:table-row></table:table>",
    )


TEXT_CELL = f'<table:table-cell office:value-type="string">{P}</table:table-cell>'
SPREADSHEET = {
    "cell": rows(TEXT_CELL),
    "hidden row": rows(TEXT_CELL, of_row=' table:visibility="collapse"'),
    "hidden sheet": rows(TEXT_CELL, of_table=' table:display="false"'),
    "sheet name": rows(TEXT_CELL.replace(NIR, "x")).replace(b"x", b"x"),
    "comment": rows(f"<table:table-cell>{NOTE}</table:table-cell>"),
    "value that is not shown": rows(
        f'<table:table-cell office:string-value="{NIR}"><text:p>x</text:p></table:table-cell>'
    ),
    "repeated cell": rows(
        TEXT_CELL.replace("office", 'table:number-columns-repeated="2" office', 1)
    ),
    "drawing in a cell": rows(f"<table:table-cell><draw:frame>{P}</draw:frame></table:table-cell>"),
    "string in a formula": rows(f"<table:table-cell table:formula='of:=\"{NIR}\"'/>"),
    "validation": rows(
        TEXT_CELL.replace(NIR, "x"), before=f"<table:help-message>{P}</table:help-message>"
    ),
    "chart": odf(
        "text",
        "",
        {"Object 1/content.xml": f"<a {ODF}><table:table-cell>{P}</table:table-cell></a>"},
    ),
}
SPREADSHEET["sheet name"] = odf(
    "spreadsheet", f'<table:table table:name="{NIR}"><table:table-row/></table:table>'
)

PRESENTATION = {
    "slide": odf("presentation", f"<draw:page>{P}</draw:page>"),
    "hidden slide": odf(
        "presentation", f'<draw:page presentation:visibility="hidden">{P}</draw:page>'
    ),
    "notes": odf(
        "presentation", f"<draw:page><presentation:notes>{P}</presentation:notes></draw:page>"
    ),
    "comment": odf("presentation", f"<draw:page>{NOTE}</draw:page>"),
    "page name": odf("presentation", f'<draw:page draw:name="{NIR}"/>'),
}

BINARY = {
    "cell": binary_excel.xlsb({"A": [["Nom", "NIR"], ["x", NIR]]}),
    "hidden sheet": binary_excel.xlsb({"A": [["x"]], "B": [[NIR]]}, hidden="B"),
    "sheet name": binary_excel.xlsb({NIR: [["x"]]}),
    "comment": binary_excel.xlsb({"A": [["x"]]}, comment=NIR),
    "string of no cell": binary_excel.xlsb({"A": [["x"]]}, unused=NIR),
    "header": binary_excel.xlsb(
        {"A": [["x"]]}, after=binary_excel.record(479, b"\0\0" + binary_excel.string(NIR))
    ),
    "text in a cell": binary_excel.xlsb(
        {"A": [["x"]]},
        after=binary_excel.record(0, bytes(17))
        + binary_excel.record(6, bytes(8) + binary_excel.string(NIR)),
    ),
    "string in a formula": binary_excel.xlsb(
        {"A": [["x"]]},
        after=binary_excel.record(9, bytes(22) + b"\x17" + NIR.encode("utf-16-le")),
    ),
}

FORMATS = {
    "docx": WORD,
    "xlsx": EXCEL,
    "xlsb": BINARY,
    "pptx": POWERPOINT,
    "odt": TEXT,
    "ods": SPREADSHEET,
    "odp": PRESENTATION,
}
PLACES = {
    f"{name}/{place}": data for name, places in FORMATS.items() for place, data in places.items()
}


def words(data):
    return "\n".join(part.text for part in inspection.extracts("f", data, Limits()))


@pytest.mark.parametrize("place", PLACES)
def test_a_number_in_any_place_is_read(place):
    parts = list(inspection.extracts("f", PLACES[place], Limits()))
    assert NIR in "\n".join(part.text for part in parts)
    assert [problem for part in parts for problem in part.problems] == []
    assert {part.coverage for part in parts} == {Coverage.WHOLE}


NUMBERS = {
    "xlsb/cell": binary_excel.xlsb({"A": [["Nom", "NIR"], ["x", float(DIGITS)]]}),
    "xlsx/cell": excel(f'<row r="1"><c r="A1"><v>{EXPONENT}</v></c></row>'),
    "xlsx/pivot cache": excel(
        more={"xl/pivotCache/pivotCacheRecords1.xml": f'<a><n v="{EXPONENT}"/></a>'}
    ),
    "xlsx/chart": excel(more={"xl/charts/chart1.xml": f"<a><v>{EXPONENT}</v></a>"}),
    "xlsx/external link": excel(
        more={"xl/externalLinks/externalLink1.xml": f"<a><v>{EXPONENT}</v></a>"}
    ),
    "docx/chart": in_word("charts/chart1.xml", f"<w:v>{EXPONENT}</w:v>"),
    "ods/cell": rows(
        f'<table:table-cell office:value="{EXPONENT}"><text:p>2,79E+14</text:p></table:table-cell>'
    ),
    "ods/narrow column": rows(
        f'<table:table-cell office:value="{DIGITS}"><text:p>###</text:p></table:table-cell>'
    ),
    "odt/table": odf(
        "text",
        f'<table:table-cell office:value="{EXPONENT}"><text:p>###</text:p></table:table-cell>',
    ),
}


@pytest.mark.parametrize("place", NUMBERS)
def test_a_number_shown_with_an_exponent_comes_out_as_its_digits(place):
    assert DIGITS in words(NUMBERS[place])


def test_a_sheet_of_opendocument_is_a_table_of_stored_values():
    cells = [
        '<table:table-cell office:value="3"><text:p>3,0</text:p></table:table-cell>',
        '<table:table-cell office:date-value="1979-03-01"><text:p>1 mars</text:p>'
        "</table:table-cell>",
        '<table:table-cell table:number-columns-repeated="16000"/>',
    ]
    assert "3\t1979-03-01\n" in words(rows("".join(cells))) + "\n"


def test_a_picture_of_the_first_page_is_not_read_again():
    data = odf("text", "<text:p>x</text:p>", {"Thumbnails/thumbnail.png": made.png(300, 300)})
    assert len(list(inspection.extracts("f", data, Limits()))) == 1


def test_the_maker_of_packages_makes_what_is_told_as_such():
    kinds = [
        next(iter(inspection.extracts("f", data, Limits()))).kind
        for data in (word(), excel(), powerpoint(), packages.odf("text", ""))
    ]
    assert kinds == ["docx", "xlsx", "pptx", "odf"]
