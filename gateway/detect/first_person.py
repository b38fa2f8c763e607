"""What somebody writes of their own health, or of a relative's, and who signs it.

    mes résultats, ma TSH, mon opération, notre fille    whose it is
    je suis sous Lévothyrox, j'ai des vertiges           what one has
    on m'a diagnostiqué un cancer                        what one was told
    bjr, ici anne test                                   who writes, in small letters

A health word must follow at once: "mon mémoire porte sur la contention" and "je cherche un cours
sur le diabète" are of nobody. Disciplines and places are no health: "ma vacation d'oncologie".
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from gateway.detect.discipline import names_place
from gateway.detect.fold import Folded
from gateway.detect.health_near import stretches, tells
from gateway.detect.health_terms import Spot, within
from gateway.detect.lexicon import names, not_names
from gateway.detect.pattern import linear

_MINE = linear(
    rb"\b(?:mon|ma|mes) "
    rb"|\b(?:j'ai (?:attendu|patiente)|je suis (?:venue?|arrivee?|restee?)) [a-z0-9 ',]{2,40}"
    rb" (?:avec|pour) (?:un|une|mon|ma|mes|des|le|la) "
    rb"|\b(?:j'ai|jai|je n'ai|j'avais)(?: (?:eu|fait|encore|toujours|tres|bien|souvent|depuis hier"
    rb"|pris|de plus en plus))*(?: (?:mal|des|un|une|de|du|la|le|les))? ?"
    rb"|\bje (?:suis|prends|fais|souffre|saigne|vomis|tousse|reprends|ressens|sors|sens|serai)"
    rb"(?: (?:sous|encore|toujours|suivie? pour|traitee? pour|atteinte?|porteur|porteuse|operee?"
    rb"|hospitalisee?|en|de|du|des|un|une|d'une?|la|le|les|pour|mes|mon|ma))* "
    rb"|\b(?:on|il|elle) m'(?:a|avait|ont) (?:[a-z]{4,14} )(?:un|une|des|le|la|du|de la|mon|ma)? ?"
    rb"|\bon m'(?:opere|enleve|pose|retire|hospitalise|trouve)"
    rb"(?: (?:d'une?|de|du|un|une|le|la|des))? "
    rb"|\b(?:docteur|medecin|doctoresse|specialiste|chirurgien|on|il|elle) (?:me |m'a )?"
    rb"(?:dit|pense|parle) (?:que c'est |d')(?:une? |la |le )?"
    rb"|\bj'attends (?:un|une|des|le|la|mes|les|mon|ma) "
)
# "bjr, ici sylvain test", as typed on a telephone.
_INTRODUCED = re.compile(
    rb"\b(?:ici|c'est|c|je m'appelle|je suis|moi c'est) (?:m\.? |mr |mme )?"
    rb"([a-z\-]{2,20}) ([a-z\-]{2,20})\b"
)
_BETWEEN = re.compile(rb"(?:[a-z0-9'\-]{1,14} ){0,2}(?:de |d'|du |des |la |le |l'|les )?")
# "une prothèse aux deux genoux et de l'artérite": what goes on is one's own, too.
_GOES_ON = re.compile(
    rb"(?: [a-z0-9'\-]{1,14}){0,4}(?: et|,|,? ainsi que|,? avec) ?(?:[a-z0-9'\-]{1,14} ){0,2}"
    rb"(?:de |d'|du |des |la |le |l'|les )*"
)
_REACH = 32  # bytes between the beginning of what is mine and the health word
_NO_MORE = (b"arret", b"en arret", b"malade")  # that one is away, and not what one has
_OTHERS = re.compile(rb"(?:mon|ma|mes) (?:patient|malade|resident|usager|colleg|confrer|consoeur)")


def told(folded: Folded, health: Sequence[Spot]) -> list[Spot]:
    """The words of health, and those that say nothing alone, that are the writer's own, in order.
    health: near which they are looked for."""
    data = folded.data
    own: dict[Spot, None] = {}
    for begin, end in stretches(folded, health):
        for found in _MINE.finditer(data, begin, end):
            first, last = found.span()
            if not _OTHERS.match(data, first):
                near = within(folded, first, last + _REACH + _REACH, usual=False)
                own |= dict.fromkeys(_own(data, near, last))
    return [spot for spot in own if tells(spot.concept.name)]


def _own(data: bytes, near: Sequence[Spot], last: int) -> Iterator[Spot]:
    """What follows at once, and what goes on from there."""
    end = -1
    for spot in near:
        if _is_whose(data, spot, last) or (
            end >= 0 and _GOES_ON.fullmatch(data[end : spot.start]) and not names_place(data, spot)
        ):
            yield spot
            end = spot.end if tells(spot.concept.name) else end


def _is_whose(data: bytes, spot: Spot, last: int) -> bool:
    """last: the end of "mon", "j'ai eu une"; a longer term may begin within."""
    if data.startswith(_NO_MORE, spot.start):
        return False
    if spot.start < last:
        return True
    if spot.start > last + _REACH:
        return False
    return bool(_BETWEEN.fullmatch(data[last : spot.start])) and not names_place(data, spot)


def introduced(folded: Folded, begin: int, end: int) -> tuple[int, int] | None:
    """Where somebody says who they are, with a first name and a surname in small letters."""
    known, no_name = names(), not_names()
    for found in _INTRODUCED.finditer(folded.data, begin, end):
        first, last = found.groups()
        if first in known.first and last in known.last and not {first, last} & no_name:
            return found.start(1), found.end(2)
    return None
