"""The parts of a social-security number, each in a field of its own, as programs send them.

    {"sexe": 2, "annee": 79, "mois": 3, "dept": "51", "commune": 215, "ordre": 189, "cle": 89}
    Sexe : 2   Année : 79   Mois : 03   Département : 51   Commune : 215   Ordre : 189   Clé : 89

    2]79103/51|215/189/89           a scan of 2/79/03/51/215/189/89

They stand in the order of the number, around the one that nothing else is called, "ordre"; zeros
that were dropped are put back. In words read from a picture, a mark between them may have become
another, or a digit. Only with the right key. Parts in the cells of a table are joined by
gateway/detect/grid.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect import misread
from gateway.detect.figures import figures
from gateway.detect.fold import Folded
from gateway.detect.heads import label, spans
from gateway.detect.labels import SPLIT_SIZES
from gateway.detect.nir_number import is_right
from gateway.detect.pattern import linear

_ORDER = label(rb"(?:(?:n|no|num|numero)[ _]?)?ordre", heading=False)
_REACH = 240  # bytes in front of it: five fields and their names
_FIELD = rb"[^0-9]{1,40}"
_BEFORE = re.compile(
    rb"(?<![0-9])([1-8])%s([0-9]{1,2})%s([0-9]{1,2})%s([0-9]{1,2}|2[ab])%s([0-9]{1,3})[^0-9]{1,40}\Z"
    % ((_FIELD,) * 4)
)
_BEHIND = re.compile(rb"[^0-9]{1,12}([0-9]{1,3})%s([0-9]{1,2})(?![0-9])" % _FIELD)
_MARK = rb"[/1il|\[\]]"  # what a slash or a bar is read as
_SLASHED = linear(
    rb"(?:^|[^a-z0-9])([1-8])%s([0-9]{2})%s([0-9]{2})%s([0-9]{2}|2[ab])%s([0-9]{3})%s([0-9]{3})%s"
    rb"([0-9]{2})(?:[^a-z0-9]|$)" % ((_MARK,) * 6)
)


def numbers(folded: Folded) -> Iterator[tuple[int, int, str]]:
    """(start, end, fifteen characters) of each."""
    data = figures(folded)
    for start, end in spans(folded, _ORDER):
        behind = _BEHIND.match(data, end, end + _REACH)
        lead = max(0, start - _REACH)
        before = _BEFORE.search(data[lead:start]) if behind else None
        if not behind or not before:
            continue
        parts = before.groups() + behind.groups()
        digits = b"".join(part.zfill(size) for part, size in zip(parts, SPLIT_SIZES, strict=True))
        if is_right(digits):
            yield lead + before.start(1), behind.end(), digits.decode()
    if misread.noted(folded):
        for found in _SLASHED.finditer(data):
            digits = b"".join(found.groups())
            if is_right(digits):
                yield found.start(1), found.end(7), digits.decode()
