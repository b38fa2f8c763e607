"""Plain text, in whatever character set."""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.extract import characters, records, resources
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_CUT_BY_QUOTING = re.compile(r"\d[ \t]{0,4}\r?\n[> ]{1,20}\d")
_QUOTE_MARKS = re.compile(r"\n[> ]*>[ \t]?")
_SEALED = ("-----BEGIN PGP MESSAGE-----", "-----BEGIN PKCS7-----", "$APICRYPT")


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    medium = Medium.BODY if part.body else Medium.DOCUMENT
    place = Place(part.path)
    for text in characters.readings(part.data, part.charset):
        if resources.MARK in text:
            text = f"{resources.told(text)}\n{text}"
        yield Text(place, text, medium)
        yield from records.tables(place, text)
        if "\n>" in text and _CUT_BY_QUOTING.search(text):
            yield Text(place, _QUOTE_MARKS.sub("\n", text), medium)
        if any(mark in text for mark in _SEALED):
            yield Problem(Trouble.ENCRYPTED, place, "an encrypted message within the text")


EXTRACTOR = Extractor(("text",), extract)
