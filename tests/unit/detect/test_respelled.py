"""Letters that programs spelled or read in their own way are given back, and others left alone."""

from __future__ import annotations

import json
import quopri
from html.entities import codepoint2name
from random import Random
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.detect import respelled
from gateway.detect.search import search
from gateway.model import Likelihood, Medium, Place, Table, Text
from tests.makers import identifiers
from tests.makers.identifiers import grouped

PLACE = Place("1")
NBSP = "\N{NO-BREAK SPACE}"
WARD = "Mme Hélène LEFÈVRE, née le 12/03/1961, est hospitalisée : dépression sévère, cœur, reçue."


def other(text, spell):
    return "".join(one if one.isascii() else spell(one) for one in text)


def bytes_as(form):
    return lambda text: other(text, lambda one: "".join(form % b for b in one.encode()))


def taken_for(codec):
    return lambda text: text.encode().decode(codec)


SPELLINGS = {
    "JSON": lambda text: json.dumps(text)[1:-1],
    "JSON within JSON": lambda text: json.dumps(json.dumps(text))[3:-3],
    "JavaScript": lambda text: other(text, lambda one: f"\\u{{{ord(one):x}}}"),
    "escape() of browsers": lambda text: other(text, lambda one: f"%u{ord(one):04X}"),
    "Python": lambda text: ascii(text)[1:-1],
    "Python, long": lambda text: other(text, lambda one: f"\\U{ord(one):08x}"),
    "bytes of Python": bytes_as("\\x%02x"),
    "bytes of C and PostgreSQL": bytes_as("\\%03o"),
    "HTML, names": lambda text: other(text, lambda one: f"&{codepoint2name[ord(one)]};"),
    "HTML, numbers": lambda text: text.encode("ascii", "xmlcharrefreplace").decode(),
    "HTML, hexadecimal": lambda text: other(text, lambda one: f"&#x{ord(one):X};"),
    "address": lambda text: quote(text),
    "raw mail": lambda text: quopri.encodestring(text.encode()).decode(),
    "raw mail, cut in lines": lambda text: "=\r\n".join(
        quopri.encodestring(word.encode()).decode() for word in text.split("|")
    ),
    "UTF-8 as Windows": taken_for("cp1252"),
    "UTF-8 as Latin-1": taken_for("latin-1"),
    "UTF-8 as Macintosh": taken_for("mac_roman"),
    "UTF-8 as DOS": taken_for("cp850"),
    "UTF-8 as Windows, twice": lambda text: taken_for("cp1252")(taken_for("cp1252")(text)),
}
LOST = {
    "lost to a mark": lambda text: other(text, lambda one: "\ufffd"),
    "lost to a mark, two bytes": lambda text: other(text, lambda one: "\ufffd\ufffd"),
    "lost to a question mark": lambda text: other(text, lambda one: "?"),
    "lost to two": lambda text: other(text, lambda one: "??"),
}


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_what_a_program_spelled_is_given_back(spelling):
    spelled = SPELLINGS[spelling](WARD)
    assert spelled != WARD
    assert respelled.letters(spelled) == WARD


@pytest.mark.parametrize("spelling", LOST)
def test_a_letter_that_was_lost_is_taken_for_an_e(spelling):
    expected = "".join(one if one.isascii() else "é" for one in WARD)
    assert respelled.letters(LOST[spelling](WARD)) == expected


def test_raw_mail_in_windows_1252_is_known_by_a_letter_within_a_word():
    spelled = quopri.encodestring("une dépression sévère, ça va\n".encode("cp1252")).decode()
    assert respelled.letters(spelled) == "une dépression sévère, ça va\n"


@pytest.mark.parametrize("spelling", SPELLINGS | LOST)
def test_the_search_finds_the_patient_and_the_number(spelling):
    spell = (SPELLINGS | LOST)[spelling]
    number = identifiers.nir(Random(spelling))
    blanks = f"{number[0]} {grouped(number[1:7], 2)} {grouped(number[7:], 3)}"
    hits, problems = search(
        [Text(PLACE, spell(f"{WARD} Numéro : {NBSP.join(blanks.split())}"), Medium.DOCUMENT)]
    )
    assert problems == []
    sure = {hit.kind for hit in hits if hit.likelihood >= Likelihood.LIKELY}
    assert {"fr.nir", "health.terms", "person", "health.person"} <= sure


@pytest.mark.parametrize("of", ["cp850", "mac_roman"])
@pytest.mark.parametrize("taken", ["cp1252", "latin-1"])
def test_what_an_old_machine_wrote_is_given_back(of, taken):
    spelled = "née hospitalisée".encode(of).decode(taken)
    assert respelled.letters(spelled) == "née hospitalisée"


def test_a_form_is_a_line_for_each_field():
    form = "nom=LEF%C3%88VRE&prenom=Marie+H%C3%A9l%C3%A8ne&soin=h%C3%A9patite+aigu%C3%AB"
    assert respelled.letters(form) == "nom=LEFÈVRE\nprenom=Marie Hélène\nsoin=hépatite aiguë"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Déjà vu ? « Pensé »… âge, Âge, œuvre, 12 €, A – B",
        "Vous venez ? oui, ou non ?",
        "https://exemple.fr/page?id=3&nom=a+b et a@b.fr?subject=x",
        "R&D, S&P ; a&b",
        "glucose 5%50ml, NaCl 0,9%10 ml, +20% de plus",
        "x=AB couleur=FFAA00 y=20",
        "C:\\2024\\202 \\d{3}\\s \\\\serveur\\301",
        "f(a)?b[c]?d",
        "2 ? 3",
        "│├──┤├─┬",
        "Šárka Kočiš, KOŠICE, ‚ici‘",
    ],
)
def test_any_other_text_stays_the_same_object(text):
    assert respelled.letters(text) is text
    piece = Text(PLACE, text, Medium.BODY)
    assert respelled.piece(piece) is piece


def test_cells_stay_where_they_are():
    spelled = ("&#31;", "d\\u00e9pression", "", "\x1f", "a=\nb=C3=A9", "&#10;%1F\\x1f")
    table = Table(PLACE, ("Pr\\u00e9nom", "Nom"), (spelled[:3], spelled[3:]))
    told = respelled.piece(table)
    assert told.header == ("Prénom", "Nom")
    assert [len(row) for row in told.rows] == [3, 3]
    assert told.rows[0][1] == "dépression"
    plain = Table(PLACE, (), (("a", "b"), ()))
    assert respelled.piece(plain) is plain


@given(
    st.lists(
        st.sampled_from(["\\", "u", "{", "}", "x", "U", "0", "3", "e9", "&", "#", ";", "%", "="])
        | st.sampled_from(["?", "\ufffd", "Ã", "©", "√", "├", "â€", "\r\n", "\x1f", "a", "d8", "/"])
        | st.characters()
    )
)
def test_nothing_makes_it_fail_or_brings_a_line_end_or_half_a_letter(written):
    text = "".join(written)
    told = respelled.letters(text)
    assert told.count("\x1f") <= text.count("\x1f")
    assert sum("\ud800" <= one <= "\udfff" for one in told) <= sum(
        "\ud800" <= one <= "\udfff" for one in text
    )
