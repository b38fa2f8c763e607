"""Clinical mail about an identified person: every paper of health and social security, and what
colleagues, secretaries, insurers and families write to each other. All of it is to be stopped.

Sentences are in frames.txt, words in words.txt; a mail is put together from sentences drawn apart,
then abbreviated, mistyped or stripped of its accents. Patients are nobody.
"""

from __future__ import annotations

import base64
import html
import textwrap
from collections.abc import Iterator
from random import Random

from tests.makers import documents, mails, scans
from tests.makers.clinical.patients import Patient, patient
from tests.makers.clinical.reading import Family, families
from tests.makers.clinical.speech import said
from tests.makers.labelled import Labelled

_TO = ("contact@cabinet.example", "accueil@clinique.example", "quelquun@gmail.example")
_COVERS = (
    "Bonjour,\n\nCi-joint le document.\n\nCordialement\n",
    "Voir pièce jointe.\n",
    "Bien reçu ?\n",
)
_TYPES = {
    "pdf": "application/pdf",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
}
_LINES = 50  # a page


def labelled(seed: int, count: int, *, scanned: bool = False) -> Iterator[Labelled]:
    """scanned: pictures too, which take seconds each to draw and to read; else their PDF."""
    known = families()
    for number in range(count):
        family = known[number % len(known)]
        medium = family.media[number // len(known) % len(family.media)]
        medium = medium if scanned or medium != "scan" else "pdf"
        yield _one(f"clinical-{seed}-{number:05d}", family, medium)


def _one(name: str, family: Family, medium: str) -> Labelled:
    rng = Random(name)
    who = patient(rng)
    subject, text = said(family, who, rng)
    content = mails.message(_entity(family, who, text, medium, rng), _header(subject, rng))
    return Labelled(name, content, "stop", (family.kind,), family.name, medium)


def _header(subject: str, rng: Random) -> dict[str, str]:
    coded = base64.b64encode(subject.encode()).decode()
    return {
        "From": "Service <soignant@ch-exemple.example>",
        "To": rng.choice(_TO),
        "Subject": f"=?utf-8?B?{coded}?=",
    }


def _entity(family: Family, who: Patient, text: str, medium: str, rng: Random) -> bytes:
    if medium == "body":
        return mails.text(text)
    if medium == "html":
        lines = html.escape(text, quote=False).replace("\n", "<br>\n")
        return mails.html(f"<html><body><p>{lines}</p></body></html>\n")
    data = _file(text, medium)
    suffix = "pdf" if medium == "scan" else medium
    stem = f"{family.name.split()[0]}_{who.last}" if family.named and rng.random() < 0.3 else "doc"
    stem = stem.encode("ascii", "ignore").decode()
    attached = mails.attachment(f"{stem}.{suffix}", data, _TYPES[suffix])
    return mails.multipart("mixed", mails.text(rng.choice(_COVERS)), attached)


def _file(text: str, medium: str) -> bytes:
    lines = [part for line in text.split("\n") for part in (textwrap.wrap(line, 95) or [""])]
    if medium == "docx":
        return documents.docx(text)
    if medium == "scan":
        return documents.pdf("", picture=scans.saved(scans.scanned(scans.page("\n".join(lines)))))
    return documents.pdf(
        *("\n".join(lines[at : at + _LINES]) for at in range(0, len(lines), _LINES))
    )
