"""How much a text says that somebody named in it is ill: the sum that health_person judges by.

    + the weights of the distinct concepts of health.terms, eight at most
    + a health word tied to the name ("Mme TEST : chute", "asthme de M. TEST"): see health_tie.py
    + the person is called a patient, has a birth date, an age, a room
    + what is said of one person only: hospitalisé, droite, souffre, ce matin, son traitement
    - what is said of everybody: conférence, dépistage, patients, commande, recrute, étude

Disciplines and places of care (discipline.py) count where somebody is sent or admitted there.
Whoever is greeted ("Bonjour Mme TEST") is meant where "votre" leads to the health word. Who is at
work somewhere in the text (at_work.py) is nobody's patient elsewhere in it. Words that say nothing
alone (ambiguous.txt) count a little, of one who is ill.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from operator import attrgetter
from typing import NamedTuple

from gateway.detect import at_work, fields, health_tie, person
from gateway.detect.context import words
from gateway.detect.discipline import names_place, without_trades
from gateway.detect.fold import Folded
from gateway.detect.health_near import (
    PAGE,
    REACH,
    Told,
    around,
    is_health,
    is_of_everybody,
    is_of_one,
    tells,
    told,
)
from gateway.detect.health_terms import Spot
from gateway.detect.health_tie import LOOSE, SENTENCE_ENDS, TIGHT
from gateway.detect.lexicon import Concept
from gateway.detect.name_context import signs
from gateway.model import Match

_LINE, _CLOSE = 120, 40  # bytes that a sentence and what follows "votre" are looked at
_SENTENCE = 240  # bytes: what stands further off is of another sentence
_OF_A_PATIENT = 5  # a role, a birth date or a room: whom the text is about
_OF_CARE = 2  # what leads to the name is what carers do, or the illness is called theirs
_LEAST_VAGUE, _LEAST_SINGLE = 2, 2  # what it takes for words that say nothing alone
_PLENTY = 5  # of health words, to be said of the only one whom they can be said of
_LEAST_HINTS = 3  # of one who is ill, words that say nothing alone and cues together
_NOTHING_AGAINST = 2  # hardly a mail about nobody is without a word of everybody's
_HEADED = 5  # a Subject is short, and of one thing
_UNTIED = 4  # what is tied to no name is said of somebody else, or of nobody
_GREETED_ONLY = 8  # who is written to is hardly ever who is ill
_WORKS = 6  # somebody's profession may be told of the ill, too
_AROUND = 60  # bytes looked at before and after a name
_APPOINTMENTS = frozenset(
    f"indice:{cue}" for cue in ("individuel:rdv", "individuel:cs", "individuel:consult")
)
_NOT_THEIRS = re.compile(
    rb"[.!?;][ \n]|[.!?]\Z|\n\n|\b(?:service|pole|unite|secretariat|sur|consacre|relati|contre"
    rb"|cordialement|missions?|poste|fonctions?|candidature"
    # what one carer asks another
    rb"|(?:confirm|pens|recommand|prescri|conseill|prefer)[a-z]{0,6}"
    # things that one has, which are repaired, ordered and written, and are not ill
    rb"|(?:vehicule|voiture|camion|moto|velo|chaudiere|ordinateur|serveur|logiciel|imprimante"
    rb"|telephone|machine|commande|devis|article|maison|chien|chienne|chat|chatte|animal)s?\b)"
)
_NOT_YOURS = (b"-", b"nous ")  # "rendez-vous", "nous vous commandons"
_YOURS = (b"votre", b"vos", b"ton", b"tes", b"ta")
_OF_THE_ILL = words(
    "patiente?", "malade", "residente?", "enfant", "bebe", "petit garcon", "petite fille", "fils",
    "fille", "mari",
    "femme", "pere", "mere", "epouse", "epoux", "assuree?", "beneficiaire", "victime", "eleve",
    "salariee?", "adherente?", "nourrisson", "ecroue", "detenue?", "ordonnance", "mamans?", "papa",
    "parents", "famille", "(?:les|ses|leurs|nos|mes|deux|trois) enfants", "fratrie", "cas index",
    "concernant", "(?<!un )dossier",
)  # fmt: skip
# What an insurer or an employer answers: more than "vous" is meant of the one who is written to.
_TOLD_US = re.compile(
    rb" (?:nous |m')?avez (?:[a-z]{2,10} )?(?:declare|signale|informe|indique|transmis|adresse"
    rb"|envoye|remis|communique|fait part|fait parvenir|presente|subi|eu)e?s? "
)
# "Anne TEST (en dépression), Paul (formation)": the brackets tell of her, what follows does not.
_BRACKETED = re.compile(rb" \([^()]{4,60}\)[,;\n]")
_CHILD = (b"la petite ", b"le petit ")
_ILL_BEFORE = 30
# Their points end no sentence.
_CIVILITY = re.compile(rb"\b(?:m|mr|mme|mlle)\.? ?(?:[a-z]\.[ -]?){0,2}\Z")
_OF_ONE_AFTER = re.compile(
    rb"[ ,(\-]{0,3}(?:nee? le|ddn|date de naissance|nee? en|agee? de|age ?: ?[0-9]"
    rb"|[0-9]{1,3} ?(?:ans|mois|a[^a-z])|ch(?:ambre)?[ .]?[0-9]"
    rb"|[0-3]?[0-9][/.][01]?[0-9][/.](?:19|20)?[0-9]{2}|lit "
    rb"|(?:n\xb0 ?)?(?:nir|ipp|nip|iep|secu|adh(?:erente?)?|allocataire|assuree?)\.?"
    rb"[ :n\xb0]{1,4}[0-9]"
    rb"|[12][ .]?[0-9]{2}[ .]?(?:0[1-9]|1[0-2])[ .]?[0-9][0-9ab][ .]?[0-9]{3})"
    # "pour M. TEST, j'ai une ordonnance"
    rb"|[ ,.]{1,5}(?:(?:alors|euh)[ ,.]{1,5})*(?:(?:j'ai|on a|il y a|c'est|voici) (?:une?|la|son)"
    rb"(?: nouvelle)? (?:ordonnance|prescription)|le (?:docteur|medecin) (?:a |lui a )?prescri)"
)
_GREETED = re.compile(
    rb"\b(?:bonjour|bonsoir|salut|coucou|chere?|hello|bjr|merci) {1,2}"
    rb"(?:m\.|mr\.?|mme\.?|mlle\.?|monsieur|madame|mademoiselle)? ?\Z"
)
# "Par exemple, M. TEST est en arrêt": whom a page of instructions makes up.
_MADE_UP = re.compile(rb"(?:\A|[.!?:;\n] ?)(?:par )?exemples?(?: [0-9])? ?[:,] ?[^.!?;\n]*\Z")
# "est sourd", "en arrêt depuis", "a fait un malaise", "opéré du cœur"
_STATEMENTS = (
    "signe:dit", "soin:parcours:en arrêt", "signe:général:a ", "soin:opération:{opéré|opérée}",
)  # fmt: skip
_OWN = (b"son ", b"sa ", b"ses ")
_ELIDED = re.compile(
    rb"[.][ \n](?=(?:(?:elle|il) (?:est|a|ne|n'|se|s'|suit|souffre|doit|peut|reste"
    rb"|revient|rentre|reprend|reprendra|sera|aura|vient|va)"
    rb"|reconnue?|absente?|en arret|placee?|atteinte?)[ a-z])"
)
_TITLED = re.compile(rb"\b(?:docteure?|dre?|pre?|me|professeure?)\.? \Z")


class _AtWork(NamedTuple):
    """Names of two words and more, and the places of all."""

    names: frozenset[str]
    starts: frozenset[int]


class _Called(NamedTuple):
    """How a text calls somebody. ill: as carers call a patient. noted: by what is noted of patients
    alone, an age, a room or a number. greeted: as whom one writes to."""

    ill: bool
    noted: bool
    greeted: bool
    theirs: bool


def weight(folded: Folded, one: Match, *, ill: bool = False) -> int:
    """0 where nothing is said. ill: what stands beside the name makes a patient of the person."""
    data = folded.data
    if is_titled(data, one.start) or _MADE_UP.search(data[max(0, one.start - _AROUND) : one.start]):
        return 0
    called = _called(folded, one, ill=ill)
    close = around(folded, one.start, one.end, PAGE if called.ill else REACH)
    is_ill = called.ill or (called.theirs and _is_theirs(data, one, close) and _says_much(close))
    close = _telling(folded, close, ill=is_ill)
    found = told(close)
    cared = health_tie.cared_for(data, one.start)
    single = found.single + _OF_A_PATIENT * is_ill + _OF_CARE * cared
    if not found.health and not _hints(found, ill=called.ill or cared):
        return 0
    workers = _workers(folded)
    works = not called.noted and (one.value in workers.names or one.start in workers.starts)
    is_told = works and _is_told(data, one, close)
    if works and not is_ill and not is_told:
        return 0
    score = found.health + single - (LOOSE if is_told else _WORKS * works)
    single += health_tie.said_of(data, one.end) + _OF_CARE * health_tie.theirs(data, close)
    # "Bonjour Anne, la rupture d'amoxicilline": what follows is said to her, and not of her.
    told_to = called.greeted and not is_ill
    tie = 0 if told_to else _tie(folded, one, close, found, single, called, cared=cared)
    head = _head(folded, one)
    if head and not told_to and any(is_health(s.concept.name) for s in _in(close, head)):
        tie = _HEADED  # "Mme TEST Anne - accord cure thermale"
        score -= told(_in(close, head)).everybody  # "Audit chimiothérapie - Mme TEST", once more
    if not called.greeted and (tie == TIGHT or (tie and single >= _LEAST_SINGLE)):
        score -= _weighed(data, one, close, found.everybody)
    else:
        score -= found.everybody
    if (single or (tie and found.health > LOOSE)) and not found.everybody:
        score += _NOTHING_AGAINST
    if single >= _LEAST_SINGLE:
        score += found.vague
    if not single and tie < TIGHT and not _is_title_of(folded, one, found, tie):
        score -= _UNTIED if found.everybody else LOOSE
    elif not tie and not is_ill:
        score -= _UNTIED
    if told_to:
        score -= _GREETED_ONLY
    return score + tie


def is_titled(data: bytes, start: int) -> bool:
    """Whether a doctor's title leads to the name."""
    return bool(_TITLED.search(data[max(0, start - _AROUND) : start]))


