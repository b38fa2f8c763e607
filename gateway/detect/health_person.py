"""What is said of the health of a person whom the text names.

Health words are in every newsletter, and names in every mail; a secret is told where a health word
is said *of* somebody. Each person that the text names is judged by what stands within 300
characters (a page, where a birth date or "patiente" makes the person a patient): a sum of what
speaks for it and what speaks against it (health_weight.py). The Subject, or the name of a file, and
the text read as one statement: "M. TEST chambre 12" / "sort demain, toujours sous héparine".

Who is named by half, by initials, a first name or a room (half_named.py), is judged likewise, and
more must be said. Who writes of their own health and signs it (first_person.py) is told of, too,
be it one of the house: whose own it is, may release it. Carers and other professionals are nobody's
patients: who gives a talk, signs, or is followed by a profession.

LIKELY: said of a person whom this text names. POSSIBLE: said of one person, in a field of the mail
that names nobody for sure; the Subject or the name of the file may ("CR Mme TEST.pdf"). The value
is the person's.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from itertools import groupby
from operator import attrgetter

from gateway.detect import fields, first_person, half_named, name_context, person
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded, fold
from gateway.detect.health_near import (
    PAGE,
    REACH,
    around,
    is_health,
    is_of_one,
    is_vague,
    stretches,
    told,
)
from gateway.detect.health_terms import APART, Spot, count, said
from gateway.detect.health_terms import prepare as prepare_terms
from gateway.detect.health_weight import is_greeted, is_head, is_titled, weight
from gateway.model import Likelihood, Match

_ENOUGH = 7  # of all that counts together, measured on mails written for it
_ENOUGH_HALF = 8  # of one who is named by half
_SURE = 12
_LEAST_OWN, _LEAST_OWN_VAGUE = 2, 2  # of words that are the writer's own, or that many vague ones…
_MUCH_AROUND = 4  # …or that much health around a single one
_ENOUGH_OWN = 4  # of them and of what stands around
_LEAST_UNNAMED = 3  # of cues of one person, where no name stands near
_NOBODY = "personne non nommée"
_THANKS = b"merci "  # before a name, at the end, it greets nobody


def find(folded: Folded) -> Iterator[Match]:
    health = [spot for spot in said(folded) if is_health(spot.concept.name)]
    persons = person.found(folded)
    if not health:
        persons = [one for one in persons if _may_be_ill(folded, one)]
        if not persons:
            return
    named = [one for one in persons if not _signs(folded, one)]
    for one in named:
        yield from _judged(one, weight(folded, one), _ENOUGH)
    if health:
        for half in half_named.found(folded, persons, stretches(folded, health)):
            yield from _judged(half.match, weight(folded, half.match, ill=half.ill), _ENOUGH_HALF)
    yield from _of_writers(folded, health, persons)
    yield from _unnamed(folded, health, named)


def _may_be_ill(folded: Folded, one: Match) -> bool:
    """Whether a text without a word of health has any near that says nothing alone."""
    whole = fields.of(folded).bodies  # read as one with its heads
    begin, end = (0, len(folded.data)) if whole else (one.start - PAGE, one.end + PAGE)
    return count(folded, begin, end, is_vague) > 0


def _signs(folded: Folded, one: Match) -> bool:
    return name_context.signs(folded, one.start) or (
        not is_head(folded, one) and name_context.ends(folded, one.start, one.end)
    )


def _judged(one: Match, score: int, enough: int) -> Iterator[Match]:
    if score >= enough:
        likely = Likelihood.VERY_LIKELY if score >= _SURE else Likelihood.LIKELY
        yield Match(one.start, one.end, likely, one.value)


def _of_writers(
    folded: Folded, health: Sequence[Spot], persons: Sequence[Match]
) -> Iterator[Match]:
    """Who writes of their own health, page by page, and signs it or says who they are."""
    for _, page in groupby(first_person.told(folded, health), key=lambda spot: spot.start // PAGE):
        spots = list(page)
        start, end = spots[0].start, spots[-1].end
        near = told(around(folded, start, end, REACH))
        concepts = {spot.concept for spot in spots}
        weighs = sum(concept.weight for concept in concepts if is_health(concept.name))
        enough = (
            weighs >= _LEAST_OWN
            or (not weighs and len(concepts) >= _LEAST_OWN_VAGUE)
            or near.health >= _MUCH_AROUND
        )
        if enough and weighs + near.health + near.vague - near.everybody >= _ENOUGH_OWN:
            who = _writer(folded, start, end, persons)
            if who:
                yield Match(who.start, who.end, Likelihood.LIKELY, who.value)


def _writer(folded: Folded, start: int, end: int, persons: Sequence[Match]) -> Match | None:
    """The last person named near, in the same field, who is not greeted: who signs; or who says so
    at once."""
    data = folded.data
    begin = max(start - REACH, data.rfind(APART, max(0, start - REACH), start))
    stop = data.find(APART, end, end + PAGE)
    stop = end + PAGE if stop < 0 else stop
    first = bisect_left(persons, begin, key=attrgetter("start"))
    last = bisect_left(persons, stop, key=attrgetter("start"))
    for one in reversed(persons[first:last]):
        thanked = data.endswith(_THANKS, 0, one.start)
        if not is_titled(data, one.start) and (thanked or not is_greeted(folded, one.start)):
            return one
    written = first_person.introduced(folded, begin, stop)
    if written:
        name = data[slice(*written)].decode("latin-1")
        return Match(*written, Likelihood.POSSIBLE, " ".join(sorted(name.split())))
    return None


def _unnamed(folded: Folded, health: Sequence[Spot], persons: Sequence[Match]) -> Iterator[Match]:
    """Statements about one person, in a field of the mail that names nobody; the Subject or the
    name of the file may."""
    ends = _ends(folded.data)
    named = [one.start for one in persons]
    sure = [one.start for one in persons if one.likelihood >= Likelihood.LIKELY]
    naming = {bisect_right(ends, at) for at in sure}
    last = free = -1  # up to here nothing more is told; nothing is said of one person
    for spot in health:
        begin, end = spot.start - REACH, spot.end + REACH
        if spot.start <= last or end <= free or bisect_right(ends, spot.start) in naming:
            continue
        if bisect_left(named, begin) < bisect_right(named, end):
            continue
        if not count(folded, begin, end + PAGE, is_of_one):
            free = end + PAGE
        if end <= free or not count(folded, begin, end, is_of_one):
            continue
        close = around(folded, spot.start, spot.end, REACH)
        found = told(close)
        if (
            found.single >= _LEAST_UNNAMED
            and any(is_of_one(spot.concept) for spot in close)
            and found.health + found.single - found.everybody >= _ENOUGH
        ):
            yield Match(spot.start, spot.end, Likelihood.POSSIBLE, _NOBODY)
            last = end


def _ends(data: bytes) -> list[int]:
    """Where the fields of the mail end."""
    ends, at = [], data.find(APART)
    while at >= 0:
        ends.append(at)
        at = data.find(APART, at + len(APART))
    return ends


def mask(value: str) -> str:
    """Initials."""
    if value in (_NOBODY, half_named.NOBODY):
        return value.capitalize()
    return f"santé de {person.mask(value)}"


def prepare() -> None:
    prepare_terms()
    person.DETECTOR.prepare()
    for cue in (is_vague, is_of_one):  # each has a table, made once
        count(fold(""), 0, 0, cue)


DETECTOR = Detector(kind="health.person", find=find, mask=mask, prepare=prepare)
