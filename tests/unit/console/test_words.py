"""Two languages: every text of the pages has its English, with the same fields in it."""

import ast
import html
import re
import string
from dataclasses import replace
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from gateway.console import app, shown, words
from gateway.detect import search
from gateway.model import Place
from tests.each import of_each
from tests.unit.console.conftest import Console, shipped
from tools import catalogue

KNOWN = words.of("en").known
TEXTS = catalogue.texts()
TEMPLATES = sorted((catalogue.CONSOLE / "templates").glob("*.html"))
SAME = {"fr", "Python", "Vaguemestre"}  # words of templates that are nobody's language


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@of_each(TEXTS)
def test_every_text_has_an_english_with_the_same_fields(text):
    french = text if isinstance(text, tuple) else (text,)
    english = KNOWN.get(french)
    assert english, "run `make catalogue` and translate what it prints"
    assert len(english) == len(french)
    for one, other in zip(french, english, strict=True):
        assert fields(one) == fields(other)


@of_each(search.kinds())
def test_every_kind_that_can_be_found_has_its_words(kind):
    assert shown.kind(kind) != kind


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("Pourquoi ?", "Pourquoi\xa0?"),
        ("Reçu : {when} ; « {subject} »", "Reçu\xa0: {when}\xa0; «\xa0{subject}\xa0»"),
        ("{share} % des décisions", "{share}\xa0% des décisions"),
        ("de 20:00 à 06:00", "de 20:00 à 06:00"),  # no space, and none is added
        ("l'argument :nom", "l'argument :nom"),
    ],
)
def test_french_spaces_do_not_break(written, shown):
    assert words.of("fr")(written) == shown
    assert words.of("fr").many(written, written, 2, when="", subject="", share="") == shown.format(
        when="", subject="", share=""
    )


def test_no_translation_has_outlived_its_text():
    with catalogue.path_of(catalogue.CONSOLE).open("rb") as file:
        kept = {message.id for message in read_po(file, locale="en") if message.id}
    assert kept <= set(TEXTS)


@of_each(TEMPLATES)
def test_no_text_of_a_template_escapes_the_catalogue(path):
    bare = re.sub(r"\{#.*?#\}|\{%.*?%\}|\{\{.*?\}\}", " ", path.read_text(), flags=re.DOTALL)
    bare = re.sub(r"<[^>]*>", " ", bare)
    assert set(re.findall(r"[A-Za-zÀ-ÿ]{2,}", bare)) <= SAME


@of_each(TEMPLATES)
def test_dates_of_a_template_are_in_the_page_s_language(path):
    assert "in_words" not in path.read_text(), "write {{ epoch | when }}"


def sentences(path):
    """Texts in code that read like something said: a capital, a blank, a full stop."""
    tree = ast.parse(path.read_text())
    said = [node for node in ast.walk(tree) if isinstance(node, ast.Expr)]
    docstrings = {id(node.value) for node in said}
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            likely = re.fullmatch(r"[A-ZÀ-Ý].* .*\.", node.value, re.DOTALL)
            if likely and id(node) not in docstrings:
                yield node.value


def test_no_sentence_of_a_page_s_code_escapes_the_catalogue():
    known = {one for text in TEXTS for one in (text if isinstance(text, tuple) else (text,))}
    found = [s for path in (catalogue.CONSOLE / "pages").glob("*.py") for s in sentences(path)]
    assert len(found) > 10, "or the pattern is wrong"
    assert set(found) <= known


@pytest.mark.parametrize(
    ("accepted", "language"),
    [
        ("", "fr"),
        ("fr-FR,fr;q=0.9,en;q=0.8", "fr"),
        ("en-GB,en;q=0.9", "en"),
        ("de,en;q=0.5", "en"),
        ("de", "fr"),
        ("*", "fr"),
        (";;,,q=", "fr"),
    ],
)
def test_the_language_is_the_browser_s_first_that_we_have(accepted, language):
    assert words.of(accepted).language == language


def test_dates_ages_and_sizes_are_english_too(console: Console, run):
    async def walk():
        hold = await console.hold()
        await console.signed_in("claire", "officer")
        console.store.now += 3 * 86400
        for language, (day, age) in {
            "fr": ("mardi 14 novembre 2023 à 23 h 13", "3 j"),
            "en": ("Tuesday 14 November 2023 at 23:13", "3 d"),
        }.items():
            browser = await console.signed_in("claire", "officer")
            browser.headers["accept-language"] = language
            assert day in (await browser.get(f"/dossiers/{hold}")).text
            assert age in (await browser.get("/")).text

    run(walk())


def test_titles_of_shipped_rules_are_in_the_page_s_language(console: Console, run):
    assert set(catalogue.said_by_rules()) <= set(TEXTS)
    title = shipped().rules[0].title
    console.desk = replace(console.desk, rule_title=lambda rule: title)
    console.app = app.build(console.desk)

    async def walk():
        hold = await console.hold()
        browser = await console.signed_in("claire", "officer")
        for language in ("fr", "en"):
            browser.headers["accept-language"] = language
            shown = words.of(language)(title)
            for path in ("/", f"/dossiers/{hold}"):
                assert shown in html.unescape((await browser.get(path)).text), (language, path)

    run(walk())


@pytest.mark.parametrize(
    ("where", "french", "english"),
    [
        (Place("2", "sheet Paie"), "partie 2, feuille Paie", "part 2, sheet Paie"),
        (Place("", "header Subject"), "en-tête Subject", "header Subject"),
        (Place(""), "en-tête du message", "header of the message"),
        (Place("3!a.zip", "nom du fichier"), "partie 3!a.zip, nom du fichier", None),
        (Place("2", "{0} {x}"), "partie 2, {0} {x}", "part 2, {0} {x}"),
    ],
)
def test_a_place_is_told_in_the_page_s_language(where, french, english):
    assert shown.place(words.of("fr"), where) == french
    assert shown.place(words.of("en"), where) == (english or "part 3!a.zip, file name")


def test_the_catalogue_stands_in_the_package():
    assert Path(words.__file__).with_name("locale").joinpath("en.po").exists()