def is_greeted(folded: Folded, start: int) -> bool:
    """Not where "bonjour monsieur" has a line of its own."""
    if folded.cased[start - 1 : start] == b"\n":
        return False
    return bool(_GREETED.search(folded.data[max(0, start - _AROUND) : start]))


def is_head(folded: Folded, one: Match) -> bool:
    """Whether the Subject or the name of a file names the person."""
    return _head(folded, one) is not None


def _head(folded: Folded, one: Match) -> tuple[int, int] | None:
    heads = fields.of(folded).heads
    return next(((begin, end) for begin, end in heads if begin <= one.start < end), None)


def _in(close: Sequence[Spot], span: tuple[int, int]) -> list[Spot]:
    return [spot for spot in close if span[0] <= spot.start < span[1]]


def _called(folded: Folded, one: Match, *, ill: bool) -> _Called:
    data = folded.data
    before = data[max(0, one.start - _ILL_BEFORE) : one.start]
    before = _CIVILITY.sub(b"", before)
    before = before[before.rfind(b". ") + 1 :]
    after = data[one.end : one.end + _AROUND]
    noted = bool(_OF_ONE_AFTER.match(after))
    ill = ill or noted or bool(_OF_THE_ILL.search(before))
    ill = ill or before.endswith(_CHILD)
    greeted = is_greeted(folded, one.start) or at_work.addressed(folded, one.start, one.end)
    upon = greeted or (after[:1] == b"," and at_work.begins_line(folded, one.start))
    return _Called(ill, noted, greeted, upon)


