"""Teletransmission in clear (norme B2): invoices of care, sent to the health insurance.

Records of 128 characters, one a line or all in one piece, from 000 to 999; the one of type 2 has
the insured person's number and key in columns 12 to 26. One of them with a right key in a record
of the right length is VERY_LIKELY, whatever its file is called and whether its head is there. A
line that was cut or wrapped on the way is LIKELY; a head with nobody below is POSSIBLE: public
nomenclatures have the same. Flows of SESAM-Vitale (FSE, DRE, RSP) are this norm once opened.
The value is the number, so that the count is that of persons.
Not here: the act and its amounts; files in EBCDIC.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from gateway.detect.coded import MARGIN, Record, detector, figured, in_figured, insured, laid_out
from gateway.detect.entity import HEAD, INSURED, INSURED_AT, RECORD, may_hold_any
from gateway.detect.fold import Folded
from gateway.detect.pattern import linear
from gateway.model import Likelihood

_LINE = linear(MARGIN + b"(" + INSURED + rb"[^\n]*)")
_GLUED = re.compile(rb"(?=" + INSURED + rb")")  # no choice in it: each place costs a few bytes

_END_OF_LOT = re.compile(rb"(?:000|999)[A-Z]{2}[0-9]")  # either end, and the kind of who sends


def records(folded: Folded) -> Iterator[Record]:
    if not may_hold_any(folded):
        return
    text = laid_out(folded)
    head = next(in_figured(folded, HEAD), None)
    found = [*_in_lines(folded, text), *_in_one_piece(folded, text)]
    for one in found:
        certain = head or len(found) > 1
        yield one._replace(sure=Likelihood.VERY_LIKELY) if certain else one
    if head and not found:
        yield Record(*head.span(), Likelihood.POSSIBLE, "lot")


def _in_lines(folded: Folded, text: bytes) -> list[Record]:
    shaped = [line.span(1) for line in in_figured(folded, _LINE)]
    found = []
    for start, end in shaped:
        if end - start < 2 * RECORD and (one := _record(text, start, min(end, start + RECORD))):
            whole = end - start == RECORD
            found.append(one if whole else one._replace(sure=Likelihood.LIKELY))
    return found if _enough(found, shaped) else []


def _in_one_piece(folded: Folded, text: bytes) -> Iterator[Record]:
    for at, end in figured(folded):
        for line in text[at:end].split(b"\n"):
            if len(line) >= 2 * RECORD:
                yield from _glued(text, at, at + len(line))
            at += len(line) + 1


def _glued(text: bytes, begin: int, end: int) -> Iterator[Record]:
    """Where records begin is told by those of type 2, which stand a multiple of 128 apart."""
    shaped: dict[int, list[int]] = defaultdict(list)
    for shape in _GLUED.finditer(text, begin, end):
        shaped[shape.start() % RECORD].append(shape.start())
    for starts in shaped.values():
        several = [one for at in starts if (one := _record(text, at, min(at + RECORD, end)))]
        if not _enough(several, starts):
            continue
        if len(several) > 1 or _is_within_a_lot(text, several[0].start, begin, end):
            yield from several


def _enough(right: Sequence[Record], shaped: Sequence[object]) -> bool:
    """In a file of figures one in seven hundred is right by chance; in this norm nearly all are."""
    return bool(right) and len(right) * 2 >= len(shaped)


def _is_within_a_lot(text: bytes, at: int, begin: int, end: int) -> bool:
    """Records before and behind it lead to the first or to the last of a lot."""
    first = begin + (at - begin) % RECORD
    last = at + (end - 1 - at) // RECORD * RECORD
    return bool(_END_OF_LOT.match(text, first) or _END_OF_LOT.match(text, last))


def _record(text: bytes, start: int, end: int) -> Record | None:
    number = insured(text, start + INSURED_AT)
    if not number:
        return None
    return Record(start, end, Likelihood.VERY_LIKELY, number.value, (number,))


DETECTOR = detector("health.b2", "télétransmission (B2), un assuré", records)
