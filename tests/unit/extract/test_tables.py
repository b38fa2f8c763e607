from contextlib import suppress
from xml.sax.saxutils import escape

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.extract import delimited, plain_sheet, xlsx
from gateway.extract.tables import table
from gateway.model import Limits, Part, Place, Problem, Table, Trouble
from tests.makers import documents as made
from tests.makers import packages

HEADER = ("Nom", "Prénom", "Date de naissance")
ROWS = (("TEST", "Zoé", "14/09/1985"), ("ESSAI", "Max", "02/01/1990"))
NOWHERE = Place("1")


@pytest.mark.parametrize(
    "above", [(), (("Export du mois", "", ""),), (("A", "", ""), ("", "", ""))]
)
def test_the_header_is_found_below_titles_which_are_kept(above):
    found = table(NOWHERE, (*above, HEADER, *ROWS))
    assert found.header == HEADER
    assert found.rows == (*above, *ROWS)


@pytest.mark.parametrize(
    ("rows", "why"),
    [
        (ROWS, "the first row has a date, no label"),
        ((("a", "a"), ("1", "2")), "two labels alike"),
        ((("a@b.example", "x"), ("1", "2")), "an address is no label"),
        ((HEADER,), "nothing stands below"),
        ((), "nothing at all"),
    ],
)
def test_no_header_is_made_up(rows, why):
    assert table(NOWHERE, rows).header == (), why


@pytest.mark.parametrize("mark", delimited.DELIMITERS)
def test_the_delimiter_is_found(mark):
    text = "\n".join(mark.join(row) for row in ((HEADER), *ROWS))
    assert delimited.delimiter(text.encode("cp1252")) == mark


@pytest.mark.parametrize("mark", [";", "\t", "|"])
def test_the_commas_of_french_numbers_part_no_cells(mark):
    rows = [mark.join(f"{i},{i + n}" for i in range(5)) for n in range(9)]
    assert delimited.delimiter_of("\n".join(rows)) == mark


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Bonjour,\nVoici le dossier, comme convenu, merci.\nA bientôt", "prose with commas"),
        ("un;deux;trois", "a single line"),
        ("a\nb\nc", "one column is a list"),
        ("", "nothing"),
        ('"' * 200_000, "a quote never closed"),
    ],
)
def test_prose_is_no_table(text, why):
    assert delimited.delimiter_of(text) == "", why


def sheets(data):
    found = xlsx.extract(Part("1", data), Limits())
    return {piece.place.inside: piece for piece in found if isinstance(piece, Table)}


def test_a_workbook_gives_one_table_a_sheet_with_its_title():
    found = sheets(made.xlsx({"Paie": [["Liste"], HEADER, *ROWS], "Vide": []}))
    assert list(found) == ["sheet Paie"]
    assert found["sheet Paie"].header == HEADER
    assert len(found["sheet Paie"].rows) == 3


def test_days_and_long_numbers_are_said_as_a_person_writes_them():
    rows = [["né", "nir"], [made.SOME_DAY, 279035199915189], [None, 1.5]]
    data = made.xlsx({"A": rows})
    [found] = sheets(data).values()
    assert found.rows == (("1985-09-14", "279035199915189"), ("", "1.5"))
    exponent = made.replaced(
        data, "xl/worksheets/sheet1.xml", b"279035199915189", b"2.79035199915189E+14"
    )
    [found] = sheets(exponent).values()
    assert found.rows[0][1] == "279035199915189"


def test_columns_nobody_uses_are_left_out():
    [found] = sheets(made.sparse_xlsx("x")).values()
    assert found.rows == (("x", ""), ("", "x"))


SHEET = (
    '<worksheet xmlns="urn:x"><dimension ref="A1"/><sheetData>{}</sheetData>'
    "<oddHeader>Haut</oddHeader></worksheet>"
)
ROW = '<row r="1">{}</row>'
FIRST = "xl/worksheets/sheet1.xml"
# As most programs write cells, and as some do: what is read is the same.
CELLS = {
    "a number": '<c r="B1" s="0"><v>12.50</v></c>',
    "an exponent": '<c r="A1"><v>2.79035199915189E+14</v></c>',
    "a shared string": '<c r="A1" t="s"><v>0</v></c><c r="C1" t="s"><v>7</v></c>',
    "a text within": '<c r="A1" t="inlineStr"><is><t xml:space="preserve"> a &amp; b </t></is></c>',
    "a formula": '<c r="A1" t="str"><f>"x"&amp;A2</f><v>x&lt;</v></c>',
    "a shared formula": '<c r="B1"><f t="shared" si="0"/><v>3</v></c>',
    "a truth": '<c r="A1" t="b"><v>1</v></c>',
    "empty ones": '<c r="A1" s="1"/><c r="AB1"><v>1</v></c>',
    "a character by number": '<c r="A1" t="inlineStr"><is><t>_x0032_79</t></is></c>',
    "words of other tongues": '<c r="A1" t="str"><v>é\u4e2d\u200b</v></c>',
}


