"""Tables within texts: rows come out as rows, whatever their cells are dressed in."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway import inspection
from gateway.extract import markup, tables_within
from gateway.extract.extractor import extractors
from gateway.extract.kind import kinds
from gateway.model import Limits, Medium, Part, Table, Text
from tests.makers import identifiers, mails, persons, tabled
from tests.makers.packages import word

RANDOM = Random(4)
PERSONS = [persons.person(RANDOM) for _ in range(12)]
HEADER = ("Nom", "Prénom", "Né(e) le", "Adresse", "Ville")
ROWS = [
    (f"{p.last}{n}", p.first, f"{p.born:%d/%m/%Y}", p.street, p.town) for n, p in enumerate(PERSONS)
]
WHOLE = [HEADER, *ROWS]

# What docs/formats.md calls "tables as rows", and HTML in its several shapes.
FILES = {
    "docx": tabled.docx(WHOLE),
    "odt": tabled.odt(WHOLE),
    "pptx": tabled.pptx(WHOLE),
    "rtf": tabled.rtf(WHOLE),
}
PAGES = {
    "Outlook": tabled.outlook(WHOLE),
    "tables within tables": tabled.in_layout(WHOLE),
    "without the tags one may leave out": tabled.bare(WHOLE),
    "Excel's XML of 2003": tabled.excel_2003(WHOLE),
}
MADE = FILES | {name: page.encode() for name, page in PAGES.items()}


def read(data, limits=None):
    part = Part("1", data)
    [found] = kinds(part)
    return list(extractors()[found](part, limits or Limits()))


def tables(data):
    return [piece for piece in read(data) if isinstance(piece, Table)]


@pytest.mark.parametrize("name", MADE)
def test_rows_come_out_as_rows_below_their_header(name):
    [found] = tables(MADE[name])
    assert (found.header, list(found.rows)) == (HEADER, ROWS)
    assert "table 1" in found.place.inside


@pytest.mark.parametrize("name", MADE)
def test_the_text_still_has_every_cell(name):
    text = " ".join(piece.text for piece in read(MADE[name]) if isinstance(piece, Text))
    for row in ROWS:
        assert all(" ".join(cell.split()) in " ".join(text.split()) for cell in row)


@pytest.mark.parametrize("name", MADE)
def test_twelve_persons_in_a_table_are_counted(name):
    if name in PAGES and "XML" not in name:
        mail = mails.message(mails.html(PAGES[name]))
        hits = inspection.read(mail, Limits()).hits
    else:
        hits = inspection.read_file("f", MADE[name], Limits()).hits
    assert len({hit.value for hit in hits if hit.kind == "table.persons"}) == 12


def test_the_door_reads_the_table_of_a_mail_by_itself():
    mail = mails.message(mails.html(tabled.outlook(WHOLE)))
    assert inspection.simple(mail, Limits()) == inspection.read(mail, Limits())


@pytest.mark.parametrize("name", ["docx", "rtf", "Outlook"])
def test_a_number_split_over_columns_is_joined(name):
    number = identifiers.nir(Random(7))
    parts = (
        number[0],
        number[1:3],
        number[3:5],
        number[5:7],
        number[7:10],
        number[10:13],
        number[13:],
    )
    rows = [
        ("Sexe", "Année", "Mois", "Département", "Commune", "Ordre", "Clé", "Nom"),
        (*parts, "X"),
    ]
    make = {"docx": tabled.docx, "rtf": tabled.rtf, "Outlook": lambda r: tabled.outlook(r).encode()}
    reading = inspection.read_file("f", make[name](rows), Limits())
    assert number in {hit.value for hit in reading.hits if hit.kind == "fr.nir"}


def test_a_newsletter_is_laid_out_in_tables_and_has_none():
    page = tabled.newsletter()
    assert markup.read(page).tables == ()
    hits = inspection.read(mails.message(mails.html(page)), Limits()).hits
    assert {hit.kind for hit in hits} & {"table.persons", "table.health"} == set()


PROSE = f"<tr><td>{'mot ' * 300}<td>b<td>c"


@pytest.mark.parametrize(
    ("page", "why"),
    [
        ("<table><tr><td>a<td>b<td>c</table>", "one row"),
        ("<table><tr><td>Nom<td>X<tr><td>Objet<td>Y<tr><td>Date<td>Z</table>", "a form"),
        ("<table><tr><td>a" * 50, "one column"),
        (f"<table>{PROSE * 9}</table>", "columns of prose"),
        ("<td>a<td>b<td>c<tr><td>a<td>b<td>c", "cells of no table"),
        ("</table></tr></td>", "ends of nothing"),
    ],
)
def test_what_has_not_the_shape_of_data_is_no_table(page, why):
    assert markup.read(page).tables == (), why


@pytest.mark.parametrize(
    ("page", "rows"),
    [
        (
            "<tr><td colspan=2>a<td>b<td>c<tr><td>d<td>e<td>f<td>g",
            [("a", "", "b", "c"), ("d", "e", "f", "g")],
        ),
        (
            '<tr><td rowspan="2">a<td>b<td>c<td>d<tr><td>e<td>f<td>g',
            [("a", "b", "c", "d"), ("", "e", "f", "g")],
        ),
        (
            "<tr><td rowspan=2>a<td>b<td>c<td rowspan=2>d<tr><td>e<td>f<tr><td>g<td>h<td>i<td>j",
            [("a", "b", "c", "d"), ("", "e", "f", ""), ("g", "h", "i", "j")],
        ),
        ("<tr><td>1<b>8</b>5<td>b&eacute;<td>c &nbsp;d" * 2, [("185", "bé", "c d")] * 2),
        ("<tr><td>a<td>b<td>c</tr>stray<tr><td>d<td>e<td>f", [("a", "b", "c"), ("d", "e", "f")]),
        ("<tr><td>a<td>b<td>c" * 2 + "<tr><td> ", [("a", "b", "c")] * 2),
        (
            "<row><cell ss:index='2'>a</cell><cell/><cell>b</cell><cell>c</cell></row>" * 2,
            [("", "a", "", "b", "c")] * 2,
        ),
    ],
)
def test_cells_stand_in_their_column(page, rows):
    [found] = markup.read(f"<table>{page}</table>").tables
    assert list(found) == rows


def test_a_table_of_data_in_a_cell_is_one_of_its_own():
    inner = tabled.bare(WHOLE) + "</table>"
    page = f"<table>{f'<tr><td>a<td>b<td>c{inner}' * 2}</table>"
    found = markup.read(page).tables
    assert [len(rows) for rows in found] == [13, 13, 2]
    assert found[-1] == (("a", "b", "c"),) * 2


def test_a_cell_that_word_merges_keeps_what_follows_in_its_column():
    merged = "<w:tc><w:tcPr><w:gridSpan w:val='2'/></w:tcPr><w:p><w:t>b</w:t></w:p></w:tc>"
    plain = "<w:tc><w:p><w:t>{}</w:t></w:p></w:tc>"
    rows = [[plain.format(name) for name in "abcd"], [plain.format("a"), merged, plain.format("c")]]
    body = "".join(f"<w:tr>{''.join(row)}</w:tr>" for row in rows)
    [found] = tables(word(f"<w:tbl>{body}</w:tbl>"))
    assert (found.header, found.rows) == (("a", "b", "c", "d"), (("a", "b", "", "c"),))


CELL = st.text("abé 12'<&", max_size=6).map(lambda text: " ".join(text.split()) or "x")


@given(st.lists(st.lists(CELL, min_size=3, max_size=5), min_size=2, max_size=6))
def test_what_is_written_into_a_table_is_read_from_it(rows):
    page = tabled.outlook(rows)
    [found] = markup.read(page).tables
    assert [list(row) for row in found] == rows


HOSTILE = {
    "tables within tables": "<table><tr><td>a",
    "rows that nobody ends": "<table>" + "<tr><td>a<td>b<td>c",
    "cells that reach far down": "<tr>" + "<td rowspan=9999>a" * 64 + "<tr><td>b" * 64,
    "cells that reach far across": "<td colspan=99999>a",
    "ends": "</table></td></tr>",
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.timeout(20)
def test_hostile_tables_cost_no_more_than_their_size(name):
    page = HOSTILE[name]
    read = markup.read("<table>" + page * (400_000 // len(page)))
    assert sum(len(cell) for rows in read.tables for row in rows for cell in row) <= 400_000


def test_rows_without_cells_hold_nothing_however_far_one_above_reaches():
    """Or a page of 60 KB, which the door reads itself, would be a million cells."""
    grid = tables_within._Open()
    grid.begin(64, 999, 0)
    grid.end("")
    for _ in range(500):
        grid.row()
    assert sum(map(len, grid.rows)) == 64


def test_no_table_is_lost_where_there_are_too_many():
    one = "<table><tr><td>a<td>b<td>c<tr><td>d<td>e<td>f</table>"
    found = markup.read(one * (tables_within.MOST + 20)).tables
    assert len(found) == tables_within.MOST
    assert sum(map(len, found)) == 2 * (tables_within.MOST + 20)


def test_a_page_read_in_two_character_sets_gives_its_tables_once():
    page = f"<meta charset=utf-16>{tabled.bare([('a', 'b', 'c')] * 3)}".encode()
    part = Part("1", page, "text/html", charset="utf-8", body=True)
    pieces = list(extractors()["html"](part, Limits()))
    assert len([piece for piece in pieces if isinstance(piece, Table)]) == 1
    assert all(piece.medium is Medium.BODY for piece in pieces if isinstance(piece, Text))
