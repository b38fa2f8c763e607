"""Data that programs write as text comes out as rows: JSON, dumps of databases, XML."""

from __future__ import annotations

import json
from random import Random

import pytest

from gateway import inspection
from gateway.extract import csv_table, html, records, text
from gateway.model import DEFAULT_LIMITS, Part, Place, Table
from tests.makers.mails import attachment, message, mixed
from tests.makers.mails import text as text_part
from tests.makers.persons import Person, person

PLACE = Place("1")
COLUMNS = ("nom", "prenom", "date_naissance", "diagnostic")
ROWS = [("TEST", "Anne", "1985-09-14", "asthme"), ("ESSAI", "Paul", "1960-01-02", "VIH")]
OBJECTS = [dict(zip(COLUMNS, row, strict=True)) for row in ROWS]
HEADER = ("nom", "prenom", "date naissance", "diagnostic")
DUMPS = {
    "JSON, an array": json.dumps(OBJECTS),
    "JSON, laid out": json.dumps(OBJECTS, indent=2),
    "JSON lines": "\n".join(map(json.dumps, OBJECTS)),
    "JSON in an envelope": json.dumps({"total": 2, "patients": OBJECTS}),
    "JSON in prose": f"Bonjour,\n\nvoici ce que rend {{l'appel}} :\n{json.dumps(OBJECTS)}\n\nMerci",
    "Python's own": repr(OBJECTS),
    "SQL, INSERT of a row each": "\n".join(
        f"INSERT INTO patient (nom, prenom, date_naissance, diagnostic) VALUES {row!r};"
        for row in ROWS
    ),
    "SQL, INSERT of all rows": "insert into `hop`.`patient`\n"
    "(`nom`,`prenom`,`date_naissance`,`diagnostic`) values\n" + ",\n".join(map(repr, ROWS)) + ";",
    "SQL, INSERT without columns": "CREATE TABLE IF NOT EXISTS `patient` (\n  `nom` varchar(20),\n"
    "  `prenom` varchar(20),\n  `date_naissance` date,\n  `diagnostic` enum('a','b'),\n"
    "  PRIMARY KEY (`nom`)\n);\nINSERT INTO `patient` VALUES " + ",".join(map(repr, ROWS)) + ";",
    "SQL Server": "".join(
        "INSERT [dbo].[patient] ([nom], [prenom], [date_naissance], [diagnostic]) VALUES "
        f"(N'{row[0]}', N'{row[1]}', CAST(N'{row[2]}' AS Date), N'{row[3]}')\nGO\n"
        for row in ROWS
    ),
    "PostgreSQL, COPY": "COPY public.patient (nom, prenom, date_naissance, diagnostic) FROM "
    "stdin;\n" + "\n".join(map("\t".join, ROWS)) + "\n\\.\n",
}  # fmt: skip


def read(written: str) -> list[Table]:
    return list(records.tables(PLACE, written))


@pytest.mark.parametrize("form", DUMPS)
def test_records_become_rows_under_their_keys(form):
    (table,) = read(DUMPS[form])
    assert (table.header, list(table.rows)) == (HEADER, ROWS)


@pytest.mark.parametrize("form", DUMPS)
def test_readers_of_files_give_them_beside_the_text(form):
    part = Part("1", DUMPS[form].encode(), "application/octet-stream", "")
    for reader in (text, csv_table):
        found = list(reader.EXTRACTOR.extract(part, DEFAULT_LIMITS))
        assert HEADER in [piece.header for piece in found if isinstance(piece, Table)]
        assert "".join(piece.text for piece in found if not isinstance(piece, Table))


def test_what_stands_in_an_object_belongs_to_the_one_around_it():
    one = {"nom": "TEST", "adresse": {"ville": "Lyon", "nom": "Les Lilas"}, "visites": [{"j": 1}]}
    (table,) = read(json.dumps([one, one]))
    assert table.header == ("nom", "ville", "adresse nom")
    assert table.rows[0] == ("TEST", "Lyon", "Les Lilas")


def test_humps_and_escapes_are_taken_apart():
    (table,) = read(
        '[{"dateNaissance":"1\\/2","nom":"\\u00c9 \\"B\\""},{"nom":"X","dateNaissance":null}]'
    )
    assert table.header == ("date Naissance", "nom")
    assert table.rows == (("1/2", 'É "B"'), ("", "X"))
    (table,) = read('[{"a":"Zo\\ud83d\\ude00","b":"1"},{"a":"X\\ud83d","b":"\\udc00"}]')
    assert table.rows == (("Zo😀", "1"), ("X", ""))  # halves that are alone are no letters
    (table,) = read("INSERT INTO t (a, b) VALUES ('O''BRIEN', NULL), ('L\\'HEUREUX', 3);")
    assert table.rows == (("O'BRIEN", ""), ("L'HEUREUX", "3"))


