"""Persons that a text names by half: enough for whoever knows the ward, the class or the family.

    Mme D., Rayan B., LEFORT J       an initial for the rest of the name
    J.M. 12/04/1951                  initials beside a birth date
    Kenza (14 ans)                   a first name beside an age or a birth date
    mon fils Léo, Virginie est       a first name behind a relative, or before a verb
    pour kylian besnard      a name without its capitals, behind what leads to one
    le couple Lefort                 a household
    la patiente de la 12             a room
    IPP 00998877                     the number of a file

None of these is a person for other rules: a first name or a room alone says nothing. Only
`health_person` asks for them, and wants more to be said of them than of a whole name.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from gateway.detect.fold import Folded
from gateway.detect.gate import relaxed
from gateway.detect.lexicon import names, not_names
from gateway.detect.pattern import linear
from gateway.model import Likelihood, Match

NOBODY = "personne désignée sans son nom"

_FIRST = rb"[A-Z][a-z]{2,15}(?:-[A-Z][a-z]{2,15})?"
_ENDS = rb"(?:[^A-Za-z0-9'\-]|\Z)"
_BORN = rb",? ?\(?(?:nee? (?:le|en) |ddn[ :]{1,3})?[0-3][0-9][/.][01][0-9][/.](?:19|20)?[0-9]{2}"
_AGE = rb",? ?\(?[0-9]{1,3} ?(?:ans|mois)\b"
_SHAPES = (  # in the cased text, which has no accents
    rb"\b(?:M\.?|Mr\.?|Mme|Mlle|Melle|Monsieur|Madame|Mademoiselle) "
    rb"([A-WZ]\.?(?:[ \-]?[A-WZ]\.?)?)" + _ENDS,
    rb"\b(" + _FIRST + rb" [A-Z])" + _ENDS,
    rb"\b([A-Z]{3,20}(?:[ \-][A-Z]{3,20})? [A-Z])" + _ENDS,
    rb"\b([A-Z]\.? ?[A-Z]\.?)" + _BORN,
    rb"\b(" + _FIRST + rb")(?:" + _BORN + rb"|" + _AGE + rb")",
    rb"\b(?:(?:[Ll]'|[Dd]')?(?:enfant|eleve)|[Pp]etite?|[Ff]ils|[Ff]ille|[Mm]ari|[Ff]emme|[Mm]ere"
    rb"|[Pp]ere|[Mm]aman|[Pp]apa|[Bb]ebe|[Ff]rere|[Ss]oeur|[Ee]pouse|[Ee]poux) \(?("
    + _FIRST
    + rb")"
    + _ENDS,
    rb"\b(" + _FIRST + rb") (?:\([a-z ]{2,16}\) )?(?:est|ne|a (?:un|une|des|de|du|la|le"
    rb"|encore|mal|ete|eu|fait|vomi|chute|pris|repris|perdu)|n'|se|s'|souffre|prend|supporte|fait"
    rb"|refuse|va|reste|dort|mange|vomit|saigne|tousse|tres|toujours)\b",
    rb"\b(?:Bonjour|Bonsoir|Salut|Hello|Coucou|Bjr|Chere?) (" + _FIRST + rb") ?,",
    rb"\b(?:m\.|mr\.?|mme\.?|melle|mlle) ([a-z]{3,20}(?:-[a-z]{3,20})?)" + _ENDS,
    rb"\b([a-z]{3,15} [a-z]{3,15})" + _BORN,
    rb"\b((?:[Ll]a|[Ll]e|[Dd]u|[Cc]ette|[Cc]e) (?:patiente?|dame|monsieur|petite?|residente?"
    rb"|malade|entrante?)"
    rb" (?:de la|du|en|au)(?: ch\.?| chambre| lit)? ?[0-9]{1,4})\b",
    rb"\b((?:IPP|ipp|NIP|IEP) ?:? ?(?:n\xb0 ?)?[0-9]{5,12})\b",
    rb"\b(?:[Cc]ouple|[Ff]amille|[Ff]ratrie|[Ee]nfants|[Ee]poux) ([A-Z][a-z]{2,15}|[A-Z]{3,20})"
    + _ENDS,
    rb"\b(?:pour|chez|de|avec|vu|vois|enfant|eleve|patiente?|residente?|petite?|concernant|dossier"
    rb"|assuree?|adherente?|allocataire|collegue|agent) ([a-z]{3,15}(?:-[a-z]{3,15})? [a-z]{3,15})"
    + _ENDS,
)
_WHICH = re.compile(b"|".join(_SHAPES))
_ANY = linear(relaxed(_WHICH))  # RE2 is ten times as fast where it need not tell groups
_GIVEN = (1, 4, 5, 6, 7)  # of the shapes, those with a first name, and so of the list
_FAMILY = (2, 12)  # with a surname, likewise
_SMALL = (8, 9, 13)
_SMALL_WHOLE = 13  # behind what leads to a name, the first name before the other
_NO_NAMES = frozenset({b"venant"})  # of a list, too: "(venant s'ajouter aux éléments…)"
_NAMELESS = (10, 11)
_SURE = (3, 4, 9, 10, 11)  # those beside what only a patient has


class Half(NamedTuple):
    """ill: whether what stands beside it makes the person a patient."""

    match: Match
    ill: bool


def found(
    folded: Folded, known: Sequence[Match], where: Iterable[tuple[int, int]]
) -> Iterator[Half]:
    """Those in these stretches that are not among the persons already known."""
    taken = {at for one in known for at in range(one.start, one.end)}
    for one in _any(folded.cased, where):
        which = (one.lastindex or 1) - 1
        start, end = one.span(which + 1)
        if start not in taken and _is_name(one, which):
            value = folded.data[start:end].decode("latin-1").strip(" .")
            value = NOBODY if which in _NAMELESS else value
            yield Half(Match(start, end, Likelihood.POSSIBLE, value), which in _SURE)


def _any(cased: bytes, where: Iterable[tuple[int, int]]) -> Iterator[re.Match[bytes]]:
    for begin, end in where:
        for found in _ANY.finditer(cased, begin, end):
            if one := _WHICH.match(cased, found.start(), end):
                yield one


def _is_name(one: re.Match[bytes], which: int) -> bool:
    words = one[which + 1].lower().replace(b"-", b" ").split()
    if which in _GIVEN:
        given = words[0] in names().first
        return given and words[0] not in _NO_NAMES and words[0] not in not_names()
    if which == _SMALL_WHOLE and not (words[0] in names().first and words[-1] in names().last):
        return False
    if which in _SMALL:
        known = names()
        return all(w in known.last or w in known.first for w in words) and not any(
            w in not_names() for w in words
        )
    if which in _FAMILY:
        # Of "LEFORT J", not the initial.
        surname = [word for word in words if len(word) > 1]
        return all(word in names().last for word in surname) and words[0] not in not_names()
    return True
