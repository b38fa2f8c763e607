"""Whom a mail greets, in every form in which mail programs write its text."""

from __future__ import annotations

import base64
import quopri

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.decide.opening import MAX_TEXT, opening
from gateway.decide.salutation import another, called, names_in

HELLO = "Bonjour Mme Léger,\r\nvoici le compte rendu.\r\n"
PLAIN = b"Content-Type: text/plain; charset=utf-8\r\n"
LATIN = b"Content-Type: text/plain;\r\n charset=iso-8859-1\r\n"
HTML = "<html><head><style>p {}</style></head><body class='x'><p>Bonjour&nbsp;Mme L&eacute;ger,</p>"


def multipart(*parts: bytes, boundary: bytes = b"=_Un") -> bytes:
    body = b"".join(b"--%s\r\n%s\r\n" % (boundary, part) for part in parts)
    head = b'MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary="%s"\r\n\r\n' % boundary
    return head + b"preamble\r\n" + body + b"--%s--\r\n" % boundary


@pytest.mark.parametrize(
    "content",
    [
        b"Subject: x\r\n" + PLAIN + b"\r\n" + HELLO.encode(),
        b"\r\n" + HELLO.encode(),
        LATIN + b"\r\n" + HELLO.encode("latin-1"),
        PLAIN + b"Content-Transfer-Encoding: base64\r\n\r\n" + base64.encodebytes(HELLO.encode()),
        PLAIN
        + b"Content-Transfer-Encoding: Quoted-Printable\r\n\r\n"
        + quopri.encodestring(HELLO.encode()),
        b"Content-Type: text/html; charset=utf-8\r\n\r\n" + HTML.encode(),
        multipart(PLAIN + b"\r\n" + HELLO.encode(), b"Content-Type: application/pdf\r\n\r\nx"),
        multipart(multipart(PLAIN + b"\r\n" + HELLO.encode(), boundary=b"two")),
        multipart(b"Content-Type: image/png\r\n\r\nx", b"\r\n" + HELLO.encode()),
    ],
    ids=["plain", "bare", "latin", "base64", "quoted", "html", "mixed", "nested", "second"],
)
def test_a_greeting_is_read_as_it_was_written(content):
    assert names_in(content, informal=False) == (("leger",),)


@pytest.mark.parametrize(
    ("line", "names"),
    [
        ("Bonjour Monsieur Durand,", [("durand",)]),
        ("Bonjour M. DURAND", [("durand",)]),
        ("Cher Docteur Petit,", [("petit",)]),
        ("Bonjour Madame le Docteur Petit,", [("petit",)]),
        ("Chère Madame Durand-Petit,", [("durand", "petit")]),
        ("Madame Durand,", [("durand",)]),
        ("Bonjour Madame Durand et Monsieur Petit,", [("durand",), ("petit",)]),
        ("Monsieur le Directeur,", []),
        ("Bonjour à tous,", []),
        ("Bonjour, suite à l'appel de M. Durand,", []),
    ],
)
def test_a_name_is_told_from_what_is_none(line, names):
    assert list(names_in(f"\r\n{line}\r\n".encode(), informal=False)) == names


def test_whom_it_means_is_found_among_those_who_are_known():
    content = b"\r\nBonjour Monsieur Durand,\r\n"
    names = another(content, ["paul.martin@mail.example"])
    known = ["jean.durand@a.example", "jdurand@b.example", "durand@c.example", "contact@durand.fr"]
    assert called(names, known) == tuple(known[:3])


@given(st.binary(max_size=300), st.sampled_from([b"", PLAIN, b"Content-Type: text/html\r\n"]))
def test_any_bytes_have_an_opening(body, head):
    assert len(opening(head + b"\r\n" + body)) <= MAX_TEXT
    assert len(opening(multipart(head + b"\r\n" + body))) <= MAX_TEXT


@pytest.mark.parametrize("piece", [b"<", b"--=_Un\n", b'"', b"Bonjour M. ", b"=?", b"a@"])
def test_a_hostile_text_costs_no_more_than_its_length(piece):
    """Read to the end within the test's own time-out, as any."""
    content = multipart(PLAIN + b"\r\n" + piece * 100_000)
    assert another(content, ["paul.martin@mail.example"]) == frozenset()
