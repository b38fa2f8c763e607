"""Whether a health word names a discipline or a place of care, and so nothing that anybody has.

    oncologie, pédiatre, chirurgie digestive        a discipline, by its ending or by the lexicon
    service de dialyse, lits de soins palliatifs    what a place of care is for
    CSAPA, hôpital de jour, EHPAD, Mme X (dialyse)  a house, or a service behind a name

Half of a hospital's mail bears such words in its signatures, directories, lists of equipment and
of staff. They say something of a person who is sent, admitted or summoned there: callers ask for
that first. "Sérologie" and "coprologie" are examinations, "congé pathologique" is a leave: they
count.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Sequence

from gateway.detect.fold import Folded
from gateway.detect.health_terms import Spot, said

_DISCIPLINES = tuple(
    stem + end
    for stem, ends in (
        (b"log", (b"ie", b"ique", b"iques", b"ue", b"ues")),
        (b"iatr", (b"ie", b"ique", b"iques", b"e", b"es")),
        (b"", (b"urgences",)),
    )
    for end in ends
)
_HOUSES = frozenset(
    b"csapa caarud cegidd cmp cmpp had usld usic uhcd ime esat ehpad smr ssr hdj cattp".split()
) | {b"hopital de jour", b"maternite", b"orthogenie", b"planning familial"}
_IN_BRACKETS = frozenset(  # "Mme TEST (dialyse)", in lists of staff
    b"radiotherapie chimiotherapie dialyse hemodialyse reanimation rea chirurgie imagerie".split()
)
_AND_INTENSIVE = (b"-reanimation", b" - reanimation")
_EXAMINATIONS = (
    b"serologie", b"coprologie", b"symptomatologie", b"pathologie", b"pathologique",
    b"pathologiques",
)  # fmt: skip
_SPECIALTY = "spécialité:"
_PRACTISES = (b"logue", b"iatre")
_TAUGHT = (
    *_DISCIPLINES, *_HOUSES, *_IN_BRACKETS, b"digestive", b"orthopedie", b"palliatifs",
    b"hematologie", b"pharmacie", b"bloc", b"readaptation",
)  # fmt: skip
_LETTERS = frozenset(word[-3:] for word in _TAUGHT)
_PLACE = re.compile(
    rb"\b(?:services?|unites?|poles?|equipes?(?: mobiles?)?|secretariats?|departements?"
    rb"|hopita(?:l|ux) de jour|lits|places|salles?|box|locaux|local|hottes?|centres?|cellules?"
    rb"|filieres?|plateaux?|secteurs?"
    rb"|cliniques?|consultations|consultation avancee|activites?|reseaux?|generateurs?)"
    rb" (?:d'|de |du |des |en )?(?:la |l')?\Z"
)
# "Qui ouvre la consultation de dermato", where somebody "en consultation de dermato" is seen.
_CONSULTATION = b"consultation"
_OPENED = re.compile(rb"(?<!\ba)(?: la| les| nos| notre| cette) \Z")
_BEFORE = 40  # bytes: "hôpital de jour de la "
# "Vue par l'infirmière du CSAPA" tells of another one than the infirmière, and counts.
_OF_ANOTHER = rb"".join(
    rb"(?<!%s)" % word
    for word in (
        b"l'", rb"\ble ", rb"\bla ", rb"\bun ", rb"\bsa ", rb"\bdu ", rb"\bau ", b"les ", b"une ",
        b"son ", b"ses ", b"des ", b"aux ", b"par ", b"cet ", b"ette ", b"otre ", b"avec ",
    )
)  # fmt: skip
_CARERS = re.compile(
    rb"\b(?:" + _OF_ANOTHER + rb"(?:infirmiere?s?|ide|ibode|iade|ipa|aides?[- ]soignante?s?"
    rb"|auxiliaires? de puericulture|puericultrices?|sages?[- ]femmes?|kinesitherapeutes?"
    rb"|ergotherapeutes?|psychologues?|educat(?:eur|rice)s?|moniteurs?|ash|brancardiers?"
    rb"|secretaires?|cadres?|medecins?|chirurgiens?|praticiens?|externes?|internes?|assistante?s?"
    rb"|chefs? de clinique|dietetici\w{1,6}|manipulat(?:eur|rice)s?)"
    rb"|stages?|stagiaires?|experiences?|missions?|vacations?|diplomee?s?|specialisee?s?|formee?s?"
    rb"|exerce|exercant|travaille|diu?)"
    rb"(?: (?:d'etat|de sante|de soins|de nuit|de jour|hospitali\w{2,4}|medicale?s?"
    rb"|coordinat\w{2,4}|liberale?s?|scolaires?|referente?s?|ans?|mois))?"
    rb" (?:en |de |d'|du |au |a l'|dans l[ae] )(?:(?:service|unite|pole) (?:de |d'))?\Z"
)
_ITSELF = re.compile(rb"(?:[,(\n\x96\x97]|\b(?:je suis|comme|en tant que|medecin)) ?\Z")
_SETTLED = re.compile(
    rb" ?(?:liberal|hospitali|exercant|conventionn|installe|depuis|au |[,)\n]|\Z)"
)


def without_trades(folded: Folded, spots: Sequence[Spot]) -> Sequence[Spot]:
    """Without what somebody does: "infirmière en psychiatrie", ", cardiologue libéral"."""
    trades = folded.shared.get("trades")
    if not isinstance(trades, list):
        trades = folded.shared["trades"] = _trades(folded)
    if not trades:
        return spots
    ends = [end for _, end in trades]
    return [
        s
        for s in spots
        if (i := bisect_right(ends, s.start)) == len(ends) or s.start < trades[i][0]
    ]


def _trades(folded: Folded) -> list[tuple[int, int]]:
    """Where they are named, in order."""
    data = folded.data
    maybe = [spot for spot in said(folded) if data[spot.end - 3 : spot.end] in _LETTERS]
    taught = [spot for spot in maybe if data.endswith(_TAUGHT, spot.start, spot.end)]
    return [(begin, spot.end) for spot in taught if (begin := _trade(data, spot)) >= 0]


def _trade(data: bytes, spot: Spot) -> int:
    """Where the words begin that name one, or -1."""
    first = max(0, spot.start - _BEFORE)
    lead = data[first : spot.start]
    if data.endswith(_PRACTISES, spot.start, spot.end):
        settled = _ITSELF.search(lead) and _SETTLED.match(data, spot.end)
        return spot.start if settled else -1
    found = _CARERS.search(lead)
    return first + found.start() if found else -1


def names_place(data: bytes, spot: Spot) -> bool:
    """Whether what stands there is a discipline, or what a place of care is for."""
    word = data[spot.start : spot.end].strip()
    if spot.concept.name.startswith(_SPECIALTY) or word in _HOUSES:
        return True
    if data.startswith(_AND_INTENSIVE, spot.end):  # "anesthésie-réanimation"
        return True
    if word in _IN_BRACKETS and b"(" in data[max(0, spot.start - 2) : spot.start]:
        return True
    if word.endswith(_DISCIPLINES):
        return word.startswith(b"anatomo") or not word.endswith(_EXAMINATIONS)
    lead = data[max(0, spot.start - _BEFORE) : spot.start]
    if word.startswith(_CONSULTATION) and _OPENED.search(lead):
        return True
    return bool(_PLACE.search(lead))
