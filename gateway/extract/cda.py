"""HL7 version 3 in XML: clinical documents (CDA R2) and annotated electrocardiograms (aECG).

Whom it is about stands in attributes of its header; a document of level 1 wraps its pages (a PDF,
most often) in base64, which become parts of their own. All else is read like any XML, the persons
of the header apart: those who wrote it are not those of whom it tells.
Rule: HL7 CDA release 2, POCD_HD000040; HL7 aECG implementation guide.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from gateway.extract import about, characters, html
from gateway.extract.extractor import Extracted, Extractor
from gateway.extract.tags import tags, without_files
from gateway.model import Limits, Medium, Part, Place, Problem, Text, Trouble

_ROLES = (("cda", "patientRole"), ("signal", "trialSubject"))
_PERSONS = ("patientRole", "assignedPerson", "associatedPerson")
_MOST = 100  # patients; a document is about one, a batch of them is another format
_LONGEST = 20_000  # characters of what a header says of one patient


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
    persons: list[str] = []
    for element in _PERSONS:
        pieces = text.split(element)
        persons += pieces[1::2]
        text = "".join(pieces[::2])
    return "\n".join(persons), text


def _patients(text: str) -> Iterator[str]:
    """What stands between the opening and the closing tag of each role."""
    for form, role in _ROLES:
        for inside in text.split(role, 2 * _MOST)[1::2]:
            said = about.line(form, _patient(inside[:_LONGEST]))
            if said:
                yield said


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
