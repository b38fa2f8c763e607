"""Medical vocabulary: concepts, each with a weight, summed over what stands close together.

Words are matched whole in the lexicons (see lexicon.py); facts with a shape (posology, a result
with its unit, a coded diagnosis, "patiente de 54 ans") by patterns. A match is POSSIBLE, LIKELY
from a sum of 3, VERY_LIKELY from 6: the weights of the distinct concepts within 300 characters.
So one care word is nothing, a drug or a diagnosis is something, and HIV says it alone.

It never says that a *person* is ill: a newsletter has every word of it. Rules must ask for a
person near. Negations and family history count too ("pas de diabète" is health data).
The value is the concept; only its family is ever shown ("diagnostic").
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.lexicon import Concept, spaced, terms
from gateway.detect.pattern import linear, watched
from gateway.model import Likelihood, Match

WINDOW = 300  # characters: a short paragraph, what one reads as one statement
_LIKELY, _VERY_LIKELY = 3, 6  # sums of weights of distinct concepts

_DOSE = rb"(?:mg|g|ml|ug|mcg|ui|cp|cps|comprimes?|gelules?|sachets?|gouttes?|ampoules?|bouffees?)"
_OFTEN = (
    rb"(?:le )?(?:matin|midi|soir|coucher|par jour|/ ?j(?:our)?|x ?[1-6] ?/ ?j|fois par jour"
    rb"|toutes les [0-9]{1,2} ?h)"
)
_UNITS = (
    rb"(?:g/l|g/dl|mg/l|mg/dl|ug/l|ng/ml|pg/ml|mmol/l|umol/l|nmol/l|pmol/l|ui/l|mui/l|giga/l|/mm3"
    rb"|ml/min|fl|pg)"
)
_ANALYTES = (
    rb"(?:hemoglobine|hematocrite|leucocytes|plaquettes|crp|tsh|glycemie|creatinine"
    rb"|clairance|dfg|uree|kaliemie|natremie|ferritine|cholesterol|hdl|ldl"
    rb"|triglycerides|asat|alat|ggt|gamma gt|bilirubine|psa|bhcg|hcg|d-dimeres|bnp"
    rb"|troponine|albuminemie|calcemie|vitamine d|cd4|charge virale|lymphocytes|fibrinogene"
    rb"|acide urique)"
)
_PATTERNS = {
    Concept("fait:posologie", 3): (
        rb"(?:^|[^a-z0-9])[0-9]{1,4}(?:[.,][0-9]+)? ?"
        + _DOSE
        + rb" .{0,20}?"
        + _OFTEN
        + rb"(?:[^a-z]|$)"
        rb"|(?:^|[^a-z])" + _DOSE + rb"[^a-z0-9]{1,4}[0-3]-[0-3]-[0-3](?:-[0-3])?(?:[^0-9\-]|$)"
    ),
    Concept("fait:résultat", 5): (
        rb"(?:^|[^a-z0-9])"
        + _ANALYTES
        + rb"[^0-9]{1,24}[0-9]{1,6}(?:[.,][0-9]+)? ?"
        + _UNITS
        + rb"|(?:hba1c|hematocrite|hemoglobine glyquee)[^0-9]{1,16}[0-9]{1,2}(?:[.,][0-9]+)? ?%"
    ),
    Concept("fait:code", 3): (
        rb"(?:^|[^a-z])(?:cim|cim-?10|dp|das|dr|diagnostics?)[^a-z0-9]{1,6}[a-t][0-9]{2}\.[0-9]"
    ),
    Concept("fait:âge", 3): (
        rb"(?:^|[^a-z])(?:patiente?|malade|homme|femme|enfant|nourrisson)"
        rb" (?:de|age de|agee de) [0-9]{1,3} (?:ans|mois)(?:[^a-z]|$)"
    ),
    Concept("fait:groupe sanguin", 3): (
        rb"(?:groupe sanguin|groupe|gs|abo|rhesus|rai)[ :]{1,3}(?:a|b|ab|o) ?"
        rb"(?:rh ?(?:\(?d\)?)? ?)?(?:\+|-|pos|neg)"
    ),
}
_SHAPES = {concept: linear(pattern) for concept, pattern in _PATTERNS.items()}
_ANY_SHAPE = watched(b"|".join(_PATTERNS.values()))


class _Spot(NamedTuple):
    start: int
    end: int
    concept: Concept


class _Automaton(NamedTuple):
    """matcher: terms led by a space, so that few begin within a word. concepts: in their order."""

    matcher: BytesAhoCorasick
    concepts: list[Concept]


@lru_cache(maxsize=1)
def _automaton() -> _Automaton:
    known = sorted(terms().items())
    matcher = BytesAhoCorasick(
        [b" " + term for term, _ in known],
        MatchKind.LeftmostLongest,
        Implementation.ContiguousNFA,
    )
    return _Automaton(matcher, [concept for _, concept in known])


def find(folded: Folded) -> Iterator[Match]:
    spots = sorted([*_terms(folded), *_shapes(folded)])
    for spot, total in zip(spots, _sums(spots), strict=True):
        if total >= _VERY_LIKELY:
            sure = Likelihood.VERY_LIKELY
        else:
            sure = Likelihood.LIKELY if total >= _LIKELY else Likelihood.POSSIBLE
        yield Match(spot.start, spot.end, sure, spot.concept.name)


def _terms(folded: Folded) -> Iterator[_Spot]:
    matcher, concepts = _automaton()
    text = b" " + spaced(folded.data) + b" "
    blank = ord(" ")
    for which, start, end in matcher.find_matches_as_indexes(text):
        if text[end] == blank:  # positions in `text` are one more than in the data
            yield _Spot(start, end - 1, concepts[which])


def _shapes(folded: Folded) -> Iterator[_Spot]:
    """All shapes are searched for at once; which of them it is, is asked of the few bytes found."""
    if folded.lacks(_ANY_SHAPE):
        return
    for found in _ANY_SHAPE.finditer(folded.data):
        start, end = found.span()
        for concept, pattern in _SHAPES.items():
            if pattern.search(folded.data[start:end]):
                yield _Spot(start, end, concept)


def _sums(spots: list[_Spot]) -> Iterator[int]:
    """For each spot, the weights of the distinct concepts within the window around it."""
    inside: Counter[Concept] = Counter()
    total = first = last = 0
    for spot in spots:
        while last < len(spots) and spots[last].start <= spot.end + WINDOW:
            concept = spots[last].concept
            total += 0 if inside[concept] else concept.weight
            inside[concept] += 1
            last += 1
        while spots[first].end < spot.start - WINDOW:
            concept = spots[first].concept
            inside[concept] -= 1
            total -= 0 if inside[concept] else concept.weight
            first += 1
        yield total


def mask(value: str) -> str:
    """The family alone: which illness it is, is nobody's business here."""
    family = value.partition(":")[0]
    return {"cim": "diagnostic", "atc": "médicament", "substance": "médicament"}.get(family, family)


DETECTOR = Detector(kind="health.terms", find=find, mask=mask, prepare=_automaton)
