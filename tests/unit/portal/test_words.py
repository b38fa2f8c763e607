"""Every text of the portal has its English, with the same fields in it."""

from __future__ import annotations

import string

from babel.messages.pofile import read_po

from gateway.portal import words
from tests.each import of_each
from tools import catalogue

TEXTS = catalogue.texts(catalogue.PORTAL)
KNOWN = words.of("en").known


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


@of_each(TEXTS)
def test_every_text_has_an_english_with_the_same_fields(text):
    assert (text,) in KNOWN, "run `python -m tools.catalogue` and translate what it prints"
    assert fields(text) == fields(KNOWN[(text,)][0])


def test_no_translation_has_outlived_its_text():
    with catalogue.path_of(catalogue.PORTAL).open("rb") as file:
        kept = {message.id for message in read_po(file, locale="en") if message.id}
    assert kept <= set(TEXTS)
