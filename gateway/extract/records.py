"""Records that programs write as text, given as rows: dumps of databases and data in JSON or XML.

    [{"nom": "TEST", "prenom": "Anne", "adresse": {"ville": "Lyon"}}, …]       JSON, JSON lines
    INSERT INTO patient (nom, prenom) VALUES ('TEST', 'Anne'), …;              SQL: records_sql.py
    <patient><nom>TEST</nom><prenom>Anne</prenom></patient>…                   XML

Records of one place in the file are one table, whose header is their keys. The text is read once,
from its beginning to its end, and whatever is no record is passed over: a file that is cut gives
the rows before the cut. What the reader of a file gives is beside its text, which stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html import unescape

from gateway.extract import records_sql
from gateway.extract.records_sql import Record
from gateway.model import Place, Table

_FEWEST = 2  # records of a table, and columns
_MOST_TABLES = 50
_DEEPEST = 100  # objects within objects

# No choice at any place, and nothing is given back: each is read once.
_PAIR = re.compile(
    r'[\s,]*+"((?:[^"\\]++|\\.)*+)"\s*+:\s*+'
    r'(?:"((?:[^"\\]++|\\.)*+)"|(-?[0-9][^\s,}\]]*+|true|false|null)|([{\[]))',
    re.DOTALL,
)
_OTHER = re.compile(r'[\s,:]*+(?:"(?:[^"\\]++|\\.)*+"|([{}\[\]])|[^\s,:{}\[\]"]++)', re.DOTALL)
_ESCAPED = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_MEANT = {"n": "\n", "t": "\t", "r": "\r", "b": " ", "f": " "}
_HUMP = re.compile(r"(?<=[a-zàâçéèêëîïôûù])(?=[A-Z])")  # "dateNaissance"

_LEAF = re.compile(r"<([A-Za-z_][\w.:\-]{0,60})(?: [^<>]{0,300})?(?:/>|>([^<]*+)</)")


def tables(place: Place, text: str) -> Iterator[Table]:
    """Of whatever form, in the order of the text."""
    found: list[Record] = []
    if '":' in text or '" :' in text:
        found += in_json(text)
    if records_sql.may_hold(text):
        found += records_sql.read(text)
    yield from _tables(place, found)


def in_xml(place: Place, text: str) -> Iterator[Table]:
    """Elements that hold text alone, in the order they come in; where one comes again, so does the
    record that it is of."""
    yield from _tables(place, _leaves(text))


def _tables(place: Place, records: Iterable[Record]) -> Iterator[Table]:
    together: dict[str, tuple[dict[str, None], list[dict[str, str]]]] = {}
    for where, values in records:
        if where not in together and len(together) == _MOST_TABLES:
            continue
        columns, rows = together.setdefault(where, ({}, []))
        columns.update(dict.fromkeys(values))
        rows.append(values)
    for columns, rows in together.values():
        if len(rows) >= _FEWEST <= len(columns):
            named = not all(map(str.isdigit, columns))  # else they are places in a statement
            header = tuple(map(_label, columns)) if named else ()
            cells = tuple(tuple(row.get(column, "") for column in columns) for row in rows)
            yield Table(place, header, cells)


def _label(key: str) -> str:
    return _HUMP.sub(" ", key).replace("_", " ")


def _leaves(text: str) -> Iterator[Record]:
    record: dict[str, str] = {}
    for leaf in _LEAF.finditer(text):
        name, value = leaf[1].rpartition(":")[2], unescape(leaf[2] or "").strip()
        if name in record:
            yield "", record
            record = {}
        record[name] = value
    if record:
        yield "", record


def in_json(text: str) -> Iterator[Record]:
    """Objects with what stands in them and in the objects within them; those of a list are records
    of their own."""
    stack: list[tuple[str, dict[str, str] | None]] = []  # the key, and the object; None: a list
    at = text.find("{")
    while 0 <= at < len(text):
        inside = stack[-1][1] if stack else None
        pair = _PAIR.match(text, at) if inside is not None else None
        if pair and inside is not None:
            key, written, bare, opened = pair.groups()
            at = pair.end()
            if opened:
                stack.append((key, {} if opened == "{" else None))
            elif bare != "null":
                _put(inside, _plain(key), _plain(written) if bare is None else bare)
        elif other := _OTHER.match(text, at):
            at = other.end()
            if other[1] in ("{", "["):
                stack.append(("", {} if other[1] == "{" else None))
            elif other[1] and stack:
                yield from _closed(stack)
        else:
            break  # a string that never ends
        if len(stack) > _DEEPEST:
            break
        if not stack:
            at = text.find("{", at)  # between the lines of JSON lines, and in the prose around
    while stack:  # the file ends too soon
        yield from _closed(stack)


def _closed(stack: list[tuple[str, dict[str, str] | None]]) -> Iterator[Record]:
    key, values = stack.pop()
    if not values:
        return
    around = stack[-1][1] if stack else None
    if around is None:
        yield "/".join([name for name, _ in stack if name]), values
    else:
        for name, value in values.items():
            _put(around, name if name not in around else f"{_plain(key)} {name}", value)


def _put(values: dict[str, str], name: str, value: str) -> None:
    if value:
        values.setdefault(name, value)


def _plain(written: str) -> str:
    return _ESCAPED.sub(_meant, written) if "\\" in written else written


def _meant(found: re.Match[str]) -> str:
    return chr(int(found[1], 16)) if found[1] else _MEANT.get(found[2], found[2])
