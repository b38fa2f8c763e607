"""What is said of the health of a person whom the text names.

Health words are in every newsletter, and names in every mail; a secret is told where a health word
is said *of* somebody. Each person that the text names is judged by what stands within 300
characters (a page, where a birth date or "patiente" makes the person a patient):

    + the weights of the distinct concepts of health.terms, eight at most
    + a health word in the same sentence ("Mme TEST, hémiplégie droite", "asthme de M. TEST")
    + the person is called a patient, has a birth date, an age, a room
    + what is said of one person only: hospitalisé, droite, souffre, ce matin, son traitement
    - what is said of everybody: conférence, dépistage, patients, commande, recrute, étude

Disciplines and places of care (discipline.py) count where somebody is sent or admitted there.
Whoever is greeted ("Bonjour Mme TEST") is meant where "votre" leads to the health word. Carers and
other professionals are nobody's patients: who gives a talk, signs, or is followed by a profession.
Words that say nothing alone (ambiguous.txt) count a little, of one who is ill.

LIKELY: said of a person whom this text names. POSSIBLE: said of one person, in a field of the mail
that names nobody for sure; the Subject or the name of the file may ("CR Mme TEST.pdf"). The value
is the person's.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from gateway.detect import at_work, name_context, person
from gateway.detect.context import words
from gateway.detect.detector import Detector
from gateway.detect.discipline import names_place
from gateway.detect.fold import Folded, fold
from gateway.detect.health_terms import APART, Spot, said, starting, within
from gateway.detect.health_terms import prepare as prepare_terms
from gateway.detect.lexicon import Concept
from gateway.detect.pattern import linear
from gateway.model import Likelihood, Match

REACH = 300  # characters around a person: the paragraph
PAGE = 1500  # …around a patient: a letter is about one
_ENOUGH = 7  # of all that counts together, measured on mails written for it
_SURE = 12
_MOST_HEALTH, _MOST_SINGLE, _MOST_VAGUE = 8, 6, 3  # no heap of words outweighs all else
_LINE, _CLOSE, _BESIDE = 120, 40, 24  # bytes between a name and a health word
_LINKED, _TIGHT, _SUBJECT = 2, 4, 5
_LEAST_VAGUE, _LEAST_SINGLE = 2, 2  # what it takes for words that say nothing alone
_PLENTY = 5  # of health words, to be said of whom their sentence names with no further cue
_LEAST_HINTS = 3  # of one who is ill, words that say nothing alone and cues together
_NOTHING_AGAINST = 2  # hardly a mail about nobody is without a word of everybody's
_GREETED_ONLY = 8  # who is written to is hardly ever who is ill
_WORKS = 6  # somebody's profession may be told of the ill, too
_LEAST_UNNAMED = 3  # of cues of one person, where no name stands near
_NOBODY = "personne non nommée"
_MEASURED = ("fait:mesure", "fait:résultat", "fait:posologie")  # hardly of anybody at large
_APPOINTMENTS = frozenset(
    f"indice:{cue}" for cue in ("individuel:rdv", "individuel:cs", "individuel:consult")
)

# Not the point of "M."; and what goes on with "elle" goes on about her.
_SENTENCE_ENDS = re.compile(
    rb"(?<![ (]m)(?<!mr)(?<!mme)(?<!dr)[.!?;][ \n](?!(?:il|elle|sa|son|ses|pas de|au labo"
    rb"|on note) )|[.!?]\Z"
)
_CLOSING = linear(
    rb"\b(?:cordialement|salutations|bien a vous|cdlt|amicalement|sincerement|bonne journee"
    rb"|mes remerciements|confraternellement)\b"
)
_NOT_THEIRS = re.compile(
    rb"[.!?;][ \n]|[.!?]\Z|\n\n|\b(?:service|pole|unite|secretariat|sur|consacre|relati|contre"
    rb"|cordialement)"
)
_NOT_YOURS = (b"-", b"nous ")  # "rendez-vous", "nous vous commandons"
_YOURS = (b"votre", b"vos", b"ton", b"tes", b"ta")
_OF_THE_ILL = words(
    "patiente?", "malade", "residente?", "enfant", "bebe", "petit garcon", "petite fille", "fils",
    "fille", "mari",
    "femme", "pere", "mere", "epouse", "epoux", "assuree?", "beneficiaire", "victime", "eleve",
    "salariee?", "nourrisson", "ecroue", "detenue?", "ordonnance", "concernant", "dossier",
)  # fmt: skip
_ILL_BEFORE = 30
_OF_ONE_AFTER = re.compile(
    rb"[ ,(]{0,3}(?:nee? le|ddn|date de naissance|nee? en|agee? de|[0-9]{1,3} ?(?:ans|mois|a[^a-z])"
    rb"|ch(?:ambre)?[ .]?[0-9]|[0-3]?[0-9][/.][01]?[0-9][/.](?:19|20)?[0-9]{2}|lit )"
)
_GREETED = re.compile(rb"\b(?:bonjour|bonsoir|salut|coucou|chere?|hello|bjr|merci) {1,2}"
    rb"(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle)? ?\Z")  # fmt: skip
_TITLED = re.compile(rb"\b(?:docteure?|dre?|pre?|me|professeure?)\.? \Z")
_AROUND = 60  # bytes looked at before and after a name


class _Told(NamedTuple):
    """What stands in a window, class by class."""

    health: int
    single: int
    everybody: int
    vague: int


def find(folded: Folded) -> Iterator[Match]:
    told = [spot for spot in said(folded) if _is_health(spot.concept.name)]
    if not told and not (person.found(folded) and starting(folded, _is_vague)):
        return
    named = [one for one in person.found(folded) if not name_context.signs(folded, one.start)]
    for one in named:
        score = _score(folded, one)
        if score >= _ENOUGH:
            likely = Likelihood.VERY_LIKELY if score >= _SURE else Likelihood.LIKELY
            yield Match(one.start, one.end, likely, one.value)
    yield from _unnamed(folded, told, named)


def _score(folded: Folded, one: Match) -> int:
    data = folded.data
    before = data[max(0, one.start - _AROUND) : one.start]
    after = data[one.end : one.end + _AROUND]
    if _TITLED.search(before):
        return 0
    called = before[-_ILL_BEFORE:]
    called = called[called.rfind(b". ") + 1 :]
    ill = bool(_OF_THE_ILL.search(called) or _OF_ONE_AFTER.match(after))
    close = _around(folded, one.start, one.end, PAGE if ill else REACH)
    greeted = _GREETED.search(before) or at_work.addressed(folded, one.start, one.end)
    called_ill = ill
    if greeted and not ill:
        ill = _is_theirs(data, one, close)
    close = _telling(data, close, ill=ill)
    told = _told(close)
    single = told.single + (_SUBJECT if ill else 0)
    if not told.health and not _hints(told, ill=called_ill):
        return 0
    score = told.health + single - told.everybody
    if single and not told.everybody:
        score += _NOTHING_AGAINST
    if single >= _LEAST_SINGLE:
        score += told.vague
    link = _link(data, one, close)
    if not single and link < _TIGHT and (told.everybody or told.health < _PLENTY):
        score -= _TIGHT
    elif not link and not ill:
        score -= _LINKED
    if greeted and not ill:
        score -= _GREETED_ONLY
    if at_work.works(folded, one.start, one.end):
        if not ill and not _is_told(data, one, close):
            return 0
        score -= _WORKS
    return score + link


def _hints(told: _Told, *, ill: bool) -> bool:
    """Whether words that say nothing alone are enough."""
    if told.vague >= _LEAST_VAGUE:
        return ill or told.single >= _LEAST_SINGLE
    return ill and bool(told.vague) and told.vague + told.single >= _LEAST_HINTS


def _around(folded: Folded, start: int, end: int, reach: int) -> Sequence[Spot]:
    """What is found that far around, in the same field of the mail."""
    begin = max(0, start - reach)
    begin = max(begin, folded.data.rfind(APART, begin, start))
    stop = folded.data.find(APART, end, end + reach)
    stop = end + reach if stop < 0 else stop
    closing = _CLOSING.search(folded.data[end:stop])  # what follows it is of the sender
    return within(folded, begin, end + closing.start() if closing else stop)


def _telling(data: bytes, close: Sequence[Spot], *, ill: bool) -> Sequence[Spot]:
    """Where nobody is sent or admitted, disciplines and places of care say nothing."""
    if ill or any(_admits(spot.concept) for spot in close):
        return close
    return [s for s in close if not (_is_health(s.concept.name) and names_place(data, s))]


def _admits(concept: Concept) -> bool:
    return _is_of_one(concept) or concept.name in _APPOINTMENTS


def _told(close: Sequence[Spot]) -> _Told:
    """Sums over distinct concepts."""
    health = single = everybody = vague = 0
    for name, weight in {spot.concept for spot in close}:
        if name.startswith("indice:individuel"):
            single += weight
        elif name.startswith("indice:collectif"):
            everybody += weight
        elif name.startswith("indice:vague"):
            vague += weight
        elif _is_health(name):
            health += weight
            single += name in _MEASURED
    return _Told(
        min(health, _MOST_HEALTH), min(single, _MOST_SINGLE), everybody, min(vague, _MOST_VAGUE)
    )


def _is_vague(concept: Concept) -> bool:
    return concept.name.startswith("indice:vague")


def _tells(name: str) -> bool:
    return _is_health(name) or name.startswith("indice:vague")


def _is_health(name: str) -> bool:
    return not name.startswith(("indice:", "champ:"))


def _link(data: bytes, one: Match, close: Sequence[Spot]) -> int:
    """How near the nearest health word of the sentence that names the person stands; in "Mme TEST,
    article sur l'asthme" there is something between."""
    link = 0
    others = [spot for spot in close if _is_of_everybody(spot.concept)]
    for spot in close:
        if not _tells(spot.concept.name):
            continue
        begin, end = (one.end, spot.start) if spot.start >= one.end else (spot.end, one.start)
        if end - begin >= _LINE or _SENTENCE_ENDS.search(data[max(0, begin) : end]):
            continue
        if any(begin <= other.start < end for other in others):
            continue
        tight = end - begin <= _BESIDE and spot.concept.weight > 1
        link = max(link, _TIGHT if tight else _LINKED)
    return link


