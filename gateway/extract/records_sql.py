"""Rows of a database as it is dumped: INSERT of any dialect, COPY of PostgreSQL.

    INSERT INTO `patients` (`nom`, `prenom`) VALUES ('TEST','Anne'),('ESSAI','Paul');
    COPY public.patients (nom, prenom) FROM stdin;

Where a statement does not name the columns, those of CREATE TABLE before it are taken.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Iterator

Record = tuple[str, dict[str, str]]  # where it stands, what is in it by its label

_WORDS = ("INSERT", "insert", "Insert", "COPY ", "copy ")  # told in no time; most texts have none
_NAME = r"[`\"\[]?(?:\w[\w$\-]{0,80}[`\"\]]?\.[`\"\[]?){0,3}(\w[\w$\- ]{0,80})[`\"\]]?"
_STATEMENT = re.compile(
    rf"(?i)\b(?:(insert)\s++(?:ignore\s++)?(?:into\s++)?{_NAME}\s*+(?:\(([^()]{{1,8000}})\)\s*+)?"
    r"values?\s*+"
    rf"|(copy)\s++{_NAME}\s*+\(([^()]{{1,8000}})\)\s*+from\s++stdin[^;\n]{{0,200}};[ \t]*+\r?\n"
    rf"|(create)\s++table\s++(?:if\s++not\s++exists\s++)?{_NAME}\s*+\()"
)
_COLUMN = re.compile(r"\s*[`\"\[]?([\w$]{1,80})[`\"\]]?\s+[A-Za-z]")
_NO_COLUMN = frozenset(("primary", "key", "unique", "constraint", "index", "foreign", "check"))
_LONGEST_CREATE = 20_000  # characters
# What separates columns; within brackets, of a type or a default, it does not.
_BETWEEN = re.compile(r",(?![^()]*\))")
# A value: N'…' with '' or \' within, a number, NULL, a call: CAST('…' AS DATE).
_VALUE = re.compile(
    r"\s*+(?:[NnEeXx]?'((?:[^'\\]++|''|\\.)*+)'|\"((?:[^\"\\]++|\"\"|\\.)*+)\""
    r"|((?:[^,()'\"]++|\((?:[^()']++|'(?:[^']++|'')*+')*+\))*+))\s*+([,)])",
    re.DOTALL,
)
_NEXT = re.compile(r"\s*+,\s*+\(")
_QUOTED = re.compile(r"\\(.)|''", re.DOTALL)
_LITERAL = re.compile(r"'((?:[^']++|'')*+)'")
_END_OF_COPY = "\\."


def may_hold(text: str) -> bool:
    return any(word in text for word in _WORDS)


def read(text: str) -> Iterator[Record]:
    known: dict[str, list[str]] = {}
    at = 0
    while found := _STATEMENT.search(text, at):
        at = found.end()
        insert, table, columns, copy, copied, fields, create, created = found.groups()
        if create:
            known[created.lower()] = _created(text[at : at + _LONGEST_CREATE])
        elif copy:
            end = text.find("\n" + _END_OF_COPY, at)
            end = end if end >= 0 else len(text)
            names = _names(fields)
            for line in text[at:end].splitlines():
                cells = ["" if cell == "\\N" else cell for cell in line.split("\t")]
                yield copied.lower(), dict(zip(names, cells, strict=False))
            at = end
        elif insert:
            names = _names(columns) if columns else known.get(table.lower(), [])
            at = yield from _inserted(text, at, table.lower(), names)


def _names(written: str) -> list[str]:
    return [name.strip(' `"[]\r\n\t') for name in written.split(",")]


def _created(written: str) -> list[str]:
    names = []
    for line in _BETWEEN.split(written.partition(";")[0]):
        found = _COLUMN.match(line)
        if found and found[1].lower() not in _NO_COLUMN:
            names.append(found[1])
    return names


def _inserted(text: str, at: int, table: str, names: list[str]) -> Generator[Record, None, int]:
    """The rows of one statement; returns where it ends."""
    if not text.startswith("(", at):
        return at
    at += 1
    while True:
        values: list[str] = []
        while value := _VALUE.match(text, at):
            at = value.end()
            values.append(_meant(value))
            if value[4] == ")":
                break
        else:
            return at
        labels = names if len(names) == len(values) else [str(i) for i in range(len(values))]
        yield table, dict(zip(labels, values, strict=True))
        following = _NEXT.match(text, at)
        if not following:
            return at
        at = following.end()


def _meant(value: re.Match[str]) -> str:
    quoted, double, bare, _ = value.groups()
    if quoted is not None:
        return _QUOTED.sub(lambda found: found[1] or "'", quoted)
    if double is not None:
        return double.replace('""', '"')
    bare = bare.strip()
    if "'" in bare and (literal := _LITERAL.search(bare)):
        return literal[1]
    return "" if bare.upper() in ("NULL", "DEFAULT") else bare
