"""French telephone numbers, with their ten digits or from abroad, the overseas ones among them.

Always POSSIBLE: signatures are full of them. Rules ask for one near a person, and contact.bulk
counts those of a list. 08 numbers are services and left alone.
Source: the national numbering plan (Arcep). Not here: numbers of other countries, extensions.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.figures import figures
from gateway.detect.fold import Folded
from gateway.detect.heads import beginning, spans
from gateway.model import Likelihood, Match

_NUMBER = beginning(
    rb"(?:(?:(?:\+|00) ?33[ .\-]?(?:\(0\)[ .\-]?)?|0)[1-79](?:[ .\-/]{0,2}[0-9]{2}){4}"
    rb"|(?:\+|00) ?(?:262|590|594|596)[ .\-]?[1-9][0-9]{2}(?:[ .\-]?[0-9]{2}){3})",
    whole=True,
)
_MARKS = b" .-/()+"
_FOREIGN = ("262", "590", "594", "596")


def find(folded: Folded) -> Iterator[Match]:
    data = figures(folded)
    for start, end in numbers(folded):
        yield Match(start, end, Likelihood.POSSIBLE, value(data[start:end]))


def numbers(folded: Folded) -> Iterator[tuple[int, int]]:
    for start, end in spans(folded, _NUMBER):
        if not folded.data[end : end + 1].isalnum():
            yield start, end


def value(written: bytes) -> str:
    """Ten digits, whatever the prefix: "0639980000"."""
    digits = written.translate(None, _MARKS).decode()
    if digits.startswith("0033") and len(digits) > 10:
        digits = digits[2:]
    if digits.startswith("33") and len(digits) > 10:
        return "0" + digits[2:].removeprefix("0")
    digits = digits.removeprefix("00")
    return "0" + digits[3:] if len(digits) > 10 and digits.startswith(_FOREIGN) else digits


def mask(value: str) -> str:
    return f"{value[:2]} ** ** ** **"


DETECTOR = Detector(kind="phone", find=find, mask=mask)