@pytest.mark.parametrize("name", CELLS)
def test_a_sheet_is_read_alike_with_and_without_the_parser(name):
    strings = '<sst xmlns="urn:x"><si><t>chaîne</t></si></sst>'
    plain = SHEET.format(
        ROW.format(CELLS[name]) + '<row r="3" ht="1"/>\r\n' + ROW.format(CELLS[name])
    )
    found = [
        list(xlsx.extract(Part("1", packages.excel(more=files)), Limits()))
        for files in (
            {"xl/worksheets/sheet1.xml": plain, "xl/sharedStrings.xml": strings},
            {"xl/worksheets/sheet1.xml": other_spelling(plain), "xl/sharedStrings.xml": strings},
        )
    ]
    assert found[0] == found[1]
    [sheet] = [piece for piece in found[0] if isinstance(piece, Table)]
    assert len((sheet.header, *sheet.rows) if sheet.header else sheet.rows) == 2


def other_spelling(sheet):
    return sheet.replace("<row ", "<row\n").replace('<c r="', '<c\tr="')


@pytest.mark.parametrize("name", CELLS)
def test_the_usual_spelling_needs_no_parser(name):
    plain = SHEET.format(ROW.format(CELLS[name])).encode()
    within, around = plain_sheet.divided(plain)
    assert len(list(plain_sheet.rows(within))) == 1
    assert b"Haut" in around


@pytest.mark.parametrize(
    "sheet",
    [
        '<?xml version="1.0" encoding="latin-1"?>' + SHEET.format(""),
        '<!DOCTYPE a [<!ENTITY x "1">]>' + SHEET.format(""),
        SHEET.format("").replace("sheetData", "x:sheetData"),
        SHEET.format(ROW.format("<!-- 1 -->")),
        SHEET.format(ROW.format('<c r="A1"><v><![CDATA[1]]></v></c>')),
        SHEET.format(ROW.format('<c r="A1" cm="1"><v>1</v></c>')),
        SHEET.format(ROW.format("<c><v>1</v></c>")),
        SHEET.format(ROW.format('<c r="A1" t="inlineStr"><is><r><t>1</t></r></is></c>')),
        SHEET.format(ROW.format('<c r="A1"><v>1</v><extLst/></c>')),
        SHEET.format(ROW.format("texte")),
        SHEET.format('<c r="A1"><v>1</v></c>'),
        SHEET.format(ROW.format(ROW.format(""))),
        SHEET.format('<row r="1">'),
        SHEET.format("<a>" + ROW.format("") + "</a>"),
        SHEET.format(ROW.format('<c r="A1"><v>\ud800</v></c>')),
    ],
)
def test_anything_else_is_left_to_the_parser(sheet):
    with pytest.raises(plain_sheet.Unusual):
        list(plain_sheet.rows(plain_sheet.divided(sheet.encode("utf-8", "surrogatepass"))[0]))


def test_entities_of_a_sheet_are_told_since_they_are_not_followed():
    sheet = '<!DOCTYPE a [<!ENTITY x "279">]>' + SHEET.format(
        ROW.format('<c r="A1" t="str"><v>&x;</v></c>')
    )
    book = packages.excel(more={"xl/worksheets/sheet1.xml": sheet})
    problems = [p for p in xlsx.extract(Part("1", book), Limits()) if isinstance(p, Problem)]
    assert [problem.kind for problem in problems] == [Trouble.DAMAGED]


@pytest.mark.timeout(20)
@pytest.mark.parametrize(
    "piece", ["<row ", '<c r="A1"', "<row><c ", '<row r="1">', "<f", "</row>", "<row/>"]
)
def test_a_hostile_sheet_costs_no_more_than_its_size(piece):
    data = SHEET.format(piece * (1_000_000 // len(piece))).encode()
    with suppress(plain_sheet.Unusual):
        assert list(plain_sheet.rows(plain_sheet.divided(data)[0])) == []


WORD = st.text('aé1_x"=<>&/ ', max_size=6).map(escape)
OF_ROW = st.lists(
    st.one_of(
        WORD.map(lambda text: f'<c r="A1" t="str"><v>{text}</v></c>'),
        WORD.map(lambda text: f'<c r="B7"><f>{text}</f><v>1</v></c>'),
        WORD.map(lambda text: f'<c r="C1" t="inlineStr"><is><t>{text}</t></is></c>'),
        st.sampled_from(['<c r="D1"/>', " ", "\n", '<c r="E1" s="0" t="b"><v>0</v></c>']),
    ),
    max_size=4,
)


@given(st.lists(OF_ROW, max_size=4))
def test_whatever_stands_in_the_cells_both_ways_read_the_same(rows):
    plain = SHEET.format("".join(ROW.format("".join(row)) for row in rows))
    list(plain_sheet.rows(plain_sheet.divided(plain.encode())[0]))  # it needs no parser
    both = [
        list(xlsx.extract(Part("1", packages.excel(more={FIRST: sheet})), Limits()))
        for sheet in (plain, other_spelling(plain))
    ]
    assert both[0] == both[1]
