"""HL7 version 3 in XML: clinical documents (CDA R2) and annotated electrocardiograms (aECG).

Whom it is about stands in attributes of its header; a document of level 1 wraps its pages (a PDF,
most often) in base64, which become parts of their own. All else is read like any XML, the persons
of the header apart: those who wrote it are not those of whom it tells.
Rule: HL7 CDA release 2, POCD_HD000040; HL7 aECG implementation guide.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from itertools import islice

from gateway.extract import about, characters, html
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tags import tags, without_files
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_ROLES = {"patientRole": "cda", "trialSubject": "signal"}
_PERSONS = ("patientRole", "assignedPerson", "associatedPerson")
_MOST = 1_000  # patients, whom all that follow only add to; a document is about one


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    place = Place(part.path)
    text, files = without_files(characters.readings(part.data, part.charset)[0])
    told = list(_patients(text))
    if told:
        yield Text(place, "\n".join(told), Medium.DOCUMENT)
    for number, data in enumerate(files, 1):
        yield Part(f"{part.path}!({number})", data)
    if "<!ENTITY" in text:
        yield Problem(Trouble.UNSUPPORTED, place, "entities of its own, which are not read")
    persons, rest = _persons(text)
    for piece in (persons, rest):
        data = piece.encode("utf-8", "replace")
        yield from html.extract(replace(part, data=data, charset="utf-8"), limits)


def _persons(text: str) -> tuple[str, str]:
    """What stands within the elements that name somebody, and all the rest."""
    spans = [span for _, *span in _elements(text, _PERSONS)]
    begins, ends = [0, *(end for _, end in spans)], [*(begin for begin, _ in spans), len(text)]
    rest = "".join(text[begin:end] for begin, end in zip(begins, ends, strict=True))
    return "\n".join(text[begin:end] for begin, end in spans), rest


def _patients(text: str) -> Iterator[str]:
    for role, begin, end in islice(_elements(text, tuple(_ROLES)), _MOST):
        if said := about.line(_ROLES[role], _patient(text[begin:end])):
            yield said


def _elements(text: str, names: tuple[str, ...]) -> Iterator[tuple[str, int, int]]:
    """The name of each and where its inside is; one that is never closed goes on to the end."""
    at = 0
    for found in _opening(names).finditer(text):
        if found.start() >= at:
            end = text.find(f"{found[1]}>", found.end())
            at = end if end >= 0 else len(text)
            yield found[1], found.end(), at


@lru_cache(maxsize=4)
def _opening(names: tuple[str, ...]) -> re.Pattern[str]:
    """There is one way to match it, so no backtracking."""
    return re.compile(rf"<(?:[\w.-]{{1,40}}:)?({'|'.join(names)})(?:\s[^<>]{{0,400}})?(?<!/)>")


def _patient(inside: str) -> about.Patient:
    """The first of each; those that follow are of guardians and of employers."""
    found: dict[str, str] = {}
    for tag in tags(inside, "id", "family", "given", "name", "birthTime"):
        if tag.name == "id":
            number, root = tag.attributes.get("extension", ""), tag.attributes.get("root", "")
            ins, oid = about.insurance(number, root)
            said = {"ins": ins, "oid": oid} if ins else {"number": number}
        elif tag.name == "birthTime":
            said = {"birth": tag.attributes.get("value", "")}
        else:
            said = {"family" if tag.name == "name" else tag.name: tag.text}
        for key, value in said.items():
            if value:
                found.setdefault(key, value)
    return about.Patient(**found)


EXTRACTOR = Extractor(("cda",), extract)
