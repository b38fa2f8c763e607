"""How a text ties a health word to the name of a person, by what stands between the two.

    Mme TEST : chute    M. TEST (BPCO)    M. TEST, 61 ans, mélanome    what follows the name
    Mme TEST ne supporte plus sa chimiothérapie                        what is said of it
    l'échographie de Mme TEST    polypes réséqués chez M. TEST         whose it is
    la gonarthrose dont souffre votre salarié M. TEST
    j'ai revu Mme TEST, nous prenons en charge M. TEST                 what carers do with patients

In "« Vivre avec le diabète », textes d'Anne TEST" a quotation mark stands between, in "diabète.
Contact : Anne TEST" an end of sentence, in "Anne TEST, article sur l'asthme" a word of works.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Sequence

from gateway.detect.health_near import is_health
from gateway.detect.health_terms import Spot
from gateway.model import Match

LOOSE, TIGHT = 2, 4
_LINE = 120  # bytes: no sentence that ties is longer
_NEAR = 28  # bytes between a name and what is tied to it without a verb

# "Monsieur ne travaille plus", of whoever was just named.
_STILL = rb"(?:monsieur|madame|mademoiselle) (?:est|a|ne|n'a|n'est|se|s'est|souffre|vit|refuse) "
# Not the point of "M." or of "E. coli", nor three points; and what goes on with "elle" goes on
# about her.
SENTENCE_ENDS = re.compile(
    rb"(?<![ (][a-z])(?<!mr)(?<!mme)(?<!dr)(?<!\.\.)[.!?;][ \n](?!(?:il|elle|sa|son|ses|pas de"
    rb"|au labo|on note|compte tenu de s(?:a|on|es)) |" + _STILL + rb")|[.!?]\Z|\x7f"
)
_TITLE = rb"(?:(?:m|mr|mme|mlle|melle|monsieur|madame|mademoiselle)\.? )?"
_WORDS = rb"(?:[a-z0-9'+/%,.\-]{1,16} ){0,2}"
_BEFORE = re.compile(  # of the name, behind the health word
    rb"s?[ ,\-(]{0,3}" + _WORDS + rb"(?:(?:de|du|pour|chez|concernant|patiente?|a|et|-) ?"
    rb"|(?:de la|du) patiente? ?|d'|d')?" + _TITLE + rb"\Z"
)
_AT = re.compile(
    rb"(?:[ )](?:chez|pour) |s? (?:dont|desquelles|duquel|de laquelle) (?:souffre|est|a ete) "
    rb"(?:[a-z]{2,14} ){0,3})" + _TITLE + rb"\Z"
)
_AFTER = re.compile(
    rb" ?(?:[:(,\-\x96\x97|/]|\.\.\.)? ?(?:(?!(?:sur|contre|par|avec|dans|aux?|des) )"
    rb"[a-z0-9'+/%\-]{1,16}[ ,]{1,2}){0,3}[( ]?"
)
_LABEL = re.compile(
    rb"(?:[a-z0-9 ()/\-]{0,24}|, [a-z0-9 ',()/\-]{1,40}) ?[:=\x96\x97] [^.;]*"
    rb"|,? ?\([^)]*|, (?:pour|dossier|vu|ne|nee)[ e][^.;]*"
)
_SAID = re.compile(
    rb",?(?: \([^)]{1,30}\),?)?(?: et [a-z .'\-]{1,30})?(?: qui)? (?:(?:ne|se|y|en|lui|nous|me|on"
    rb"|toujours) |n'|s'|l'|m'|t')*(?:est|a (?:une?|des|du|de|la|le|encore|toujours|bien|mal"
    rb"|tres|peu|[0-9]{1,3}|[a-z'\-]{1,14}(?:e|i|u|is|it|rt|es|ee))|ai|etait|avait|sera|presente|souffre|prend|reste|refuse"
    rb"|supporte|tolere|dort|mange|boit|marche|vomit|tousse|saigne|sort|rentre|revient|passe"
    rb"|va|perd|vit|entend|recoit|percoit|beneficie|necessite|doit|peut|veut|fait"
    rb"|consulte|poursuit|arrete|reprend|monte|part|vient|arrive|garde"
    rb"|porte|reconnait|tient|sent"
    rb"|sous|suivie?|traitee?|hospitalisee?|operee?|adressee?|connue?|porteur|porteuse"
    rb"|atteinte?|victime|decedee?|mort|morte|sevree?|toujours|repart|repartie?|reparti)[ ',.]"
)
_CARE = re.compile(
    rb"(?:\b(?:adress|confi|transfer|hospitalis|examin|convoqu|oper|accueill|soign)[a-z]{1,6}"
    rb"|\b(?:re)?(?:vois|vu|vue|voir|recu|recue|recois|recevoir)|\bprise? en charge|\bprenons en"
    rb" charge|\bprends? en charge|\bpris en charge|\bprendre|\bchez|\bconcernant|\bcas de"
    rb"|\b(?:(?<!un )dossier|nouvelles|sortie|entree|etat|sejour|suivi|retour|transfert|admission"
    rb"|chute|traitement|bilan|resultats?) d(?:e|u))(?: (?:ce jour|hier|ce matin|aujourd'hui"
    rb"|cette nuit|en consultation|en urgence|ton patient|ta patiente|votre patiente?"
    rb"|notre patiente?|ma patiente|mon patient|le patient|la patiente|l'enfant|le petit"
    rb"|la petite))*[ ,:]{1,3}" + _TITLE + rb"\Z"
)
_GOES_ON = re.compile(
    rb"[.!?;,\n] ?(?:(?:elle|il|son|sa|ses|l'interessee?|on l[aeu']) ?|" + _STILL + rb")"
)
# "M. TEST près des toilettes, il est sous furosémide"
_PRONOUN = re.compile(
    rb", (?:il|elle) (?:est|a|ne|n'|se|s'|souffre|prend|suit|vomit|saigne|tousse)[ a-z'][^,]*\Z"
)
_POSSESSIVE = (b" son ", b" sa ", b" ses ", b"'son ", b"'sa ")
_THEIRS = (b"son ", b"sa ", b"ses ")  # "son dos" is a term
_OF_THAT_ONE = re.compile(
    rb" de (?:monsieur|madame|l'interessee?|l'assuree?|votre adherente?)"
    rb"(?:[.,;)]| (?:en|depuis|et|est|a|le|l'|du|qui|ne|n'|au|dans|ce) ?)"
)
_PLAIN = re.compile(rb"[\"\n;!?\x7f]")  # what ends a tie at once
_CARE_REACH = 80


def tie(
    data: bytes, one: Match, close: Sequence[Spot], parting: Sequence[int], *, vague: bool
) -> int:
    """The closest tie to any of `close`. parting: where others are named, or everybody is spoken
    of, in order. vague: words that say nothing alone tie, too."""
    best = 0
    for spot in close:
        name = spot.concept.name
        cue = name.startswith("indice:")
        if name.startswith("champ:") or (cue and not (vague and name.startswith("indice:vague"))):
            continue
        found = min(_of(data, one, spot), LOOSE if cue else TIGHT)
        begin, end = (one.end, spot.start) if spot.start >= one.end else (spot.end, one.start)
        if found > best and bisect_left(parting, begin) == bisect_left(parting, end):
            best = found
            if best == TIGHT:
                break
    return best


def said_of(data: bytes, end: int) -> bool:
    """Whether somebody named is what a sentence of daily life speaks of."""
    return bool(_SAID.match(data[end : end + _LINE]))


def theirs(data: bytes, close: Sequence[Spot]) -> bool:
    """Whether a health word is somebody's own: "son diabète", "l'AVC de Monsieur"."""
    return any(
        data.endswith(_POSSESSIVE, max(0, spot.start - 5), spot.start)
        or (data[spot.start : spot.start + 1] == b"s" and data.startswith(_THEIRS, spot.start))
        or (data[spot.end : spot.end + 4] == b" de " and _OF_THAT_ONE.match(data, spot.end))
        for spot in close
        if is_health(spot.concept.name)
    )


