"""Whom a health file is about: one line of text that people and detectors read.

    [dicom: identifié] Nom : TEST Prénom : Anne, né(e) le 14/09/1985, n° de patient 4512

A file of an image or of signals has no text, and one in XML keeps it in attributes. So its reader
says here what it found, in the words of a form: the detectors of persons, births and numbers find
theirs in it, and the one of the format (gateway/detect/marked.py) knows the line by its mark.

What a file says of itself is not believed: an image that claims to be anonymised and names a
person is about that person. Names given to phantoms and to quality controls are nobody's.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

IDENTIFIED, DESIGNATED, ANONYMOUS, TRIAL = "identifié", "désigné", "anonyme", "essai"

_LONGEST = 64  # characters of one field: what DICOM and HL7 allow for a part of a name
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\s]+")
_DATE = re.compile(r"((?:19|20)\d\d)-?(0[1-9]|1[0-2])-?([0-3]\d)")
# Object identifiers of the national health identity: .8 and .9 are real, .2 was; .10 and .11 are
# those of tests and demonstrations.
_INS = re.compile(r"1\.2\.250\.1\.213\.1\.4\.(?:2|8|9|10|11)")
_TRIALS = (".10", ".11")
# The names of the national test identities ("PAT-TROIS"), and those that vendors make up.
_TRIAL_NAME = re.compile(
    r"(?i)(?:pat|adr)[ _-]?(?:un|deux|trois|quatre|cinq|six|sept|huit|neuf|dix)\b"
    r"|.{0,40}\b(?:test\w?|ecetinsi?|demo)\b"
)
# Whole words, since people are called Manon, Canonne and Masquelier.
_NO_NAME = re.compile(
    r"(?i)(?<![^\W_])(?:anon|anonym\w*|pseudo\w*|de-?id(?:entif\w*)?|masqu[ée]e?|removed|redacted|hidden"
    r"|unknown|inconnue?|sans nom|no ?name)(?![^\W\d_])|^x+$"
)
# A template that a program is to fill in.
_TO_FILL_IN = re.compile(r"%[sd]|%\(\w*\)s|[$#]?\{[^{}]*\}|\{\{[^{}]*\}\}|\$\w+|@\w+@")
_PHANTOM = re.compile(
    r"(?i)(?<![^\W_])(?:phantom|fant[oô]mes?|qa|qc|cq|acr|catphan|calibration)(?![^\W\d_])"
    r"|^(?:service|quality)(?![^\W\d_])"
)


@dataclass(frozen=True, slots=True)
class Patient:
    """As the file has it. number: of the patient in the house; ins: with its object identifier."""

    family: str = ""
    given: str = ""
    birth: str = ""
    number: str = ""
    ins: str = ""
    oid: str = ""


def line(form: str, patient: Patient, *, anonymised: bool = False, study: str = "") -> str:
    """The line, or "" where the file is about nobody.

    anonymised: the file says so. study: what tells one anonymous patient from another.
    """
    patient = _cleaned(patient)
    name = f"{patient.family} {patient.given}".strip()
    if _PHANTOM.search(name) and not patient.birth:
        return ""
    if not name or _NO_NAME.search(name) or not any(map(str.isalpha, name)):
        patient, name = replace(patient, family="", given=""), ""
    word = _word(patient, name, anonymised)
    if word == ANONYMOUS:
        who = patient.number or study or name
        return f"[{form}: {word}] {who}" if who else ""
    if word == TRIAL:
        patient = replace(patient, family="", given="")
    return f"[{form}: {word}] {_told(patient)}"


def decoded(value: bytes) -> str:
    """A field of a binary header."""
    try:
        return value.decode("utf-8").strip("\0 ")
    except UnicodeDecodeError:
        return value.decode("latin-1").strip("\0 ")


def insurance(number: str, oid: str) -> tuple[str, str]:
    """The national identity and its object identifier, where these are one; else two blanks."""
    known = _INS.fullmatch(oid)
    digits = re.sub(r"\s", "", number[:_LONGEST])
    return (digits, oid) if known and digits else ("", "")


def _word(patient: Patient, name: str, anonymised: bool) -> str:
    if anonymised and (not name or any(map(str.isdigit, name)) or not patient.given):
        return ANONYMOUS
    if patient.oid.endswith(_TRIALS):
        return TRIAL if _TRIAL_NAME.match(patient.family or name or "test") else DESIGNATED
    if name and not anonymised and not any(map(str.isdigit, name)):
        return IDENTIFIED
    return DESIGNATED if name or patient.ins or patient.number or patient.birth else ANONYMOUS


def _told(patient: Patient) -> str:
    date = _DATE.match(patient.birth)
    said = (
        f"Nom : {patient.family} Prénom : {patient.given}" if patient.given else patient.family,
        f"né(e) le {date[3]}/{date[2]}/{date[1]}" if date else "",
        f"n° de patient {patient.number}" if patient.number else "",
        f"matricule INS {patient.ins} ({patient.oid})" if patient.ins else "",
    )
    return ", ".join(filter(None, said))


def _cleaned(patient: Patient) -> Patient:
    family, given = _plain(patient.family), _plain(patient.given)
    if family and not given:  # some machines put all of a name into its first field
        family, _, given = family.partition(" ")
    ins, number = _plain(patient.ins), _plain(patient.number)
    return Patient(family, given, _plain(patient.birth), number, ins, _plain(patient.oid))


def _plain(value: str) -> str:
    plain = _CONTROLS.sub(" ", value[:_LONGEST].replace("]", " ")).strip()
    return "" if _TO_FILL_IN.fullmatch(plain) else plain