def _tie(
    folded: Folded,
    one: Match,
    close: Sequence[Spot],
    found: Told,
    single: int,
    called: _Called,
    *,
    cared: bool,
) -> int:
    """How closely what is said is tied to the name; loosely, where it can be of nobody else."""
    everybody = (spot.start for spot in close if is_of_everybody(spot.concept))
    parting = sorted([*everybody, *_others(folded, one)])
    vague = bool(single) or (found.vague >= _LEAST_VAGUE and not found.everybody)
    tie = health_tie.tie(folded.data, one, close, parting, vague=vague)
    if not tie and not called.greeted and _is_about(folded, one, close, found, cared=cared):
        return LOOSE
    return tie


def _is_title_of(folded: Folded, one: Match, found: Told, tie: int) -> bool:
    """Whether a mail of much health names nobody but the one of its Subject: "PAI Sofia TEST"."""
    much = found.health > _PLENTY and bool(tie)
    return much and is_head(folded, one) and not _others(folded, one)


def _hints(found: Told, *, ill: bool) -> bool:
    """Whether words that say nothing alone are enough."""
    if found.vague >= _LEAST_VAGUE:
        return ill or found.single >= _LEAST_SINGLE
    return ill and bool(found.vague) and found.vague + found.single >= _LEAST_HINTS


