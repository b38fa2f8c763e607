"""FHIR files, in JSON or in XML: their text, whom they are about, the attachments they wrap.

Rule: HL7 FHIR R4, Attachment; gateway/extract/resources.py says who.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import re2

from gateway.extract import characters, html, resources, text, unbased
from gateway.extract.extractor import Extracted, Extractor
from gateway.model import Limits, Medium, Part, Place, Text

_FILE = re2.compile(
    r'"data"\s*:\s*"([A-Za-z0-9+/=\\\s]{64,})"|<data value="([A-Za-z0-9+/=\s]{64,})"'
)


def extract(part: Part, limits: Limits) -> Iterator[Extracted]:
    written = characters.readings(part.data, part.charset)[0]
    kept: list[str] = []
    at = 0
    for number, found in enumerate(_FILE.finditer(written), 1):
        group = 1 if found.group(1) else 2
        data = found.group(group).encode("ascii", "ignore")
        yield Part(f"{part.path}!({number})", unbased.decode(data))
        kept.append(written[at : found.start(group)])
        at = found.end(group)
    rest = "".join((*kept, written[at:]))
    plain = replace(part, data=rest.encode("utf-8", "replace"), charset="utf-8")
    if resources.MARK in rest:
        yield from text.extract(plain, limits)
    else:
        yield Text(Place(part.path), resources.told(rest), Medium.DOCUMENT)
        yield from html.extract(plain, limits)


EXTRACTOR = Extractor(("fhir",), extract)
