"""Messages of Hexagone, the administration of many French hospitals (HPK): whom they are about.

    ID|M1|C|HEXAGONE|20240306111154|AGENT|990012|TEST|ANNE|19850914|F|…    who a patient is
    MV|M2|C|HEXAGONE|20240306111154|AGENT|990012|9900345|20240306…         where: admission, exit
    CV|M1|C|HEXAGONE|20240306111154|AGENT|990012|…                         who pays

One a line: what it is, what is done (C, M, S or D), the program, when, the agent, the hospital's
number of the patient. An identity is VERY_LIKELY with a birth date or a number; a movement or a
coverage has the number alone, which is nobody's name outside that hospital: LIKELY, by the number,
where no identity beside it has told whose it is.
Source: the description that its publisher gives (github.com/Dedalus-ERP-PAS/foundation-skills,
hpk-parser, 2026). Not here: messages about products, orders and money, which name nobody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import chain

from gateway.detect.coded import Field, Record, day, detector, holds, laid_out, patient
from gateway.detect.fold import Folded
from gateway.detect.segments import Segment, segments
from gateway.model import Likelihood

_IDENTITY = b"ID|M1|"
_ABOUT = (b"ID|MT|", b"ID|CE|", b"MV|", b"CV|M1|")
_HEAD = re.compile(rb"[CMSD]\|[^|]{0,40}\|[0-9]{8,18}\|")
_NUMBER = re.compile(rb"[A-Z]{0,8}[0-9][0-9A-Z_\-]{2,19}")
_PATIENT, _BORN = 6, 9  # the fields


def records(folded: Folded) -> Iterator[Record]:
    if not any(holds(folded, b"|", name) for name in (_IDENTITY, *_ABOUT)):
        return
    text = laid_out(folded)
    named = set()
    for segment in _headed(text, _IDENTITY):
        if len(segment.fields) <= _BORN:
            continue
        names, born = [segment.field(7), segment.field(8)], day(segment.field(_BORN)[:8], "ymd")
        number = _number(segment)
        if one := patient(segment.span(7), Likelihood.VERY_LIKELY, names, born, number):
            named.add(number)
            yield one
    for segment in chain.from_iterable(_headed(text, name) for name in _ABOUT):
        number = _number(segment)
        if number and number not in named:
            yield _of_number(segment, number.decode())


def _headed(text: bytes, name: bytes) -> Iterator[Segment]:
    for segment in segments(text, name):
        if _HEAD.match(b"|".join(segment.fields[2:6])):
            yield segment


def _number(segment: Segment) -> bytes:
    found = segment.field(_PATIENT)
    return found if _NUMBER.fullmatch(found) else b""


def _of_number(segment: Segment, number: str) -> Record:
    span = segment.span(_PATIENT)
    held = Field("fr.ipp", *span, number, Likelihood.LIKELY)
    return Record(*span, Likelihood.LIKELY, f"ipp|{number}", (held,))


DETECTOR = detector("health.hpk", "message HPK, un patient", records)