def _is_of_everybody(concept: Concept) -> bool:
    """Said of everybody for sure."""
    return concept.weight > _LINKED and concept.name.startswith("indice:collectif")


def _is_told(data: bytes, one: Match, close: Sequence[Spot]) -> bool:
    """Whether the sentence goes on with what is said of one person only."""
    return any(
        _is_of_one(spot.concept)
        and 0 <= spot.start - one.end <= _LINE
        and not _SENTENCE_ENDS.search(data[one.end : spot.start])
        for spot in close
    )


def _is_theirs(data: bytes, one: Match, close: Sequence[Spot]) -> bool:
    """ "votre" or "vous", and a health word right after it; a word that says nothing alone only
    after "votre". In "pourriez-vous" and "votre article sur l'asthme" nobody is ill."""
    last, possessive = -1, False
    for spot in close:
        if spot.start < one.end:
            continue
        if spot.concept.name.startswith("indice:vous"):
            if data.endswith(_NOT_YOURS, 0, spot.start):
                continue
            last = spot.end
            possessive = data[spot.start : spot.end].strip() in _YOURS
        elif spot.concept.name.startswith("indice:collectif"):
            last = -1
        elif 0 <= last <= spot.start <= last + _CLOSE:
            told = _tells(spot.concept.name) if possessive else spot.concept.weight > _LINKED
            between = data[last : spot.start]
            if not _is_health(spot.concept.name) and between.strip():
                continue  # "votre spot radio"
            if not possessive and b"," in between:
                continue  # "grâce à vous, la Ligue contre le cancer"
            if told and not _NOT_THEIRS.search(between) and _is_told_by(data, spot, possessive):
                return True
    return False


