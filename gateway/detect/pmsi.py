"""Files of hospital stays (PMSI) that tell who: birth date, numbers, diagnoses, acts.

    VID-HOSP           the link between a stay and the insured person's number
    RSF-ACE            invoices of consultations, with that number
    RSS, RUM           short stays, grouped or not       RHS    rehabilitation
    RPS, RAA           psychiatry                        RPU    emergencies, in XML (OSCOUR)

Two lines of one layout, or one with a right social-security number, are VERY_LIKELY; a single line
is LIKELY. The value is the stay or that number, so that the count is that of stays or persons.
Files in which persons have no birth date are health.pmsi.pseudonymous.
Not here: lines that a mail program has wrapped before their birth date.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise

from gateway.detect.coded import NIR, Field, Record, day, detector, holds, laid_out
from gateway.detect.fold import Folded
from gateway.detect.pmsi_layouts import (
    BORN,
    DAY,
    FINESS,
    INSURED,
    SITE,
    STAY,
    any_of,
    layout,
    records,
)
from gateway.model import Likelihood

_LAYOUTS = (
    layout(
        "VID-HOSP", INSURED, rb"[0-9A-Z ]{4}", BORN, rb"[0-3 ]", STAY, rb"V0[0-9]{2}", FINESS,
        establishment=3, stay=2, born=1, insured=0,
    ),
    layout(
        "RSF-ACE", b"A", FINESS, SITE, rb"[0-3 ]{2}", b"(", INSURED, b")", any_of(39), BORN,
        site=2, stay=3, born=4, insured=21,
    ),
    layout(
        "RSF-ACE", b"[BCHLMP]", FINESS, SITE, b"(", NIR, b")",
        site=2, stay=3, born=0, insured=19,
    ),
    layout(
        "RSS", FINESS, rb"[01][0-9]{2}", any_of(20), STAY, any_of(10), BORN, b"[123]", any_of(6),
        DAY,
    ),
    layout(
        "RSS", rb"[0-9]{4}[A-Z][0-9]{2}[0-9A-Z][ 0-9A-Z]1[0-9]{2}[0-9]{3}", FINESS, rb"0[0-9]{2}",
        any_of(20), STAY, any_of(10), BORN, b"[123]",
    ),
    layout(
        "RHS", rb"(?: {10}M1[0-9A-Z])?", FINESS, rb"M[01][0-9A-Z][0-9 ]{7}", STAY,
        rb"[^\n]{10,14}", DAY, DAY, BORN, b"[12]",
    ),
    layout(
        "RPS", FINESS, SITE, rb"[0-9A-Z]{3}", STAY, BORN, rb"[0-3][0-9AB]{5}",
        site=2, stay=3, born=4,
    ),
)  # fmt: skip

# One passage of an emergency department, in XML.
_PATIENT = re.compile(rb"<PATIENT>")
_LONGEST = 16 * 1024  # bytes of one passage
_BORN = re.compile(rb"<NAISSANCE>\s{0,20}([0-3][0-9])/([01][0-9])/([0-9]{4})\s{0,20}<")
_CAME = re.compile(rb"<ENTREE>\s{0,20}([^<]{1,40})<")


def _in_lines(folded: Folded) -> Iterator[Record]:
    return records(folded, _LAYOUTS, Likelihood.LIKELY)


def _emergencies(folded: Folded) -> Iterator[Record]:
    if not holds(folded, b"<", b"<NAISSANCE>"):
        return
    text = laid_out(folded)
    begins = [found.end() for found in _PATIENT.finditer(text)]
    for begin, following in pairwise([*begins, len(text)]):
        end = min(following, begin + _LONGEST)
        born, came = _BORN.search(text, begin, end), _CAME.search(text, begin, end)
        if born and came and (birth := day(b"".join(born.groups()))):
            value = f"RPU|{birth}|{came[1].decode('latin-1').strip()}"
            field = Field("birth", *born.span(), birth, Likelihood.LIKELY)
            yield Record(*born.span(), Likelihood.VERY_LIKELY, value, (field,))


DETECTOR = detector("health.pmsi", "fichier PMSI, un séjour", _in_lines, _emergencies)
