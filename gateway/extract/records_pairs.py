"""Pairs of a key and a value, as programs print what they hold: logs, settings, source, forms.

    Patient(nom='TEST', prenom='Anne')        { nom: 'TEST', prenom: 'Anne' }     objects, literals
    [nom] => TEST    'nom' => 'TEST',    :nom => "TEST"                           PHP, Ruby, Perl
    nom = "TEST"    INFO saved nom=TEST prenom=Anne    ?nom=TEST&prenom=Anne      TOML, logs, forms
    dn: …  sn: TEST    -[ RECORD 1 ]-  nom | TEST    *** 1. row ***  nom: TEST    LDIF, psql, MySQL

A record ends where a key comes again. "Nom : TEST" outside of such files is prose, and is no pair:
lists of rights and of opening hours are written so.
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Iterable, Iterator

from gateway.extract.escapes import plain
from gateway.extract.records_sql import Record

_SIGNS = (("=", "="), ("'", ": '"), ('"', ': "'), ('"', ':"'))  # a character, and with others
_FEWEST = 4  # pairs: two records of two
# One of the keys tells whom a record is about, in French or in English.
_WHO = ("nom", "name", "patient", "naiss", "birth", "assur", "benef", "bénéf", "client", "salari")
_BY_NAME = {who: re.compile(who + r"\w{0,16}+[\"'\]]?\s{0,20}+(?:=|:\s?[\"'])") for who in _WHO}
_KEY = re.compile(
    r"(?<![\w.\-])(?:(?<=[\"'\[])([^\W\d][\w.\- ]{0,60}+)[\"'\]]\s{0,20}+=>"
    r"|([^\W\d][\w.\-]{0,60}+)\s{0,20}+(?:=>|=(?![=~>])|:(?=\s?[\"'])))\s{0,20}+"
)
_QUOTED = re.compile(r"\"((?:[^\"\\\n]++|\\.)*+)\"|'((?:[^'\\\n]++|\\.)*+)'")
_END = re.compile(r"[,;&(){}\[\]<>|\"\n\t]|(?<!\w)'|'(?!\w)")  # of a value without quotes
_CODE = re.compile(r"[A-Za-z_]\w*+(?:\.[A-Za-z_]\w*+)++|None|null|nil|undefined")
_LONGEST = 500  # characters of a value
_FAR = 200  # characters from a value to the next key of its record

_OF_LINES = ("dn: ", "-[ RECORD ", ". row **")
_HEAD = 4096  # characters in which such a file has its first record
_LINE = re.compile(
    r"^[ \t]{0,40}+([^\W\d][\w;\-]{0,60}+)[ \t]{0,60}+(\||::?)[ \t]?([^\n]{0,500}+)", re.MULTILINE
)
_LDAP = {"sn": "nom", "givenname": "prénom"}


def may_hold(text: str) -> bool:
    """Told in no time of a text whose characters take one byte each; most have none."""
    return _is_of_lines(text) or (
        any(_is_frequent(one, text) and _is_frequent(sign, text) for one, sign in _SIGNS)
        and _names_somebody(text.lower())
    )


def read(text: str) -> Iterator[Record]:
    yield from _records("pairs", _written(text))
    if _is_of_lines(text):
        yield from _records("lines", _of_lines(text))


def _is_of_lines(text: str) -> bool:
    return any(sign in text[:_HEAD] for sign in _OF_LINES)


def _is_frequent(sign: str, text: str) -> bool:
    at = -1
    for _ in range(_FEWEST):
        at = text.find(sign, at + 1)
        if at < 0:
            return False
    return True


def _names_somebody(text: str) -> bool:
    """Twice at least. One by one, since a search for fixed letters takes least."""
    for who, pattern in _BY_NAME.items():
        first = pattern.search(text) if who in text else None
        if first and pattern.search(text, first.end()):
            return True
    return False


def _records(where: str, pairs: Iterable[tuple[str, str, int, int]]) -> Iterator[Record]:
    record: dict[str, str] = {}
    last = 0
    for key, value, start, end in pairs:
        if record and (key in record or start - last > _FAR):
            if _is_of_somebody(record):
                yield where, record
            record = {}
        record[key] = value
        last = end
    if _is_of_somebody(record):
        yield where, record


def _is_of_somebody(record: dict[str, str]) -> bool:
    return len(record) > 1 and any(who in key for key in map(str.lower, record) for who in _WHO)


def _written(text: str) -> Iterator[tuple[str, str, int, int]]:
    """Key, value, where the pair begins and where it ends. A value without quotes goes as far as
    its line or the next key."""
    before: re.Match[str] | None = None
    for found in _KEY.finditer(text):
        if before and (value := _value(text, before.end(), found.start())):
            yield before[1] or before[2], value, before.start(), before.end() + len(value)
        before = found
    if before and (value := _value(text, before.end(), len(text))):
        yield before[1] or before[2], value, before.start(), before.end() + len(value)


def _value(text: str, start: int, end: int) -> str:
    if text[start : start + 1] in ("'", '"'):
        quoted = _QUOTED.match(text, start, start + _LONGEST)
        return plain(quoted[1] or quoted[2] or "") if quoted else ""
    bare = text[start : min(end, start + _LONGEST)]
    value = _END.split(bare, 1)[0].strip()
    return "" if _CODE.fullmatch(value) or bare[len(value) : len(value) + 1] == "(" else value


def _of_lines(text: str) -> Iterator[tuple[str, str, int, int]]:
    for found in _LINE.finditer(text):
        key, sign, value = found.groups()
        if sign == "::":
            value = _unbased(value.strip())
        yield _LDAP.get(key.lower(), key), value.strip(), found.start(), found.end()


def _unbased(value: str) -> str:
    try:
        return b64decode(value).decode("utf-8", "replace")
    except ValueError:
        return value
