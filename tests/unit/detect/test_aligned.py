"""Columns that blanks alone keep apart."""

import pytest

from gateway.detect import aligned
from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Text

HEADS = ("Nom", "Prénom", "Né(e) le", "DP")
NAMES = ("DUPONT", "MARTIN", "DURAND", "PETIT", "TESTEUR")
ROWS = [(name, "Anne", f"1{n}/03/1961", "F32.1") for n, name in enumerate(NAMES)]


def set_out(*rows, widths=(11, 8, 13, 8)):
    cells = [[cell.ljust(wide) for cell, wide in zip(row, widths, strict=True)] for row in rows]
    return "\n".join("".join(row).rstrip() for row in cells)


def kinds(text):
    found, problems = search([Text(Place("1"), text, Medium.BODY)])
    assert not problems
    return {hit.kind for hit in found if hit.likelihood >= Likelihood.LIKELY}


def test_the_head_of_a_column_says_what_its_codes_are():
    text = f"Bonjour,\n\n{set_out(HEADS, *ROWS)}\n\nCordialement,\nle service\n"
    (rows,) = aligned.tables(text)
    assert [tuple(row) for row in rows] == [HEADS, *ROWS]
    assert {"table.persons", "table.health"} <= kinds(text)


@pytest.mark.parametrize(
    "text",
    [
        set_out(HEADS, *ROWS).replace("\n", "\r\n"),
        set_out(HEADS, *ROWS).replace("\n", "\n\n"),
        set_out(HEADS, *ROWS).replace("  ", "\xa0\xa0"),
        "\n".join(f"    {line}" for line in set_out(HEADS, *ROWS).split("\n")),
        set_out(HEADS, *((*row[:2], "", *row[3:]) for row in ROWS[:1]), *ROWS[1:]),
    ],
    ids=["CR LF", "a line between", "no-break spaces", "indented", "an empty cell"],
)
def test_however_its_lines_are_written(text):
    assert "table.health" in kinds(text)


def test_a_name_may_reach_into_the_gap():
    rows = [*ROWS * 5, ("DE LA FICTION", "Jeanne", "12/03/1961", "F32.1")]
    assert len(list(aligned.tables(set_out(HEADS, *rows)))) == 1


@pytest.mark.parametrize(
    "text",
    [
        set_out(*ROWS[:4]),
        set_out(("Référence", "Lot", "Prix", "Stock"), *([("AB12", "gants", "12", "4")] * 9)),
        "Il est venu.  Il a vu.\nPuis il a  vaincu tous.\n" * 6,
        "x = 1    # un\n" * 9,
        "  ".join(["a"] * 200) + "\n" + "b  c\n" * 4,
        "a  b" * 4_000,
    ],
    ids=["four lines", "a stock", "prose", "a program", "a wide line", "one line"],
)
def test_what_is_no_table_of_persons(text):
    assert not list(aligned.tables(text))
