"""Records that programs write as text, given as rows: dumps of databases and data in JSON or XML.

    [{"nom": "TEST", "prenom": "Anne", "adresse": {"ville": "Lyon"}}, …]       JSON, Python's own
    INSERT INTO patient (nom, prenom) VALUES ('TEST', 'Anne'), …;              SQL: records_sql.py
    <patient><nom>TEST</nom><prenom>Anne</prenom></patient>…                   XML, or in attributes

Records of one place in the file are one table, whose header is their keys. The text is read once,
from its beginning to its end, and whatever is no record is passed over: a file that is cut gives
the rows before the cut. What the reader of a file gives is beside its text, which stays as it is.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from html import unescape

from gateway.extract import records_groups, records_pairs, records_sql
from gateway.extract.escapes import plain
from gateway.extract.records_sql import Record
from gateway.model import Place, Table

_FEWEST = 2  # records of a table, and columns; one record does that is of a person
_OF_A_PERSON = re.compile(r"(?i)pr[ée]nom|(?:first|given).?name|naiss|birth|\bddn\b|\bdob\b")
_MOST_TABLES = 50
_DEEPEST = 100  # objects within objects
_RAREST = 20  # of so many rows one has a cell in the column: else empty ones are most of the table

# No choice at any place, and nothing is given back: each is read once. A string ends in its line,
# so that a lone quote before the records spoils no more than that.
_STRING = r"""(?:"(?:[^"\\\n]++|\\.)*+"|'(?:[^'\\\n]++|\\.)*+')"""
_PAIR = re.compile(
    rf"[\s,]*+({_STRING})\s*+:\s*+(?:({_STRING})|(-?[0-9][^\s,}}\]]*+|[a-zA-Z]++)|([{{\[]))",
    re.DOTALL,
)
_OTHER = re.compile(rf"[\s,:]*+(?:{_STRING}|([{{}}\[\]])|[^\s,:{{}}\[\]\"]++)", re.DOTALL)
_NOTHING = ("null", "None", "nil")
_HUMP = re.compile(r"(?<=[a-zàâçéèêëîïôûù])(?=[A-Z])")  # "dateNaissance"

_COLUMN = "\0"  # of a table that was written column by column, its rows numbered (pandas)

_IN_JSON = (('"', '":'), ('"', '" :'), ("'", "':"), ("'", "' :"))

_LEAF = re.compile(r"<([A-Za-z_][\w.:\-]{0,60})(?: [^<>]{0,300})?(?:/>|>([^<]*+)</)")
_ATTRIBUTES = re.compile(
    r"<[A-Za-z_][\w.:\-]{0,60}((?:\s++[\w.:\-]++=(?:\"[^\"<]*+\"|'[^'<]*+'))++)"
)
_ATTRIBUTE = re.compile(r"([\w.\-]++)=(?:\"([^\"]*+)\"|'([^']*+)')")


def tables(place: Place, text: str) -> Iterator[Table]:
    """Of whatever form, in the order of the text."""
    narrow = text if text.isascii() else text.encode("latin-1", "replace").decode("latin-1")
    found: list[Record] = []
    if any(quote in narrow and sign in narrow for quote, sign in _IN_JSON):
        found += in_json(text)
    of_sql = list(records_sql.read(text)) if records_sql.may_hold(narrow) else []
    found += of_sql
    if records_pairs.may_hold(narrow):
        found += records_pairs.read(text)
    yield from _tables(place, found)
    for header, rows in records_groups.read(text) if records_groups.may_hold(narrow) else ():
        if len(rows) > len(of_sql):  # else they are its own
            yield Table(place, tuple(map(_label, header)), tuple(rows))


def in_xml(place: Place, text: str) -> Iterator[Table]:
    """Elements that hold text alone, and those that hold all in their attributes."""
    yield from _tables(place, [*_again(_leaves(text)), *_in_attributes(text)])


def _tables(place: Place, records: Iterable[Record]) -> Iterator[Table]:
    together: dict[str, tuple[Counter[str], list[dict[str, str]]]] = {}
    for where, values in records:
        if where not in together and len(together) == _MOST_TABLES:
            continue
        filled, rows = together.setdefault(where, (Counter(), []))
        filled.update(values.keys())
        rows.append(values)
    for where, (filled, rows) in together.items():
        if where == _COLUMN:
            filled, rows = _turned(rows)
        columns = [column for column, times in filled.items() if times * _RAREST >= len(rows)]
        least = _FEWEST if len(rows) >= _FEWEST else _FEWEST + 1
        of_one = len(rows) >= _FEWEST or any(map(_OF_A_PERSON.search, columns))
        if of_one and len(columns) >= least:
            named = not all(map(str.isdigit, columns))  # else they are places in a statement
            header = tuple(map(_label, columns)) if named else ()
            cells = tuple(tuple(row.get(column, "") for column in columns) for row in rows)
            yield Table(place, header, cells)


def _turned(columns: list[dict[str, str]]) -> tuple[Counter[str], list[dict[str, str]]]:
    """The rows of columns: {"": "nom", "0": "TEST", "1": "ESSAI"}."""
    rows: dict[str, dict[str, str]] = {}
    for column in columns:
        name = column.pop("")
        for number, value in column.items():
            rows.setdefault(number, {})[name] = value
    return Counter(name for row in rows.values() for name in row), list(rows.values())


def _label(key: str) -> str:
    return _HUMP.sub(" ", key).replace("_", " ")


def _leaves(text: str) -> Iterator[tuple[str, str]]:
    for leaf in _LEAF.finditer(text):
        yield leaf[1].rpartition(":")[2], unescape(leaf[2] or "").strip()


def _in_attributes(text: str) -> Iterator[Record]:
    for element in _ATTRIBUTES.finditer(text):
        found = _ATTRIBUTE.findall(element[1])
        if len(found) >= _FEWEST:
            yield "attributes", {name: unescape(one or other) for name, one, other in found}


def _again(pairs: Iterable[tuple[str, str]]) -> Iterator[Record]:
    """Where a key comes again, so does the record that it is of."""
    record: dict[str, str] = {}
    for name, value in pairs:
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
                stack.append((plain(key[1:-1]), {} if opened == "{" else None))
            elif bare not in _NOTHING:
                _put(inside, plain(key[1:-1]), plain(written[1:-1]) if bare is None else bare)
        elif other := _OTHER.match(text, at):
            at = other.end()
            if other[1] in ("{", "["):
                stack.append(("", {} if other[1] == "{" else None))
            elif other[1] and stack:
                yield from _closed(stack)
        else:
            at = _after_line(text, text.find('"', at))  # of a string that does not end
        if len(stack) > _DEEPEST:
            stack.clear()
        if not stack:
            at = text.find("{", at)  # between the lines of JSON lines, and in the prose around
    while stack:  # the file ends too soon
        yield from _closed(stack)


def _after_line(text: str, at: int) -> int:
    end = text.find("\n", at) if at >= 0 else -1
    return end if end >= 0 else len(text)


def _closed(stack: list[tuple[str, dict[str, str] | None]]) -> Iterator[Record]:
    key, values = stack.pop()
    if not values:
        return
    around = stack[-1][1] if stack and key else None  # without a key it belongs to nothing
    if around is None:
        yield "/".join([name for name, _ in stack if name]), values
    elif len(values) >= _FEWEST and all(map(str.isdigit, values)):
        yield _COLUMN, {"": key, **values}
    else:
        for name, value in values.items():
            _put(around, name if name not in around else f"{key} {name}", value)


def _put(values: dict[str, str], name: str, value: str) -> None:
    if value:
        values.setdefault(name, value)
