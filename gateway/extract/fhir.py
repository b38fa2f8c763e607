"""FHIR files, in JSON or in XML: their text, whom they are about, the attachments they wrap.

Rule: HL7 FHIR R4, Attachment; gateway/extract/resources.py says who.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import re2

from gateway.extract import characters, html, resources, text, unbased
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Text

_FILE = re2.compile(
    r'"data"\s*:\s*"([A-Za-z0-9+/=\\\s]{64,})"|<data value="([A-Za-z0-9+/=\s]{64,})"'
)
_LINE_END = re.compile(r"\\[nrt]")  # as JSON writes it: its letter is none of the file's


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    written = characters.readings(part.data, part.charset)[0]
    spans = (found.span(1 if found.group(1) else 2) for found in _FILE.finditer(written))
    rest, files = unbased.apart(written, spans, lambda data: _LINE_END.sub("", data))
    for number, data in enumerate(files, 1):
        yield Part(f"{part.path}!({number})", data)
    plain = replace(part, data=rest.encode("utf-8", "replace"), charset="utf-8")
    if resources.MARK in rest:
        yield from text.extract(plain, limits)
    else:
        yield Text(Place(part.path), resources.told(rest), Medium.DOCUMENT)
        yield from html.extract(plain, limits)


EXTRACTOR = Extractor(("fhir",), extract)
