"""Postal addresses in France: a number and a kind of way, then a postcode and a town.

POSSIBLE, since letterheads have one; LIKELY behind "adresse", "demeurant" or "domicile" where
nothing says business (BP, CS, CEDEX, SIRET). Not here: addresses without a number in a way, save
"lieu-dit", and those of other countries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import context
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.heads import beginning, spans
from gateway.model import Likelihood, Match

_WAYS = (
    rb"rue|avenue|av|boulevard|bd|bld|chemin|che|impasse|imp|allees?|place|pl|route|rte|quai|cours"
    rb"|square|residence|lotissement|hameau|passage|sente|sentier|venelle|ruelle|faubourg|montee"
    rb"|villa|cite|esplanade|promenade|voie|lieu[ \-]dit"
)
_START = beginning(
    rb"(?:[0-9]{1,4}(?: ?(?:bis|ter|quater)| ?[a-d])?,? (?:%s)[ .]|lieu[ \-]dit )" % _WAYS
)
_TOWN = re.compile(
    rb"[^@]{2,70}?(?<![0-9])((?:0[1-9]|[1-8][0-9]|9[0-5]|97[1-8]|98[46-8])[0-9]{2,3})"
    rb"[ ,\-]{1,3}([a-z][a-z'\-]+(?: [a-z'\-]{3,}){0,3})"
)
_LABEL = context.words(
    "adresse", "domicile", r"domicilie(?:e|s|es)?", "demeurant", "habitant", "habite", "reside",
)  # fmt: skip
_BUSINESS = context.words("cedex", "bp", "cs", "siret", "siege", "tsa")


def find(folded: Folded) -> Iterator[Match]:
    data = folded.data
    free = 0
    for start, end in spans(folded, _START):
        town = _TOWN.match(data, end, end + 110)
        if start < free or not town or len(town[1]) != 5:
            continue
        free = stop = town.end(2)
        home = context.announced(folded, start, _LABEL) and not _BUSINESS.search(
            data, start, stop + 20
        )
        likelihood = Likelihood.LIKELY if home else Likelihood.POSSIBLE
        value = data[start : town.end(1)].replace(b",", b"").decode("latin-1")
        yield Match(start, stop, likelihood, value)


def mask(value: str) -> str:
    """The department."""
    return f"*** {value[-5:-3]}***"


DETECTOR = Detector(kind="address", find=find, mask=mask)
