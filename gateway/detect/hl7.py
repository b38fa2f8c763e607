"""Messages between the programs of a hospital (HL7 v2): whom they are about.

The segment PID names the patient (field 5), with a birth date (7) and numbers (3). With another
segment of a message around it, it is VERY_LIKELY; alone, LIKELY. In bars (ER7), in a batch, with
the bytes of its transport (MLLP), or in XML (urn:hl7-org:v2xml). A template to be filled in and a
message about nobody (an acknowledgement, a table) are nothing; the national test identities, told
by their object identifier and their name, are POSSIBLE.
Source: HL7 v2.5, chapter 3; IHE PAM, French extension.
Not here: other separators than "|^~&"; relatives and doctors, whom other segments name.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.detect.coded import Record, day, detector, holds, laid_out, patient
from gateway.detect.fold import Folded
from gateway.detect.segments import Segment, beginning, segments
from gateway.model import Likelihood

_OTHERS = beginning(rb"MSH", rb"FHS", rb"BHS", rb"EVN", rb"PV1", rb"OBR", rb"OBX", rb"ORC", rb"ZBE")
_TRIAL_OID = re.compile(rb"1\.2\.250\.1\.213\.1\.4\.1[01](?![0-9])")
_REAL_OID = re.compile(rb"1\.2\.250\.1\.213\.1\.4\.[289](?![0-9])")
_TRIAL_NAME = re.compile(rb"(?:pat|test|ins|ecetins)[ _-]|test\Z", re.IGNORECASE)

# In XML: one patient, and what stands in the fields that matter.
_PID = re.compile(rb"<(?:[a-z0-9]{1,9}:)?PID>")
_LONGEST_XML = 16 * 1024  # bytes of one patient
_FAMILY, _GIVEN = re.compile(rb"FN\.1>([^<]{1,60})<"), re.compile(rb"XPN\.2>([^<]{1,60})<")
_BORN = re.compile(rb"PID\.7>\s{0,20}(?:<(?:[a-z0-9]{1,9}:)?TS\.1>)?([0-9]{8})")
_NUMBER = re.compile(rb"CX\.1>([^<]{1,40})<")


def records(folded: Folded) -> Iterator[Record]:
    in_bars, in_xml = holds(folded, b"|", b"PID|"), holds(folded, b"<", b"PID.5>")
    text = laid_out(folded) if in_bars or in_xml else b""
    if in_bars:
        sure = Likelihood.VERY_LIKELY if _OTHERS.search(text) else Likelihood.LIKELY
        for segment in segments(text, b"PID|"):
            if one := _of_segment(segment, sure):
                yield one
    if in_xml:
        yield from _in_xml(text)


def _of_segment(segment: Segment, sure: Likelihood) -> Record | None:
    names = _first(segment.field(5)).split(b"^")[:2]
    if len(segment.fields) <= 5 or not names[0]:
        return None
    family = names[0].partition(b"&")[0]
    numbers = segment.field(3)
    sure = _judged(sure, numbers, family)
    born = day(segment.field(7)[:8], "ymd")
    number = numbers.partition(b"^")[0]
    return patient(
        segment.span(5), sure, (family, *names[1:]), born, number if _is_number(number) else b""
    )


def _first(repeated: bytes) -> bytes:
    """Of several, the first that says something; `""` stands for nothing."""
    return next((one for one in repeated.split(b"~") if one.strip(b'"^& ')), b"")


def _in_xml(text: bytes) -> Iterator[Record]:
    begins = [found.end() for found in _PID.finditer(text)]
    for begin, following in pairwise([*begins, len(text)]):
        end = min(following, begin + _LONGEST_XML)
        named = text.find(b"PID.5>", begin, end)
        family = _FAMILY.search(text, named, end) if named >= 0 else None
        given = _GIVEN.search(text, family.end(), end) if family else None
        if not family or not given:
            continue
        born, number = _BORN.search(text, begin, end), _NUMBER.search(text, begin, end)
        one = patient(
            family.span(1),
            _judged(Likelihood.VERY_LIKELY, text[begin:end], family[1]),
            (family[1], given[1]),
            day(born[1], "ymd") if born else "",
            number[1] if number and _is_number(number[1]) else b"",
        )
        if one:
            yield one


def _judged(sure: Likelihood, numbers: bytes, family: bytes) -> Likelihood:
    trial = _TRIAL_OID.search(numbers) and not _REAL_OID.search(numbers)
    return Likelihood.POSSIBLE if trial and _TRIAL_NAME.search(family) else sure


def _is_number(written: bytes) -> bool:
    return any(byte in b"0123456789" for byte in written)


DETECTOR = detector("health.hl7", "message HL7, un patient", records)
