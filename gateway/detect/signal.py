"""Signals of the body (ECG, EEG, volumes) and what watches, telephones and sensors record.

The header of a file says whose it is (gateway/extract/signal.py). The exports of glucose sensors
and scales are tables, known by the labels of their columns, whatever separates them: LIKELY, since
such a file is always somebody's. A run recorded by a watch names nobody: POSSIBLE.
Not here: counts of steps and calories, which say little of anybody's health.
Source: exports of LibreView, Dexcom Clarity, Withings and Fitbit; EDF+; EN 1064; RGPD, article 9.
"""

from __future__ import annotations

from collections.abc import Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.marked import lines, mask
from gateway.detect.pattern import watched
from gateway.model import Likelihood, Match

_COLUMNS = watched(
    rb"(?:historic|scan|strip) glucose (?:mg/dl|mmol/l)"
    rb"|(?:historique|numerisation|scan) de (?:la )?glycemie (?:mg/dl|mmol/l)"
    rb"|glucose value \((?:mg/dl|mmol/l)\)|valeur du glucose \((?:mg/dl|mmol/l)\)"
    rb"|fat mass \(kg\)|masse grasse \(kg\)|date\W{1,3}weight\W{1,3}bmi\W{1,3}fat"
)
_EDGES = b'\t\n,;|"'  # of a column's label; in a sentence a blank stands before it


def find(folded: Folded) -> Iterator[Match]:
    found = list(lines(folded, b"signal"))
    if not folded.lacks(_COLUMNS):
        labels = (label.span() for label in _COLUMNS.finditer(folded.data))
        first = next((span for span in labels if _is_column(folded.cased, *span)), None)
        found += [Match(*first, Likelihood.LIKELY, "designe|")] if first else []
    return iter(sorted(found, key=lambda match: match.start))


def _is_column(written: bytes, start: int, end: int) -> bool:
    before, after = written[max(0, start - 1) : start], written[end : end + 1]
    return before in _EDGES and after in _EDGES


DETECTOR = Detector(kind="health.signal", find=find, mask=mask)
