"""Papers of health and social security, known by their titles and by the labels of their fields.

    ordonnance  feuille de soins  hospitalisation  opératoire  imagerie  anatomopathologie  biologie
    arrêt de travail  protocole  handicap  carte vitale  attestation de droits  télétransmission
    remboursement  allocations  fiche

A family is a line or two of lexicons/documents.txt: titles, and fields. Three different hits of one
family within a page are LIKELY that paper; a title and three fields VERY_LIKELY; four results with
their units are a laboratory's report even without a title. A title alone is POSSIBLE: together with
a person it is judged by `health.person`. In a long word of a title one letter may be wrong
("télétransmition" is how the incident was written that this comes from).

Whose paper it is, it does not say: rules ask for a person near, and an empty form has none. Where
the words around are those of a course or of a tender, as many hits more are asked for.
The value is the family, and so is what is shown.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.health_terms import APART, Spot, count, prepare, said
from gateway.detect.lexicon import Concept
from gateway.model import Likelihood, Match

PAGE = 3000  # bytes within which the fields of one paper stand
_FIELDS = 3  # different ones of a family: two may be a coincidence
_RESULTS = 4  # lines with an analyte, a number and its unit
_LABORATORY = "biologie"
_RESULT = "fait:résultat"
_TRADE = 3  # weight of a cue that speaks of everybody: each asks for one hit more


def find(folded: Folded) -> Iterator[Match]:
    of_family: dict[str, list[Spot]] = defaultdict(list)
    for spot in said(folded):
        role, _, rest = spot.concept.name.partition(":")
        if role in ("titre", "champ"):
            of_family[rest.partition(":")[0]].append(spot)
        elif spot.concept.name == _RESULT:
            of_family[_LABORATORY].append(spot)
    if not of_family:
        return
    found = [match for family, hits in of_family.items() for match in _papers(folded, family, hits)]
    yield from sorted(found, key=lambda match: (match.start, match.end))


def _apart_from_titles(hits: list[Spot]) -> Iterator[Spot]:
    """Without fields that are words of a title: "carte vitale" says "vitale", and nothing more."""
    reach = 0
    for spot in sorted(hits, key=lambda spot: (spot.start, -spot.end, not _is_title(spot))):
        if _is_title(spot):
            reach = max(reach, spot.end)
        elif spot.end <= reach:
            continue
        yield spot


def _is_title(spot: Spot) -> bool:
    return spot.concept.name.startswith("titre")


def _is_of_trade(concept: Concept) -> bool:
    return concept.weight >= _TRADE and concept.name.startswith("indice:collectif")


def _papers(folded: Folded, family: str, hits: list[Spot]) -> Iterator[Match]:
    """A match for each title, and for each hit where there are enough of them in a page."""
    for page in _pages(folded.data, _apart_from_titles(hits)):
        different = {spot.concept.name for spot in page if spot.concept.name != _RESULT}
        results = len({spot.start for spot in page if spot.concept.name == _RESULT})
        titled = f"titre:{family}" in different
        begin, end = page[0].start - PAGE // 10, page[-1].end + PAGE // 10
        enough = len(different) + min(results, 2)
        if enough >= _FIELDS:
            enough -= count(folded, begin, end, _is_of_trade)
        if results >= _RESULTS or (titled and enough > _FIELDS):
            sure = Likelihood.VERY_LIKELY
        elif enough >= _FIELDS:
            sure = Likelihood.LIKELY
        else:
            sure = Likelihood.POSSIBLE
        for spot in page:
            if sure > Likelihood.POSSIBLE or _is_title(spot):
                yield Match(spot.start, spot.end, sure, family)


def _pages(data: bytes, hits: Iterable[Spot]) -> Iterator[list[Spot]]:
    page: list[Spot] = []
    for spot in hits:
        if page and (spot.start - page[0].start > PAGE or APART in data[page[-1].end : spot.start]):
            yield page
            page = []
        page.append(spot)
    if page:
        yield page


def mask(value: str) -> str:
    """The kind of paper is nobody's secret."""
    return f"papier : {value}"


DETECTOR = Detector(kind="health.document", find=find, mask=mask, prepare=prepare)