@pytest.mark.parametrize(
    "form", ["JSON, an array", "SQL, INSERT of all rows", "PostgreSQL, COPY", "JSON lines"]
)
def test_a_file_that_is_cut_gives_what_stands_before_the_cut(form):
    many = DUMPS[form].replace("ESSAI", "X" * 20)
    (table,) = read(many + many[: -len(many) // 3])
    assert ROWS[0] in table.rows


def test_cells_that_hold_json_leave_a_sheet_its_rows():
    lines = ["nom;prenom;options", "TEST;Anne;{'a': 1, 'b': 2}", "ESSAI;Paul;{'a': 3, 'b': 4}"]
    part = Part("1", "\n".join(lines).encode(), "text/csv", "")
    found = list(csv_table.EXTRACTOR.extract(part, DEFAULT_LIMITS))
    assert ("nom", "prenom", "options") in [one.header for one in found if isinstance(one, Table)]


@pytest.mark.parametrize(
    "before", ['{"', "{" * 150, '{"a":' * 150, '{ "l\'objet, "', "{'", '{"\\"', "{[" * 51]
)
@pytest.mark.parametrize("form", ["JSON, an array", "JSON, laid out", "JSON lines", "Python's own"])
def test_nothing_put_before_the_records_hides_them(form, before):
    rows = [row for table in read(f"{before}\n" + f"{DUMPS[form]}\n" * 2) for row in table.rows]
    assert any(set(ROWS[1]) <= set(row) for row in rows)


@pytest.mark.parametrize(
    "written",
    [
        "", "{", '{"', '{"a":', '{"a":1}', "INSERT INTO", "INSERT INTO t VALUES (",
        "Merci d'insert into (dans) values", "copy (a) from", '{"a": "b"} et {"a": "c"}', "{}{}{}",
        "COPY t (a, b) FROM stdin;\n", '{"nom": "TEST", "prenom": "Anne"}', '["a", "b", "c"]',
    ],
)  # fmt: skip
def test_what_is_no_table_is_none(written):
    assert read(written) == []


@pytest.mark.parametrize(
    ("declaration", "codec", "declared", "name"),
    [
        ("<?xml version='1.0'?>", "utf-8", "", ""),
        ("<?xml version='1.0'?>", "utf-8-sig", "", ""),
        ("<?xml version='1.0'?>", "utf-16", "", ""),
        ("", "utf-8", "text/xml", ""),
        ("", "utf-8", "application/octet-stream", "Liste.XML"),
    ],
)
def test_elements_that_come_again_are_the_rows_of_a_file_in_xml(declaration, codec, declared, name):
    rows = "".join(
        f"<p:patient><nom>{last}</nom><prenom>{first}</prenom><tel/><né>{born}</né></p:patient>"
        for last, first, born, _ in ROWS
    )
    part = Part("1", f"{declaration}<l>{rows}</l>".encode(codec), declared, (name,))
    (table,) = [
        piece for piece in html.EXTRACTOR.extract(part, DEFAULT_LIMITS) if isinstance(piece, Table)
    ]
    assert table.header == ("nom", "prenom", "tel", "né")
    assert [row[:2] for row in table.rows] == [row[:2] for row in ROWS]


def test_so_are_elements_that_hold_all_in_their_attributes():
    rows = "".join(f'<p nom="{last}" prenom=\'{first}\' x:né="{b}"/>' for last, first, b, _ in ROWS)
    (table,) = records.in_xml(PLACE, f"<?xml version='1.0'?><l>{rows}</l>")
    assert table.header == ("nom", "prenom", "né")
    assert [row[:2] for row in table.rows] == [row[:2] for row in ROWS]


def test_many_keys_and_many_records_are_not_multiplied():
    keys = ", ".join(f'"k{i}": 1' for i in range(5000))
    (table,) = read(f"{{{keys}}}\n" + '{"k1": 1, "k2": 2}\n' * 5000)
    assert (table.header, len(table.rows)) == (("k1", "k2"), 5001)


def dumped(form: str, persons: list[Person]) -> str:
    rows = [(one.last, one.first, f"{one.born:%Y-%m-%d}") for one in persons]
    keys = ("lastName", "firstName", "birthDate")
    if form == "json":
        return json.dumps([dict(zip(keys, row, strict=True)) for row in rows])
    if form == "xml":
        cells = "".join(
            "<row>" + "".join(f"<{k}>{v}</{k}>" for k, v in zip(keys, row, strict=True)) + "</row>"
            for row in rows
        )
        return f'<?xml version="1.0"?><rows>{cells}</rows>'
    return f"INSERT INTO users ({', '.join(keys)}) VALUES {', '.join(map(repr, rows))};"


@pytest.mark.parametrize("form", ["json", "xml", "sql"])
def test_persons_in_an_export_are_counted(form):
    rng = Random(4)
    content = dumped(form, [person(rng) for _ in range(60)])
    mail = mixed(text_part("voici\n"), attachment("export.dat", content.encode()))
    hits = inspection.read(mail, DEFAULT_LIMITS).hits
    sure = {hit.value for hit in hits if hit.kind == "table.persons" and hit.likelihood >= 2}
    assert len(sure) == 60


def test_settings_and_packages_are_nobody():
    package = json.dumps(
        {"name": "left-pad", "version": "1.3.0", "scripts": {"test": "node test"},
         "dependencies": [{"name": n, "version": "1.0"} for n in ("lodash", "express", "debug")]}
    )  # fmt: skip
    hits = inspection.read(message(text_part(package)), DEFAULT_LIMITS).hits
    assert not [hit for hit in hits if hit.kind.startswith("table.")]


@pytest.mark.parametrize(
    ("written", "cells"),
    [
        ({"nom": "TEST", "prenom": "Anne", "diagnostic": "F32.1"}, ("TEST", "Anne", "F32.1")),
        ({"patient": {"last": "TEST", "birthDate": "1961"}, "cim10": "F32.1"}, 3),
        ({"name": "a-library", "version": "1.2", "license": "MIT"}, None),
        ({"prenom": "Anne"}, None),
    ],
)
def test_one_record_is_a_table_where_it_is_of_a_person(written, cells):
    found = read(json.dumps(written))
    if cells is None:
        assert not found
    elif isinstance(cells, int):
        assert len(found[0].rows[0]) == cells
    else:
        assert found[0].rows == (cells,)