def _is_about(
    folded: Folded, one: Match, close: Sequence[Spot], found: Told, *, cared: bool
) -> bool:
    """Whether what stands near is said of the person, though no sentence ties it."""
    if cared or is_head(folded, one) or health_tie.goes_on(folded.data, one.end):
        return True
    illness = {s.concept for s in close if is_health(s.concept.name)}
    said = sum(told_by for name, told_by in illness if not name.startswith("titre:"))
    plenty = said >= _PLENTY or (said >= LOOSE and found.single >= _PLENTY)
    return plenty and not found.everybody and not _others(folded, one)


def _others(folded: Folded, one: Match) -> list[int]:
    """Where others are named near, but for who signs."""
    persons = person.found(folded)
    first = bisect_left(persons, one.start - REACH, key=attrgetter("start"))
    last = bisect_right(persons, one.end + REACH, key=attrgetter("start"))
    return [
        other.start
        for other in persons[first:last]
        if other.value != one.value and not signs(folded, other.start)
    ]


def _workers(folded: Folded) -> _AtWork:
    """Who is at work somewhere in the text is so wherever else it names them."""
    known = folded.shared.get("at work")
    if not isinstance(known, _AtWork):
        those = [one for one in person.found(folded) if at_work.works(folded, one.start, one.end)]
        names = frozenset(one.value for one in those if " " in one.value)
        known = _AtWork(names, frozenset(one.start for one in those))
        folded.shared["at work"] = known
    return known


def _weighed(data: bytes, one: Match, close: Sequence[Spot], everybody: int) -> int:
    """Where something is tied to the person, what speaks of everybody elsewhere counts half."""
    collective = {s.concept: s for s in close if s.concept.name.startswith("indice:collectif")}
    here = sum(
        concept.weight
        for concept, spot in collective.items()
        if len(between := _between(data, one, spot)) <= _SENTENCE
        and not SENTENCE_ENDS.search(between)
        and not _BRACKETED.match(between)
    )
    return here + (everybody - here) // 2


def _between(data: bytes, one: Match, spot: Spot) -> bytes:
    return data[one.end : spot.start] if spot.start >= one.end else data[spot.end : one.start]


def _telling(folded: Folded, close: Sequence[Spot], *, ill: bool) -> Sequence[Spot]:
    """Without what somebody does; where nobody is sent or admitted, disciplines and places of care
    say nothing."""
    close = without_trades(folded, close)
    if ill or any(_admits(spot.concept) for spot in close):
        return close
    data = folded.data
    return [s for s in close if not (is_health(s.concept.name) and names_place(data, s))]


def _admits(concept: Concept) -> bool:
    return is_of_one(concept) or concept.name in _APPOINTMENTS


def _is_told(data: bytes, one: Match, close: Sequence[Spot]) -> bool:
    """Whether the sentence, or one that goes on with "elle" or "reconnue", has what is said of one
    person only, or calls an illness theirs."""
    return any(
        0 <= spot.start - one.end <= _LINE
        and (
            is_of_one(spot.concept)
            or spot.concept.name.startswith(_STATEMENTS)
            or (spot.concept.name.startswith("sujet:") and _is_owned(data, spot))
        )
        and not SENTENCE_ENDS.search(_ELIDED.sub(b" ", data[one.end : spot.start]))
        for spot in close
    )


def _is_owned(data: bytes, spot: Spot) -> bool:
    """ "son asthme", and "son cancer", which is a term by itself."""
    return data.startswith(_OWN, spot.start) or health_tie.theirs(data, (spot,))


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
            between = data[last : spot.start]
            surely = possessive or _TOLD_US.match(between)
            says = tells(spot.concept.name) if surely else spot.concept.weight > LOOSE
            if not is_health(spot.concept.name) and between.strip():
                continue  # "votre spot radio"
            if b"," in between:
                continue  # "grâce à vous, la Ligue contre le cancer"
            if says and not _NOT_THEIRS.search(between) and _is_told_by(data, spot, possessive):
                return True
    return False


def _says_much(close: Sequence[Spot]) -> bool:
    """More than that somebody is to bring "vos lunettes" and their vaccination card."""
    found = told(close)
    return found.health >= LOOSE or found.health + found.vague + found.single >= _LEAST_HINTS


def _is_told_by(data: bytes, spot: Spot, possessive: bool) -> bool:
    """Neither the card that everybody has nor what the person does for a living."""
    name = spot.concept.name
    if name.startswith("titre:") or (name.startswith("soin:mot") and spot.concept.weight < LOOSE):
        return False
    return possessive or not names_place(data, spot)
