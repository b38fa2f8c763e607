"""Plain text, in whatever character set."""

from __future__ import annotations

from collections.abc import Iterator

from gateway.extract import characters
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_SEALED = ("-----BEGIN PGP MESSAGE-----", "-----BEGIN PKCS7-----")


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    medium = Medium.BODY if part.body else Medium.DOCUMENT
    place = Place(part.path)
    for text in characters.readings(part.data, part.charset):
        yield Text(place, text, medium)
        if any(mark in text for mark in _SEALED):
            yield Problem(Trouble.ENCRYPTED, place, "an encrypted message within the text")


EXTRACTOR = Extractor(("text",), extract)
