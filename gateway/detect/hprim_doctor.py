"""H'PRIM Médecin (1 and 2): the twelve lines at the head of each letter, and the marks at its end.

     1 code of the patient     5 address             9 number of the file
     2 NAME                    6 postcode and town  10 date of the file
     3 first name              7 date of birth      11 who sends
     4 address                 8 number and key     12 to whom

Lines may be empty, and years have two digits or four. Two of these tell it: the number, the mark
"****FIN****" or a result below, a postcode on the sixth line. What a file without its beginning
still has, a mark and a result, is LIKELY.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from gateway.detect.coded import Field, Record, day, holds, insured, laid_out, patient, shapes
from gateway.detect.fold import Folded
from gateway.detect.nir_number import runs
from gateway.detect.pattern import Found, linear
from gateway.model import Likelihood

_DATE = rb"[0-3][0-9][/.\-][01][0-9][/.\-][0-9]{2}(?:[0-9]{2})?"
_REST = rb" {0,40}\n{1,2}"  # a line end is one byte or, of CR LF, two
# Lines 7 to 10.
_HEAD = linear(
    rb"(?m)^ {0,4}(" + _DATE + b")" + _REST + rb"([^\n]{0,40}?)" + _REST + rb"[^\n]{0,60}\n{1,2}"
    rb" {0,4}" + _DATE + rb" {0,40}$"
)
_DATED = b"00/00/00"  # its beginning, among shapes
_END = linear(rb"(?m)^ {0,4}\*{4}(?:FIN|FINFICHIER|LAB)\*{4} {0,80}$")
_RESULT = linear(rb"(?m)^RES\|[^|\n]{1,80}\|[^|\n]{0,40}\|N\|[<> ]{0,3}[0-9][^|\n]{0,20}\|")
_ABOVE = 600  # bytes in which the six lines above the birth date stand
_NUMBER = re.compile(rb" {0,4}([0-9][0-9AB ]{12,14}) ?([0-9]{2})?\Z")
_POSTCODE = re.compile(rb" {0,4}[0-9]{5} {1,4}[A-Za-z]")
_LINE_ENDS = re.compile(rb"\n+")


class _Lines(NamedTuple):
    """What stands above a birth date. at: where the name begins."""

    at: int
    family: bytes
    given: bytes
    town: bytes


def records(folded: Folded) -> Iterator[Record]:
    may_end, may_tell = holds(folded, b"*", b"****"), holds(folded, b"|", b"RES|")
    if not (may_end or may_tell or runs(folded)):
        return
    text = laid_out(folded)
    heads = _HEAD.finditer(text) if _begins_with_date(shapes(folded)) else ()
    ended = bool(may_end and _END.search(text))
    result = _RESULT.search(text) if may_tell else None
    found = [_letter(text, head, ended or result is not None) for head in heads]
    letters = [one for one in found if one]
    yield from letters
    if result and ended and not letters:
        yield Record(*result.span(), Likelihood.LIKELY, "résultats sans leur début")


def _begins_with_date(shaped: bytes) -> bool:
    """Whether any line does, as nearly no text has one."""
    at = shaped.find(_DATED)
    while at >= 0:
        lead = shaped[max(0, at - 5) : at].rstrip(b" ")
        if lead.endswith(b"\n") or not lead:
            return True
        at = shaped.find(_DATED, at + len(_DATED))
    return False


def _letter(text: bytes, head: Found, marked: bool) -> Record | None:
    above = _above(text, head)
    number = _number(text, head)
    signs = marked + bool(number) + bool(_POSTCODE.match(above.town))
    if signs < 2:
        return None
    sure = Likelihood.VERY_LIKELY if marked else Likelihood.LIKELY
    born = _born(head.group(1))
    span = above.at, above.at + len(above.family)
    one = patient(span, sure, (above.family, above.given), born)
    if one is None:  # the beginning is lost
        one = Record(*head.span(), sure, f"sans nom|{born}")
    if not number:
        return one
    return one._replace(value=number.value, fields=(*one.fields, number))


def _above(text: bytes, head: Found) -> _Lines:
    """The second, third and sixth line; what is not there is empty."""
    start = head.start()
    begin = max(0, start - _ABOVE)
    ends = _LINE_ENDS.findall(text, begin, start)[-4:] + _LINE_ENDS.findall(text, start, head.end())
    end = b"\n\n" if all(len(one) % 2 == 0 for one in ends) else b"\n"
    lines = text[begin:start].split(end)[:-1]
    if len(lines) < 5:
        return _Lines(start, b"", b"", lines[-1] if lines else b"")
    at = start - sum(len(line) + len(end) for line in lines[-5:])
    return _Lines(at, lines[-5].strip(), lines[-4].strip(), lines[-1])


def _number(text: bytes, head: Found) -> Field | None:
    """With its key, which stands apart from it."""
    written = _NUMBER.match(head.group(2))
    if not written:
        return None
    digits = head.group(2).replace(b" ", b"")
    right = insured(digits, 0)
    return right._replace(start=head.start(2), end=head.end(2)) if right else None


def _born(written: bytes) -> str:
    digits = bytes(byte for byte in written if byte in b"0123456789")
    if len(digits) == 8:
        return day(digits)
    return f"{digits[4:].decode()}-{digits[2:4].decode()}-{digits[:2].decode()}"
