"""IHE XDM: the metadata of a packet of documents (METADATA.XML), which say whose they are.

The packet is a zip, read as such, with its documents; the metadata are known by their content, so
a packet under another name, or taken apart, is known as well. They give the patient in the fields
of HL7 v2: PID-3|number^^^&authority&ISO, PID-5|family^given, PID-7|birth.
Rule: IHE ITI TF-3, 4.2.3.1.5, sourcePatientInfo.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from itertools import islice

import re2

from gateway.extract import about, characters, html
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Text

_MOST = 10_000  # fields; a packet is about one patient, whose documents each have three
_FIELD = re2.compile(rb"PID-([357])\|([^<]{0,400})")


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    text = characters.readings(part.data, part.charset)[0]
    told = dict.fromkeys(about.line("xdm", patient) for patient in _patients(text))
    yield Text(Place(part.path), "\n".join(filter(None, told)), Medium.DOCUMENT)
    yield from html.extract(part, limits)


def _patients(text: str) -> Iterator[about.Patient]:
    """Each document has its own copy; a number begins the next."""
    found: dict[str, str] = {}
    for field in islice(_FIELD.finditer(text.encode("utf-8", "replace")), _MOST):
        which, value = (group.decode("utf-8", "replace") for group in field.groups())
        parts = unescape(value).split("^")
        if which == "3":
            if "family" in found or "birth" in found:
                yield about.Patient(**found)
                found = {}
            ins, oid = about.insurance(parts[0], _authority(parts))
            found |= {"ins": ins, "oid": oid} if ins else {"number": parts[0]}
        elif which == "5":
            found |= {"family": parts[0], "given": parts[1] if len(parts) > 1 else ""}
        else:
            found["birth"] = parts[0]
    if found:
        yield about.Patient(**found)


def _authority(parts: list[str]) -> str:
    """ "ASIP-SANTE-INS-NIR&1.2.250.1.213.1.4.8&ISO" of an identifier's fourth component."""
    names = parts[3].split("&") if len(parts) > 3 else []
    return names[1] if len(names) > 1 else ""


EXTRACTOR = Extractor(("xdm",), extract)
