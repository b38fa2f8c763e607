"""Social-security numbers that a spreadsheet rounded: "2,79035E+14" in what it saved as text.

Six digits are left of fifteen: still sex, year and month of birth and department, and the file that
has the rest most likely exists. One is chance; LIKELY behind a label, or where at least four of
five such numbers in the text, three at least, have a month in the right place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import beginning, spans
from gateway.model import Likelihood, Match

_START = beginning(rb"[1-478][.,][0-9]{2,5}e\+?1[24]", whole=True)
_DATED = re.compile(rb"[1-478][.,](?:[0-9]{2}(?:0[1-9]|1[0-2]|20)[0-9]?|[0-9]{2}(?:[01]?)e)")
_FEWEST = 3
_SHARE = 0.8


def find(folded: Folded) -> Iterator[Match]:
    places = spans(folded, _START)
    dated = [place for place in places if _DATED.match(folded.data, *place)]
    column = len(dated) >= _FEWEST and len(dated) >= _SHARE * len(places)
    for start, end in dated:
        sure = column or context.announced(folded, start)
        likelihood = Likelihood.LIKELY if sure else Likelihood.POSSIBLE
        value = folded.data[start:end].replace(b",", b".").decode().upper()
        yield Match(start, end, likelihood, value)


def mask(value: str) -> str:
    return f"{value[:1]},{value[2:4]}***E+1*"


DETECTOR = Detector(kind="fr.nir.rounded", find=find, mask=mask)
