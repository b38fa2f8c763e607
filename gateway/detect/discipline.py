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

from gateway.detect.health_terms import Spot

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