def goes_on(data: bytes, end: int) -> bool:
    """Whether a sentence that follows goes on about whoever is named."""
    return bool(_GOES_ON.search(data[end : end + _LINE + _LINE]))


def cared_for(data: bytes, start: int) -> bool:
    """Whether what leads to the name is what carers do with patients."""
    return bool(_CARE.search(data[max(0, start - _CARE_REACH) : start]))


def _of(data: bytes, one: Match, spot: Spot) -> int:
    if spot.start < one.end and one.start < spot.end:
        return TIGHT  # "TEST PSA 14,2", where capitals go on
    behind = spot.start >= one.end
    between = data[one.end : spot.start] if behind else data[spot.end : one.start]
    if behind and between[:1] == b"." and data[one.end - 2 : one.end - 1] == b" ":
        between = between[1:]  # of an initial: "M. TEST J. : chute"
    if len(between) > _LINE or SENTENCE_ENDS.search(between):
        return 0
    if _PLAIN.search(between):
        return 0
    if behind:
        tight = len(between) <= _NEAR and _AFTER.fullmatch(between)
        told = tight or _SAID.match(between + b" ") or _LABEL.fullmatch(between)
        return TIGHT if told or _PRONOUN.search(between) else LOOSE
    tight = len(between) <= _NEAR and _BEFORE.fullmatch(between)
    return TIGHT if tight or _AT.search(between) else LOOSE
