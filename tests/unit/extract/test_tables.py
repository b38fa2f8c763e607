import pytest

from gateway.extract import delimited, xlsx
from gateway.extract.tables import table
from gateway.model import Limits, Part, Place, Table
from tests.makers import documents as made

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
