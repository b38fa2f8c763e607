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

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache
from itertools import compress
from operator import itemgetter
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.lexicon import Concept, cues, documents, spaced, terms
from gateway.detect.pattern import linear, watched
from gateway.model import Likelihood, Match

WINDOW = 300  # characters: a short paragraph, what one reads as one statement
APART = b"\x7f" * 16  # between the fields of a mail that are searched as one text
_LONGEST_WORD = 40  # bytes: no term has a longer one
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
    # Last: "CRP 86 mg/L" is a result, and only without its unit a measure.
    Concept("fait:mesure", 3): (
        rb"(?:^|[^a-z0-9])(?:ta|pa|tension) ?(?:a|:|=)? ?[0-9]{1,3} ?/ ?[0-9]{1,3}"
        rb"|(?:^|[^a-z0-9])(?:sat|spo2|sao2|saturation) ?(?:a|:|=|en aa)? ?[0-9]{2} ?%"
        rb"|(?:^|[^a-z0-9])(?:t\xb0|temp|temperature|fievre|febrile)(?: est)? ?(?:a|de|:|=)? ?"
        rb"(?:3[5-9]|4[0-2])(?:[.,][0-9])?"
        rb"|(?:^|[^a-z0-9])(?:imc|bmi|inr|mms|mmse|glasgow|apgar|eva|hba1c|psa|tsh|crp|fevg|ldl"
        rb"|hdl|iah|gly|dextro|potassium|kaliemie|natremie|hb|hemoglobine|plaquettes|creat"
        rb"|creatinine|clairance|dfg|ferritine|bili|bilirubine|lipase|tropo(?:nine)?|d-?dimeres|bnp"
        rb"|lactates|amh|meld|vems|glycemie|leucocytes|asat|alat|ggt|cpk|b?hcg|vgm|qit?)"
        rb" ?(?:a|est a|de|:|=|residuel|encore a|est|passe a|monte a"
        rb"|(?:est )?(?:revenue?|montee?|passee?|remontee?|descendue?|controlee?|dosee?) a)?"
        rb" ?[0-9]{1,6}(?:[.,][0-9])?"
        # "OD -6.25 (-1.50 à 170°)", "36 : couronne"
        rb"|(?:^|[^a-z0-9])(?:od|og|odg|vod|vog) ?:? ?[+-] ?[0-9]{1,2}[.,][0-9]{2}"
        rb"|(?:^|[^a-z0-9])(?:dents? )?[1-4][1-8] ?: ?(?:couronne|extraction|avulsion|implant"
        rb"|composite|inlay|onlay|bridge|carie|devitalis|depos)"
        rb"|(?:^|[^0-9])[1-4][0-9] ?sa(?: ?\+ ?[0-6])?[^a-z]|g[1-9]p[0-9]"
        rb"|(?:^|[^a-z0-9])(?:c[1-7]|d[0-9]{1,2}|l[1-5])[ -]?(?:l[1-5]|s1|c[1-7]|d[0-9]{1,2})"
        rb"[^a-z0-9]"
        rb"|(?:^|[^a-z])taux (?:de|a|:) ?[0-9]{1,6}"
        rb"|(?:^|[^a-z])pese [0-9]{2,3} ?(?:kg|kilos)"
    ),
    Concept("fait:acte", 3): (
        rb"(?:^|[^a-z])(?:ccam|acte|actes|code|cotation)[^a-z0-9]{1,4}[a-z]{4}[0-9]{3}(?:[^0-9]|$)"
    ),
}
_SHAPES = {concept: linear(pattern) for concept, pattern in _PATTERNS.items()}
_ANY_SHAPE = watched(b"|".join(_PATTERNS.values()))


_NO_TERMS = ("indice", "titre", "champ")  # found on the way, for the other detectors of health


_BLANK = ord(" ")


class Spot(NamedTuple):
    start: int
    end: int
    concept: Concept


class _Automaton(NamedTuple):
    """matcher: terms led by a space, so that few begin within a word. groups: what terms stand for,
    each once, since ten terms share one. numbers: of its group, by term and in the order of the
    terms. several: whether a term has several words."""

    matcher: BytesAhoCorasick
    groups: list[tuple[Concept, ...]]
    numbers: dict[bytes, int]
    ordered: list[int]
    several: list[bool]


class _Hits(NamedTuple):
    """What was found in a text. terms: number, beginning and end of each in the spaced text, and
    their numbers alone. others: facts, and what is left of terms of several words that ended
    within one."""

    terms: list[tuple[int, int, int]]
    numbers: list[int]
    others: list[Spot]


@lru_cache(maxsize=1)
def _automaton() -> _Automaton:
    """Of all that any detector of health looks for, so that the text is read once."""
    more: dict[bytes, tuple[Concept, ...]] = {}
    for term, what in (*cues(), *documents()):
        more[term] = (*more.get(term, ()), what)
    groups: dict[tuple[Concept, ...], int] = {}
    numbers: dict[bytes, int] = {}
    for term, what in terms().items():
        numbers[b" " + term] = groups.setdefault((what, *more.pop(term, ())), len(groups))
    for term, concepts in more.items():
        numbers[b" " + term] = groups.setdefault(concepts, len(groups))
    ordered = sorted(numbers)
    return _Automaton(
        BytesAhoCorasick(ordered, MatchKind.LeftmostLongest, Implementation.ContiguousNFA),
        list(groups),
        numbers,
        [numbers[term] for term in ordered],
        [b" " in term[1:] for term in ordered],
    )


def prepare() -> None:
    """What is loaded once, before the first mail."""
    _automaton()


