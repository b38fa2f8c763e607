"""Which health format a text in XML or JSON is, by its elements: never by its name or label.

A schema, an API's description or a page that speaks of such a format has none of its elements.
"""

from __future__ import annotations

import re2

from gateway.extract import signal

_PREFIX = rb"<(?:[\w.-]+:)?"
# By kind: what a search for bytes finds fast, and the element that must be there as well.
_ELEMENTS = (
    ("cda", b"urn:hl7-org:v3", _PREFIX + rb"(?:ClinicalDocument|AnnotatedECG)[\s>]"),
    ("fhir", b"http://hl7.org/fhir", rb"xmlns(?::\w+)?\s*=\s*[\"']http://hl7\.org/fhir[\"']"),
    ("xdm", b"sourcePatientI", _PREFIX + rb"(?:SubmitObjectsRequest|ExtrinsicObject)[\s>]"),
    ("signal", signal.APPLE, signal.APPLE + rb"[\s>]"),
)
_XML = tuple((kind, mark, re2.compile(element)) for kind, mark, element in _ELEMENTS)
_MARK = b"resourceType"
_JSON = re2.compile(rb'"resourceType"\s*:\s*"[A-Z]')


def of_text(data: bytes) -> str:
    """ "cda", "fhir", "xdm", "signal" or "": of what begins as XML or JSON do."""
    plain = data.replace(b"\0", b"") if b"\0" in data[:64] else data  # UTF-16
    start = plain[:1024].lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    if start[:1] in (b"{", b"["):
        return "fhir" if _MARK in plain and _JSON.search(plain) else ""
    return within(plain) if start[:1] == b"<" else ""


def within(plain: bytes) -> str:
    """The same of XML behind a line of something else, where programs and people put it."""
    for kind, mark, element in _XML:
        if mark in plain and element.search(plain):
            return kind
    return ""
