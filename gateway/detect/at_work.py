"""Whom a text names at work: who speaks, writes, attends, is appointed, sells, gives or is greeted.

Health words stand around such names in every programme, minutes and press release, and are not
said of them. Told by what stands right around a name:

    Présents : Anne TEST, M. EXEMPLE         a heading that lists people at work, and the list
    Anne TEST, psychiatre / (CFDT) / du CHU  what they are
    Anne TEST dirige, rappelle, animera      what they do
    d'après Anne TEST, merci à Anne TEST     what others do with them
    Mme TEST, pourriez-vous                  to whom one writes

The words are those of lexicons/at_work.txt; here is where around the name each list counts. A
patient may have a profession as well: callers ask first whether the person is called ill.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from gateway.detect.fold import Folded
from gateway.detect.gate import Gate, at_beginning
from gateway.detect.work_words import any_of, stems

_BEFORE, _AFTER = 240, 60  # bytes looked at: a line of names, and a few words
_ASKED_WITHIN = 24
_NAMED_BY = 80  # bytes: a function of several words
_TITLE = (
    rb"(?:m\.|mm\.|mr\.?|mme\.?|mmes|mlle\.?|monsieur|madame|dr\.?|dre|pr\.?|docteur|professeure?)"
)
_CIVILITY = rb"(?:" + _TITLE + rb" )?"
_FUNCTION, _PROFESSION = any_of("function"), any_of("profession")

# A heading, then nothing but names and what parts them, up to the name itself; "bureau : prévoir un
# transport pour Mme TEST" lists nobody.
_LISTED = re.compile(
    rb"(?:^|[\n.;:!?\x95\xb7*(\-] ?|\t)(?:[a-z']{1,16} ){0,3}"
    + any_of("heading")
    + rb"(?: [a-z'()/\-]{1,24}){0,7} ?(?::|\n|\t) ?(?:[^.:!?]|\b(?:dr|pr|m|mm)\.|\. [a-z]\. )*"
    rb"\Z"
)
_AIMED = re.compile(
    rb"\b(?:pour|chez|de|du|concernant|patiente?|dossier|enfant) " + _CIVILITY + rb"\Z"
)
# "merci à Anne TEST", "la nomination de Mme TEST", "directeur de la recherche, Paul TEST"
_CALLED = re.compile(  # but "toilette refusée par", "arrêt de travail de", "inapte au travail :"
    rb"\b(?!(?<=\bde )travail|(?<=\b[ad]u )travail)"
    rb"(?<!refuse )(?<!refusee )(?<!refuses )(?<!subi )(?<!subie )(?<!subies )(?<!ressentie )"
    rb"(?:(?:" + any_of("with") + rb"|" + any_of("work") + rb" de?|" + _FUNCTION + rb")(?: ?:)?"
    rb"[ ':\n]{1,2}|" + _FUNCTION + rb"[a-z' \-]{0,50}, ?)[\n\x96\- ]{0,3}" + _CIVILITY + rb"\Z"
)
_CALLED_TOO = re.compile(
    rb"\b(?:par|avec|remercier?|merci a|bravo a|bienvenue a|selon|d'apres) [a-z'\- ]{3,60}"
    rb"(?:,| et)(?: a| pour)? " + _CIVILITY + rb"\Z"
)
# "Anne TEST1,2": an author, whose note tells where they work.
_AUTHOR = re.compile(rb"[0-9](?:,[0-9]){0,4}[*&,]{0,3}(?: et |[ ,;.\n]|\Z)")
# "(Anne TEST)", "l'équipe mobile (Anne TEST, Paul EXEMPLE)", with no civility: whom to ask.
_BRACKET = re.compile(rb"\((?:[a-z' .\-]{2,40}, ){0,4}\Z")
_BRACKETED = re.compile(rb"(?:, [A-Z][A-Za-z'\-]{1,20}(?: [A-Z][A-Za-z'\-]{1,20}){1,2}){0,4}\)")
_FUNCTION_BEFORE = re.compile(  # "la psychologue du travail, Mme TEST", "l'infirmière Anne TEST"
    rb"(?:\b(?:la|le|notre|une?|votre|ancienne?) |\bl')(?!cadre d(?:e (?!sante)|u|'))"
    + _PROFESSION
    + rb"(?:(?: d[eu'][a-z' \-]{2,40})?, ?| )"
    + _CIVILITY
    + rb"\Z"
)
_IS = re.compile(  # but "M. TEST : le médecin conclut" is of another, and a list of his visits
    rb"(?! ?: ?(?:l'|le |la |un |une |[-*\x95\xb7] ))"
    rb"(?:[ ,(:\-\x96\x97|\t\n]{1,4}|, (?:qui est|est) | est )"
    rb"(?:(?:l'|la |le |un |une |notre |son |sa |ex-|par ailleurs |egalement |aussi |et )?"
    rb"(?:anciens?|ancienne|futur|future|nouveau|nouvelle|jeune|grand|actuel|actuelle)? ?){1,2}"
    + _PROFESSION
)
_OF = re.compile(
    rb"(?: ?\([0-9 ,*]{1,5}\)| ?\((?!ch ?[0-9])" + any_of("employer") + rb"[^)]{0,30}\)| et al\b"
    rb"|,? (?:du|de la|de l'|des|au|pour le|pour la) ?" + any_of("house") + rb")"
)
# "à Mme TEST, bureau 12": where somebody works, and no ward.
_OFFICE = re.compile(rb",? ?\(?(?:au )?(?:bureau|poste|guichet) (?:n ?\xb0 ?)?[a-z]?[0-9]{1,5}\b")
# "présente le bilan", not "se présente avec une fièvre" nor "présente l'état suivant".
_DOES = re.compile(
    rb"(?! s[e'] ?present),?(?: et [^,.\n]{3,40})?(?: nous| vous| lui| en| y| se| s'| ne)?[ \n]?"
    rb"(?:presente(?:ra|ront|nt|ait)? (?:le |la |les |l'|notre |nos |avec |ses |leurs )"
    rb"(?!h[ae]m|douleur|etat|patient|syndrome|trouble)"
    rb"|" + stems("will do") + rb"(?:era|eront|ira|iront|dra|dront|ra|ront)\b"
    rb"|" + stems("does") + rb"(?:e|ent|te|gnent|nt|de) (?:qu|l|a|d|un|not|ses|sur)"
    rb"|" + any_of("doing") + rb"|remplace (?!son |sa |ses |le t))"
)
# "Mme TEST vérifiera les carnets": what a patient will do is to come, to go, to be, to undergo.
_FUTURE = re.compile(
    rb"(?: (?:ne|se|nous|vous|y|en|lui|le|la|les) | s'| l'| )(?!"
    + stems("ill will")
    + rb"[a-z]*)[a-z]{3,12}(?:er|ir|d|t)(?:a|ont)\b"
)
_WILL = re.compile(
    rb"[^.!?;:\n]{0,60} (?:presentera|animera|interviendra|racontera|parlera|tiendra)\b"
)
# "Mme TEST : « la santé des salariés… »", "M. TEST rappelle : portez un masque": who speaks.
_SAYS = re.compile(
    rb" ?(?:\([^)]{1,30}\) ?)?(?:: ?[\"\xab]"
    rb"|(?:rappelle|souligne|precise|insiste|conclut) ?:(?! ?(?:elle|il|son|sa|ses) ))"
)
_HEADER = re.compile(
    rb"(?:\A|\n|> ?)(?:de|a|cc|cci|from|to|envoye par|expediteur|destinataires?) ?: ?[^\n:]*\Z"
)
_COLUMN = re.compile(rb"[\x7f ]*" + stems("column") + rb"s?[ \x7f]*")
_HEADS = re.compile(rb"\b" + any_of("head") + rb"[^.:]*\Z")
_FIGURE = re.compile(rb"[0-9]")
_WIDEST_HEAD = 160  # bytes
_CONTINUED = 40  # bytes of a line that may be the end of a row
_TABLE = 8192  # bytes above a row in which the head of its table is looked for
_CELLS = (b"\t", b"|")
_ADDRESSED = re.compile(rb"(?:,\s?(?:\n|\x7f)|,? " + stems("addressed") + rb"[ -])")
# "Madame TEST, la salle est réservée": nobody writes so of a patient but "Mme TEST".
_FORMAL = re.compile(rb"(?:madame|monsieur) (?:[a-z'\-]{2,20} )?\Z")
_CALLED_UPON = re.compile(rb", (?:la|le|les|nous|je|suite|pour|dans|ci-joint|l'|j')")
_ASKED = re.compile(rb", (?:pourriez|pouvez|voulez|auriez|seriez|etes|avez)-vous")
_LINE_BEGINS = re.compile(
    rb"(?:\A|\n|\x7f)[ \t]*(?:(?:bonjour|bonsoir|chere?s?) )?" + _CIVILITY + rb"\Z"
)
# "Voir Mme TEST pour les commandes": whom to ask. One sees a patient "pour sa plaie".
_SEE = re.compile(rb"(?:\A|[.!?;\n\x7f] ?)(?:voir|contacter) " + _CIVILITY + rb"\Z")
_SEE_FOR = re.compile(rb" (?:pour (?:les |tout |toute |toutes |plus )|si (?:vous|besoin))")
# Of what stands right behind a name, before it, and before it with the ends of lines.
_BEHIND = at_beginning(_IS, _OF, _OFFICE, _AUTHOR, _DOES, _FUTURE, _WILL, _SAYS)
_LEADING = Gate(_CALLED, _CALLED_TOO, _FUNCTION_BEFORE, _BRACKET, _LISTED, _SEE)
_LEADING_LINES = Gate(_LISTED, _HEADER)


def works(folded: Folded, start: int, end: int) -> bool:
    """Whether the name from start to end is that of somebody at work. Asked for the name, and again
    for what is said of it."""
    known = folded.shared.get("works")
    if not isinstance(known, dict):
        known = folded.shared["works"] = {}
    if (start, end) not in known:
        known[start, end] = _works(folded, start, end)
    found: bool = known[start, end]
    return found


def _works(folded: Folded, start: int, end: int) -> bool:
    return (
        _is_at_work(folded.data[end : end + _AFTER + _AFTER])
        or _is_led_to(folded, start, end)
        or _in_column(folded, start)
    )


def _is_at_work(after: bytes) -> bool:
    """after: what follows the name."""
    return _BEHIND.may_match(after) and bool(
        _IS.match(after)
        or _OF.match(after)
        or _OFFICE.match(after)
        or _AUTHOR.match(after)
        or _DOES.match(after)
        or _FUTURE.match(after)
        or _WILL.match(after)
        or _SAYS.match(after)
    )


def _is_led_to(folded: Folded, start: int, end: int) -> bool:
    before = folded.data[max(0, start - _BEFORE) : start]
    if _LEADING.may_match(before) and (
        _CALLED.search(before[-_NAMED_BY:])
        or _CALLED_TOO.search(before)
        or _FUNCTION_BEFORE.search(before[-_NAMED_BY:])
        or (_BRACKETED.match(folded.cased, end) and _BRACKET.search(before))
        or (_SEE_FOR.match(folded.data, end) and _SEE.search(before[-_NAMED_BY:]))
        or _is_listed(before)
    ):
        return True
    lines = _lines(folded, start - _BEFORE, start)
    return _LEADING_LINES.may_match(lines) and bool(_is_listed(lines) or _HEADER.search(lines))


def _is_listed(before: bytes) -> bool:
    return bool(_LISTED.search(before)) and not _AIMED.search(before)


def addressed(folded: Folded, start: int, end: int) -> bool:
    """Whether one writes to this person: the name stands alone on the first line, or is called."""
    after = _lines(folded, end, end + _ASKED_WITHIN)
    if _ASKED.match(after):
        return True
    before = _lines(folded, start - _AFTER, start)
    formal = _FORMAL.search(before) and _CALLED_UPON.match(after)
    return bool(_LINE_BEGINS.search(before) and (formal or _ADDRESSED.match(after)))


def begins_line(folded: Folded, start: int) -> bool:
    return bool(_LINE_BEGINS.search(_lines(folded, start - _AFTER, start)))


def _lines(folded: Folded, start: int, end: int) -> bytes:
    """Folded, but with the ends of lines."""
    return folded.cased[max(0, start) : end].lower()


def _in_column(folded: Folded, start: int) -> bool:
    """Whether the head of the column is a function: "Formateur", "Référent"."""
    cased = folded.cased
    line = cased.rfind(b"\n", max(0, start - _BEFORE), start) + 1
    if not line:  # nothing is above it
        return False
    stop = cased.find(b"\n", start, start + _BEFORE)
    row = cased[line : stop if stop >= 0 else start + _BEFORE]
    for mark in filter(row.__contains__, _CELLS):
        head = b""
        for above in _above(cased, line):
            if above.count(mark) != row.count(mark):
                break
            head = above
        at, heads = cased.count(mark, line, start), head.lower().split(mark)
        if head and at < len(heads) and not _FIGURE.search(head):
            return bool(_COLUMN.fullmatch(heads[at].strip()))
    return heads_staff(folded, line)


def heads_staff(folded: Folded, line: int) -> bool:
    """Whether the rows to which the line belongs are headed by a function: "Date Formateur"."""
    known = folded.shared.get("heads of staff")
    if not isinstance(known, dict):
        known = folded.shared["heads of staff"] = {}
    if line not in known:
        known[line] = _heads_staff(folded.cased, line)
    found: bool = known[line]
    return found


def _heads_staff(cased: bytes, line: int) -> bool:
    """Rows have figures, heads have none."""
    for above in _above(cased, line):
        if _FIGURE.search(above):
            continue
        if len(above) < _WIDEST_HEAD and _HEADS.search(above.lower()):
            return True
        if len(above) > _CONTINUED:
            return False
    return False


def _above(cased: bytes, line: int) -> Iterator[bytes]:
    """The lines above the one that begins here, from below."""
    first, end = max(0, line - _TABLE), line - 1
    while end >= first:
        begin = cased.rfind(b"\n", first, end) + 1 or first
        yield cased[begin:end]
        end = begin - 1