def find(folded: Folded) -> Iterator[Match]:
    found = [spot for spot in said(folded) if _family(spot.concept.name) not in _NO_TERMS]
    for spot, total in zip(found, _sums(found), strict=True):
        if total >= _VERY_LIKELY:
            sure = Likelihood.VERY_LIKELY
        else:
            sure = Likelihood.LIKELY if total >= _LIKELY else Likelihood.POSSIBLE
        yield Match(spot.start, spot.end, sure, spot.concept.name)


def said(folded: Folded) -> list[Spot]:
    """All terms, facts, titles and fields, in order. Every text is full of cues, and these mean
    something beside one of them only: see `within` and `starting`."""
    known = folded.shared.get("health said")
    if not isinstance(known, list):
        hits = _hits(folded)
        known = [*_spots(_chosen(hits, _says)), *hits.others]
        known = folded.shared["health said"] = sorted(s for s in known if _says(s.concept))
    found: list[Spot] = known
    return found


def within(folded: Folded, begin: int, end: int) -> list[Spot]:
    """All that begins from here to there, cues among it, in order."""
    hits = _hits(folded)
    first = bisect_left(hits.terms, begin, key=itemgetter(1))
    last = bisect_right(hits.terms, end, lo=first, key=itemgetter(1))
    whole = hits.terms[first:last]
    first = bisect_left(hits.others, begin, key=itemgetter(0))
    last = bisect_right(hits.others, end, key=itemgetter(0))
    return sorted([*_spots(whole), *hits.others[first:last]])


def starting(folded: Folded, wanted: Callable[[Concept], bool]) -> list[int]:
    """Where such things begin, in order."""
    hits = _hits(folded)
    found = [start for _, start, _ in _chosen(hits, wanted)]
    return sorted([*found, *(spot.start for spot in hits.others if wanted(spot.concept))])


def _chosen(hits: _Hits, wanted: Callable[[Concept], bool]) -> Iterable[tuple[int, int, int]]:
    return compress(hits.terms, map(_which(wanted).__getitem__, hits.numbers))


def _says(concept: Concept) -> bool:
    return not concept.name.startswith("indice:")


@lru_cache(maxsize=8)
def _which(wanted: Callable[[Concept], bool]) -> list[bool]:
    """By the number of the term."""
    machine = _automaton()
    of_group = [any(map(wanted, concepts)) for concepts in machine.groups]
    return [of_group[number] for number in machine.ordered]


def _spots(whole: Iterable[tuple[int, int, int]]) -> Iterator[Spot]:
    machine = _automaton()
    for which, start, end in whole:
        for concept in machine.groups[machine.ordered[which]]:
            yield Spot(start, end - 1, concept)


def _hits(folded: Folded) -> _Hits:
    """Positions in the spaced text are one more than in the data. Of what is found, nearly all are
    cues of one word that nobody asks for: it is looked at once here, where four passes over it
    took a tenth of the time of a letter."""
    known = folded.shared.get("health hits")
    if not isinstance(known, _Hits):
        text, machine = b" " + spaced(folded.data) + b" ", _automaton()
        found = machine.matcher.find_matches_as_indexes(text)
        whole = [hit for hit in found if text[hit[2]] == _BLANK]
        broken = [
            spot
            for which, start, end in found
            if text[end] != _BLANK and machine.several[which]
            for spot in _within_words(text, start, end, 0)
        ]
        others = sorted([*broken, *_shapes(folded)])
        known = folded.shared["health hits"] = _Hits(whole, [hit[0] for hit in whole], others)
    return known


def _whole(text: bytes, at: int) -> Iterator[Spot]:
    """Terms that end where a word ends. at: of the text, in what is searched."""
    machine = _automaton()
    for which, start, end in machine.matcher.find_matches_as_indexes(text):
        if text[end : end + 1] == b" ":
            for concept in machine.groups[machine.ordered[which]]:
                yield Spot(at + start, at + end - 1, concept)
        elif text.find(b" ", start + 1, end) > 0:
            yield from _within_words(text, start, end, at)


def _within_words(text: bytes, start: int, end: int, at: int) -> Iterator[Spot]:
    """The longest term broke off within a word ("hospitalisée en psy|chiatrie"): a shorter one may
    begin with it, and others in its further words."""
    machine = _automaton()
    stop = text.find(b" ", end, end + _LONGEST_WORD)
    first = cut = text.find(b" ", start + 1, end)
    while 0 < cut < end:
        if text[start:cut] in machine.numbers:
            break
        cut = text.find(b" ", cut + 1, end)
    else:
        cut = -1
    if cut > 0:
        for concept in machine.groups[machine.numbers[text[start:cut]]]:
            yield Spot(at + start, at + cut - 1, concept)
    begin = cut if cut > 0 else first
    yield from _whole(text[begin : (stop if stop > 0 else end) + 1], at + begin)


def _shapes(folded: Folded) -> Iterator[Spot]:
    """All shapes are searched for at once; which of them it is, is asked of the few bytes found."""
    if folded.lacks(_ANY_SHAPE):
        return
    for found in _ANY_SHAPE.finditer(folded.data):
        start, end = found.span()
        start += not folded.data[start : start + 1].isalnum()  # what stands before the shape
        for concept, pattern in _SHAPES.items():
            if pattern.search(folded.data[start:end]):
                yield Spot(start, end, concept)


def _sums(spots: list[Spot]) -> Iterator[int]:
    """For each spot, the weights of the distinct concepts within the window around it."""
    inside = dict.fromkeys([spot.concept for spot in spots], 0)
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
    family = _family(value)
    return {"cim": "diagnostic", "atc": "médicament", "substance": "médicament"}.get(family, family)


def _family(concept: str) -> str:
    return concept.partition(":")[0]


DETECTOR = Detector(kind="health.terms", find=find, mask=mask, prepare=prepare)
