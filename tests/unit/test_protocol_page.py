"""The page of the protocol tells of every reply of doors and relay, and of no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operateur" / "protocole.md").read_text("utf-8")
SOURCES = {
    path: ast.parse(path.read_text("utf-8"))
    for room in ("receive", "act")
    for path in [*sorted((ROOT / "gateway" / room).glob("*.py")), ROOT / "gateway" / "settle.py"]
}
REPLIES = {"Reply", "Refusal", "refused"}
READY = re.compile(r"[2-5]\d\d[ -].*\r\n", re.DOTALL)
# What is made of another reply, in `module function`: no words of its own.
HANDED_ON = {
    "wording __init__",
    "wording of",
    "wording refused",
    "wording overloaded",
    "smtp_wire reply_of",
}
Told = tuple[str, str, str]  # code, enhanced code, words that must stand there


def constants() -> dict[str, str]:
    """Names of texts, as the rooms write them down."""
    return {
        target.id: node.value.value
        for tree in SOURCES.values()
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
        for target in node.targets
        if isinstance(target, ast.Name) and isinstance(node.value.value, str)
    }


TEXTS = constants()


def words(node: ast.expr) -> str | None:
    """The longest fixed part of a text; None: nothing is fixed."""
    match node:
        case ast.Constant(value=str(text)):
            return max(re.split(r"\{\}", text), key=len).strip()
        case ast.JoinedStr(values=parts):
            fixed = [part.value for part in parts if isinstance(part, ast.Constant)]
            return max((str(part) for part in fixed), key=len, default="").strip()
        case ast.Tuple(elts=[first, *_]):
            return words(first)
        case ast.Name(id=name) | ast.Attribute(attr=name) if name in TEXTS:
            return max(re.split(r"\{\}", TEXTS[name]), key=len).strip()
        case ast.Call(func=ast.Attribute(value=inner, attr="format")):
            return words(inner)
    return None


def fixed(node: ast.expr) -> list[str]:
    match node:
        case ast.Constant(value=value):
            return [str(value)]
        case ast.IfExp(body=one, orelse=other):
            return [*fixed(one), *fixed(other)]
    return []


def said(node: ast.AST) -> Iterator[Told] | None:
    """What this piece of code can answer; None: it is no reply, or one without codes of its own."""
    match node:
        case ast.Constant(value=bytes(line)) if READY.fullmatch(line.decode("latin-1")):
            return ready(line.decode())
        case ast.JoinedStr(values=[ast.Constant(value=str(line)), *_]) if re.match(
            r"2[25]0[ -]", line
        ):
            return iter([(line[:3], "", "")])
        case ast.Call(func=ast.Name(id="overloaded"), args=[ast.Constant(value=enhanced)]):
            return iter([("451", str(enhanced), "Nouvel essai automatique en cours.")])
        case ast.Call(func=ast.Name(id=name), args=[code, enhanced, text, *_]) if name in REPLIES:
            codes = [(c, e) for c in fixed(code) for e in fixed(enhanced)]
            return iter([(c, e, words(text) or "") for c, e in codes]) if codes else None
    return None


def ready(line: str) -> Iterator[Told]:
    found = re.fullmatch(r"(\d{3}) (?:([245]\.\d+\.\d+) )?(.*)\r\n", line)
    assert found, line
    yield found[1], found[2] or "", found[3].strip()


@cache
def every() -> set[Told]:
    return {
        told for tree in SOURCES.values() for node in ast.walk(tree) for told in said(node) or ()
    }


@cache
def rows() -> list[tuple[str, str, str]]:
    """Code, enhanced code and text, of each row of the catalogue."""
    found = re.findall(
        r"^\| `(\d{3})(?: ([245]\.\d+\.\d+))?` \| (?:`([^`]*)`|—) \| [^|\n]+ \| [^|\n]+ \|$",
        PAGE,
        re.MULTILINE,
    )
    return [(code, enhanced, text) for code, enhanced, text in found]


@pytest.mark.parametrize("told", sorted(every()), ids=" ".join)
def test_every_reply_is_told_with_its_cause_and_its_cure(told):
    code, enhanced, text = told
    assert any(row[:2] == (code, enhanced) and (text in row[2] or not text) for row in rows()), (
        f"docs/operateur/protocole.md: {' '.join(told)}"
    )


@pytest.mark.parametrize("row", rows(), ids=" ".join)
def test_no_reply_is_told_that_nobody_gives(row):
    code, enhanced, text = row
    if text == "Ready to start TLS":  # of aiosmtpd
        return
    assert any(told[:2] == (code, enhanced) and told[2] in text for told in every())


def test_a_row_is_written_whole():
    lines = re.findall(r"^\| `\d{3}.*$", PAGE, re.MULTILINE)
    assert len(lines) == len(rows()) > 60
    assert len(set(rows())) == len(rows()), "one stands there twice"


def test_no_reply_escapes_this_test():
    """One whose codes are not written where it is made would be in no catalogue."""
    for path, tree in SOURCES.items():
        for function in ast.walk(tree):
            if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
                continue
            for node in ast.walk(function):
                named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
                if named and node.func.id in REPLIES and said(node) is None:
                    assert f"{path.stem} {function.name}" in HANDED_ON, ast.unparse(node)


@pytest.mark.parametrize(
    "extension",
    [
        *("PIPELINING", "SIZE", "8BITMIME", "BINARYMIME", "CHUNKING", "SMTPUTF8", "DSN", "AUTH"),
        *("ENHANCEDSTATUSCODES", "STARTTLS", "XFORWARD", "XCLIENT", "PROXY", "MT-PRIORITY"),
        *("DELIVERBY", "REQUIRETLS", "FUTURERELEASE", "VRFY", "EXPN", "ETRN"),
    ],
)
def test_each_extension_has_its_row(extension):
    assert re.search(rf"^\| [^|]*`{extension}`", PAGE, re.MULTILINE)


def test_what_is_announced_is_told():
    functions = [
        node
        for tree in SOURCES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.FunctionDef) and node.name == "_offers"
    ]
    texts = [
        node.value
        for function in functions
        for node in ast.walk(function)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    ]
    names = {text.split()[0] for text in texts if re.match(r"[A-Z0-9]{3}", text)}
    assert {"PIPELINING", "CHUNKING", "STARTTLS", "AUTH", "XCLIENT"} <= names
    for name in names:
        assert re.search(rf"^\| [^|]*`{name}`", PAGE, re.MULTILINE), name
