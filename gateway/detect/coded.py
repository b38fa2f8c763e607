"""Records of formats that programs write: told by their columns or segments, not by words.

A reader of a format gets the text as it was laid out and yields its records, each with what its
fields hold: a name, a number that is glued to others. From them a detector is made that finds the
format and, besides, those things under their own kinds, so that rules on persons and on numbers
see them as they do in any text.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from typing import NamedTuple

from gateway.detect.detector import Detector
from gateway.detect.fold import SYMBOL, Folded
from gateway.detect.nir_number import is_right, runs
from gateway.detect.pattern import Found, Pattern
from gateway.model import Likelihood, Match

NIR = rb"[1-8][0-9]{4}(?:[0-9]{2}|2[AB])[0-9]{8}"  # the shape alone; `insured` checks the rest
MARGIN = rb"(?m)^[> \t]{0,8}"  # of a line that is quoted or indented, or in a row's first cell
_SMALL = bytes(range(256)).lower()
# Short texts are searched as one, with signs between them.
_LAID_OUT = bytes.maketrans(bytes((SYMBOL,)), b"\n")
# Every digit 0, every mark between those of a date /: what has a shape is found by a search for it.
_SHAPES = bytes.maketrans(b"123456789.-", b"0" * 9 + b"//")
_FIGURED = b"0000000"
_LONGEST_NAME = 60  # bytes of each part: names are people's
_OLDEST, _LATEST = 1890, 2100  # years
_EMPTY_FORM = re.compile(
    r"(?:nom|prenom|name|lastname|firstname|family|given|last|first|patient|usuel|naissance|x+| )+"
)


class Field(NamedTuple):
    """Something of another kind in a record. start, end: in the laid-out text."""

    kind: str
    start: int
    end: int
    value: str
    sure: Likelihood = Likelihood.VERY_LIKELY


class Record(NamedTuple):
    """start, end: in the laid-out text. value: what makes two records those of one person."""

    start: int
    end: int
    sure: Likelihood
    value: str
    fields: tuple[Field, ...] = ()


Reader = Callable[[Folded], Iterable[Record]]


def laid_out(folded: Folded) -> bytes:
    """The text with its columns and line ends; CR LF are two of these."""
    known = folded.shared.get("laid out")
    if not isinstance(known, bytes):
        known = folded.shared["laid out"] = folded.raw.translate(_LAID_OUT)
    return known


def figured(folded: Folded) -> list[tuple[int, int]]:
    """Where in the laid-out text lines stand that hold seven digits in a row, those next to each
    other as one; nowhere if no thirteen stand together. Found once a text, so that formats whose
    records hold such numbers cost nothing where there are none."""
    known = folded.shared.get("figured")
    if not isinstance(known, list):
        known = folded.shared["figured"] = _lines(shapes(folded)) if runs(folded) else []
    return known


def shapes(folded: Folded) -> bytes:
    """The laid-out text as its shapes: of 14/09/1985, 00/00/0000."""
    known = folded.shared.get("shapes")
    if not isinstance(known, bytes):
        known = folded.shared["shapes"] = laid_out(folded).translate(_SHAPES)
    return known


def _lines(shaped: bytes) -> list[tuple[int, int]]:
    lines: list[tuple[int, int]] = []
    end, at = 0, shaped.find(_FIGURED)
    while at >= 0:
        begin = max(end, shaped.rfind(b"\n", end, at) + 1)
        end = shaped.find(b"\n", at) + 1 or len(shaped)
        if lines and lines[-1][1] == begin:
            begin, _ = lines.pop()
        lines.append((begin, end))
        at = shaped.find(_FIGURED, end)
    return lines


def in_figured(folded: Folded, pattern: Pattern) -> Iterator[Found]:
    """Where it is found. pattern: of one line that holds seven digits in a row."""
    if not pattern.search(_only_figured(folded)):
        return
    text = laid_out(folded)
    for begin, end in figured(folded):
        yield from pattern.finditer(text, begin, end)


def _only_figured(folded: Folded) -> bytes:
    """These lines alone, in which one search tells that a format is not there, as nearly always."""
    known = folded.shared.get("only figured")
    if not isinstance(known, bytes):
        text = laid_out(folded)
        known = b"".join([text[begin:end] for begin, end in figured(folded)])
        folded.shared["only figured"] = known
    return known


def holds(folded: Folded, sign: bytes, mark: bytes) -> bool:
    """Whether it has the mark of a format. sign: a byte of it that few texts have, looked for first
    since that takes no time."""
    return sign in folded.raw and mark in folded.raw


def detector(kind: str, said: str, *readers: Reader) -> Detector:
    """said: what is shown of any record, since all of it is about somebody."""

    def records(folded: Folded) -> list[Record]:
        known = folded.shared.get(kind)
        if not isinstance(known, list):
            known = folded.shared[kind] = [one for read in readers for one in read(folded)]
        return known

    def find(folded: Folded) -> Iterator[Match]:
        for one in records(folded):
            yield Match(folded.at(one.start), folded.at(one.end), one.sure, one.value)

    def besides(folded: Folded) -> Iterator[tuple[str, Match]]:
        for one in records(folded):
            for field in one.fields:
                start, end = folded.at(field.start), folded.at(field.end)
                yield field.kind, Match(start, end, field.sure, field.value)

    return Detector(kind=kind, find=find, mask=lambda value: said, besides=besides)


def insured(text: bytes, start: int) -> Field | None:
    """The social-security number with its key that stands here, whatever stands around it."""
    digits = text[start : start + 15].lower()
    if len(digits) < 15 or not is_right(digits):
        return None
    kind = "fr.nir" if digits[:1] in b"12" else "fr.nia"
    return Field(kind, start, start + 15, digits.decode().upper())


def person(start: int, end: int, *parts: bytes) -> Field | None:
    """The person of whom these are the names, as gateway/detect/person.py spells them."""
    words = b" ".join(part[:_LONGEST_NAME] for part in parts).translate(_SMALL, b"\0").split()
    if not any(len(word) > 1 and word[:1].isalpha() for word in words):
        return None
    return Field("person", start, end, b" ".join(sorted(words)).decode("latin-1"))


def patient(
    span: tuple[int, int], sure: Likelihood, names: Sequence[bytes], born: str, number: bytes = b""
) -> Record | None:
    """A record about somebody: named, and told from namesakes by a birth date or a number.

    span: of the name, as good a place as any. born: as `day` gives it. A form to be filled in has
    the words "NOM^PRENOM", or no date and no number.
    """
    who = person(*span, *names)
    if not who or not (born or number) or _EMPTY_FORM.fullmatch(who.value):
        return None
    who = who._replace(sure=sure)
    value = f"{who.value}|{born or number.decode('latin-1')}"
    fields = (who, Field("birth", *span, born, min(sure, Likelihood.LIKELY))) if born else (who,)
    return Record(*span, sure, value, fields)


def day(digits: bytes, order: str = "dmy") -> str:
    """ "1985-09-14" for eight digits in this order that are a day of the lives of those who live
    or have just died; else ""."""
    if len(digits) != 8 or not digits.isdigit():
        return ""
    parts = dict(zip("ymd", (digits[:4], digits[4:6], digits[6:]), strict=True))
    if order == "dmy":
        parts = dict(zip("dmy", (digits[:2], digits[2:4], digits[4:]), strict=True))
    if not _OLDEST <= int(parts["y"]) < _LATEST:
        return ""
    try:
        return date(int(parts["y"]), int(parts["m"]), int(parts["d"])).isoformat()
    except ValueError:
        return ""
