"""What programs print of the persons they hold comes out as rows: logs, source, settings, dumps."""

from __future__ import annotations

from base64 import b64encode

import pytest

from gateway.extract import records
from gateway.extract.escapes import plain
from gateway.model import Place, Table

PLACE = Place("1")
KEYS = ("nom", "prenom", "naissance", "diagnostic")
ROWS = [
    ("TEST", "Anne", "14/09/1985", "asthme"),
    ("ESSAI", "Paul", "02/01/1960", "cancer du sein"),
    ("L'EXEMPLE", "Zoé", "03/05/1971", "VIH"),
]


def of_each(row, pair, between):
    return between.join(pair.format(key=k, value=v) for k, v in zip(KEYS, row, strict=True))


def each(before, pair, between, after):
    return lambda: "".join(before + of_each(row, pair, between) + after for row in ROWS)


def grouped(before, between, after, *, header=False):
    rows = [KEYS, *ROWS] if header else ROWS
    return lambda: between.join(before + '", "'.join(row) + after for row in rows)


def columns(before, pair, between, after):
    lists = ('"' + '", "'.join(column) + '"' for column in zip(*ROWS, strict=True))
    named = (pair.format(key=k, value=v) for k, v in zip(KEYS, lists, strict=True))
    return lambda: before + between.join(named) + after


def numbered():
    """As pandas writes JSON unless told otherwise."""
    written = (
        f'"{key}":{{' + ",".join(f'"{i}":"{row[n]}"' for i, row in enumerate(ROWS)) + "}"
        for n, key in enumerate(KEYS)
    )
    return "{" + ",".join(written) + "}"


def ldif():
    return "".join(
        f"dn: uid={i},ou=patients\nsn:: {b64encode(row[0].encode()).decode()}\n"
        f"givenName: {row[1]}\nnaissance: {row[2]}\ndiagnostic: {row[3]}\n\n"
        for i, row in enumerate(ROWS)
    )


PAIRS = {
    "JavaScript": each("{ ", '{key}: "{value}"', ", ", " },\n"),
    "MongoDB": each('{{\n  _id: ObjectId("64b"),\n  ', '{key}: "{value}"', ",\n  ", "\n}\n"),
    "PHP, var_export": each("array (\n", "'{key}' => \"{value}\",", "\n", "\n),\n"),
    "PHP, print_r": each("Array\n(\n", "    [{key}] => {value}", "\n", "\n)\n\n"),
    "Ruby": each("{", ':{key}=>"{value}"', ", ", "}, "),
    "Rails": each("#<Patient id: 1, ", '{key}: "{value}"', ", ", ">\n"),
    "Python, an object": each("Patient(", '{key}="{value}"', ", ", ")\n"),
    "C#": each("new Patient { ", '{key} = "{value}"', ", ", " },\n"),
    "Elixir": each("%{", '{key}: "{value}"', ", ", "},\n"),
    "GraphQL": each("create(", '{key}: "{value}"', ", ", ") { id }\n"),
    "Protocol Buffers": each("patients {\n", '  {key}: "{value}"', "\n", "\n}\n"),
    "TOML": each("[[patients]]\n", '{key} = "{value}"', "\n", "\n\n"),
    "a log": each("2026-11-02T10:00:11 INFO saved ", '{key}="{value}"', " ", "\n"),
    "SQL, UPDATE": each("UPDATE p SET ", '{key}="{value}"', ", ", " WHERE id = 1;\n"),
}
BARE = {
    "Java": each("Patient{{", "{key}={value}", ", ", "}\n"),
    "a log without quotes": each("10:00 INFO saved ", "{key}={value}", " ", "\n"),
    "INI": each("[patient]\n", "{key}={value}", "\n", "\n\n"),
    "a form": each('curl -d "', "{key}={value}", "&", '" https://exemple.fr\n'),
    "psql, expanded": each("-[ RECORD 1 ]----\n", "{key}   | {value}", "\n", "\n"),
    "MySQL, vertical": each(
        "************* 1. row *************\n", "   {key}: {value}", "\n", "\n"
    ),
}
GROUPS = {
    "tuples": grouped('("', ",\n ", '")'),
    "lists": grouped('["', ", ", '"]'),
    "calls": grouped('add("', "", '");\n'),
}
COLUMNS = {
    "R": columns("data.frame(", "{key} = c({value})", ",\n  ", ")\n"),
    "Python": columns("{{", '"{key}": [{value}]', ", ", "}}"),
    "pandas": numbered,
}


def read(written: str) -> list[Table]:
    return list(records.tables(PLACE, written))


@pytest.mark.parametrize("form", PAIRS | BARE)
def test_pairs_are_rows_under_their_keys(form):
    tables = read((PAIRS | BARE)[form]())
    (table,) = [table for table in tables if set(KEYS) <= set(table.header)]
    at = [table.header.index(key) for key in KEYS]
    rows = [tuple(row[i] for i in at) for row in table.rows]
    assert [row for row in rows if row in ROWS] == ROWS


def test_so_are_entries_of_a_directory():
    (table,) = (table for table in read(ldif()) if "prénom" in table.header)
    at = [table.header.index(key) for key in ("nom", "prénom", "naissance", "diagnostic")]
    assert [tuple(row[i] for i in at) for row in table.rows] == ROWS


@pytest.mark.parametrize("form", GROUPS)
def test_groups_of_values_are_rows(form):
    (table,) = read(GROUPS[form]())
    assert (table.header, list(table.rows)) == ((), ROWS)


def test_a_first_group_of_labels_is_the_first_row():
    (table,) = read('{"columns": ' + grouped('["', ', "data": [', '"]', header=True)() + "]}")
    assert list(table.rows) == [KEYS, *ROWS]


@pytest.mark.parametrize("form", COLUMNS)
def test_columns_are_turned_into_rows(form):
    (table,) = read(COLUMNS[form]())
    assert (table.header, list(table.rows)) == (KEYS, ROWS)


@pytest.mark.parametrize(
    ("written", "why"),
    [
        ("Nom : TEST\nPrénom : Anne\n\nNom : ESSAI\nPrénom : Paul\n" * 3, "prose"),
        ("name = self.name\nnames = sorted(names)\nname = name.strip()\n" * 9, "source"),
        ("x = 1, y = 2\nx = 3, y = 4\n" * 9, "nobody"),
        ('f("a", "b"); f("c", "d"); f("e", "f")', "words of a program"),
        ("add(1, 2, 3); add(4, 5, 6); add(7, 8, 9)", "numbers"),
        ('print("Anne", 1)\n' + "x\n" * 50 + 'print("Paul", 2)', "far from each other"),
        ('("Anne", "Paul"), ("Zoé", "Jean")', "two by two"),
        ('nom="TEST"', "one pair"),
        ("(" * 400 + '"', "brackets"),
    ],
)
def test_what_is_no_record_gives_none(written, why):
    assert read(written) == []


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("\\u00c9t\\u00e9", "Été"),
        ("a\\n\\t\\\"b\\'\\/", "a\n\t\"b'/"),
        ("\\ud83d\\ude00", "😀"),
        ("x\\ud83d", "x"),
        ("rien", "rien"),
        ("\\", "\\"),
    ],
)
def test_strings_are_taken_as_they_are_meant(written, meant):
    assert plain(written) == meant
