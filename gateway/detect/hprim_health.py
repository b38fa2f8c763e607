"""H'PRIM santé 2: the patient is in the segment P, which follows the head H.

    H|~^\\&|TEST.HPR||LABO||ORU|||HPRIM||P|H2.1~C|202404121030
    P|1|398|B1042||MARTIN-TEST~Zoé||19850914|F||1 RUE FICTIVE~~LE HAVRE~~76600

Without its head (the beginning of a file is lost) the segment still has a name and a birth date.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.coded import Record, day, holds, laid_out, patient
from gateway.detect.fold import Folded
from gateway.detect.segments import beginning, segments
from gateway.model import Likelihood

_HEAD = rb"H|~^\&|"
_OTHERS = beginning(rb"H\|~\^\\&", rb"OBR", rb"OBX", rb"A", rb"C", rb"L")


def records(folded: Folded) -> Iterator[Record]:
    text = laid_out(folded) if holds(folded, b"|", b"P|") else b""
    if not (_HEAD in text or _OTHERS.search(text)):
        return
    sure = Likelihood.VERY_LIKELY if _HEAD in text else Likelihood.LIKELY
    for segment in segments(text, b"P|"):
        names = segment.field(5).split(b"~")[:2]
        if len(segment.fields) <= 7 or len(names) < 2:
            continue
        born = day(segment.field(7)[:8], "ymd")
        number = b"" if sure is Likelihood.LIKELY else segment.field(2)
        if one := patient(segment.span(5), sure, names, born, number):
            yield one