def _is_told_by(data: bytes, spot: Spot, possessive: bool) -> bool:
    """Neither the card that everybody has nor what the person does for a living."""
    name = spot.concept.name
    if name.startswith("titre:") or (name.startswith("soin:mot") and spot.concept.weight < _LINKED):
        return False
    return possessive or not names_place(data, spot)


def _unnamed(folded: Folded, health: Sequence[Spot], persons: Sequence[Match]) -> Iterator[Match]:
    """Statements about one person, in a field of the mail that names nobody; the Subject or the
    name of the file may."""
    of_one = starting(folded, _is_of_one)
    fields = _fields(folded.data)
    named = [one.start for one in persons]
    sure = [one.start for one in persons if one.likelihood >= Likelihood.LIKELY]
    naming = {bisect_right(fields, at) for at in sure}
    last = -1
    for spot in health:
        begin, end = spot.start - REACH, spot.end + REACH
        if spot.start <= last or bisect_right(fields, spot.start) in naming:
            continue
        if bisect_left(named, begin) < bisect_right(named, end):
            continue
        if bisect_left(of_one, begin) == bisect_right(of_one, end):
            continue
        close = _around(folded, spot.start, spot.end, REACH)
        told = _told(close)
        if (
            told.single >= _LEAST_UNNAMED
            and any(_is_of_one(spot.concept) for spot in close)
            and told.health + told.single - told.everybody >= _ENOUGH
        ):
            yield Match(spot.start, spot.end, Likelihood.POSSIBLE, _NOBODY)
            last = end


def _fields(data: bytes) -> list[int]:
    """Where the fields of the mail end."""
    ends, at = [], data.find(APART)
    while at >= 0:
        ends.append(at)
        at = data.find(APART, at + len(APART))
    return ends


def _is_of_one(concept: Concept) -> bool:
    """Said of one person for sure; a dose or an age may be anybody's."""
    return concept.weight > 1 and concept.name.startswith("indice:individuel")


def mask(value: str) -> str:
    """Initials."""
    return f"santé de {person.mask(value)}" if value != _NOBODY else value.capitalize()


def prepare() -> None:
    prepare_terms()
    person.DETECTOR.prepare()
    for cue in (_is_vague, _is_of_one):  # each has a table, made once
        starting(fold(""), cue)


DETECTOR = Detector(kind="health.person", find=find, mask=mask, prepare=prepare)
