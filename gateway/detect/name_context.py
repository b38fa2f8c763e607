"""What stands around the name of a person, and what it makes of the name.

A birth date makes it certain, an age likely. A signature, a function, an office or a firm makes it
POSSIBLE: somebody at work, of whom nothing is said. How professionals are told from patients
elsewhere in the sentence is the business of gateway/detect/at_work.py.
"""

from __future__ import annotations

import re

from gateway.detect import at_work
from gateway.detect.context import words
from gateway.detect.fold import Folded
from gateway.detect.gate import Gate
from gateway.model import Likelihood

_BORN = re.compile(
    rb"(?:nee?|ne\(e\)) le |ddn|naissance|[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:19[0-9]|20[01])[0-9]"
)  # a day of the twenties needs to be announced: most are of meetings
_BORN_REACH = 40  # bytes after a name: "…, 12 rue Fictive, né le"
_AGED = re.compile(rb",? \(?[0-9]{1,3} ans(?! d|[a-z])")
_CLOSING = words(
    "cordialement", "cordiales?", "salutations", "bien a vous", "respectueusement", "amicalement",
    "sincerement", "confraternellement", "bonne journee", "bonne reception", "signee?", "cdlt",
    "bonne fin de semaine", "bonne soiree", "bonne semaine", "chaleureusement", "pour la direction",
    "pour le directeur", "p/o",
)  # fmt: skip
_MAY_CLOSE = Gate(_CLOSING)
_CLOSING_REACH = 160  # bytes: a signature of four lines
# Before a name that has its line for itself.
_THANKS = re.compile(
    rb"(?:^|\n)(?:merci(?: d'avance| beaucoup| par avance)?"
    rb"|(?:avec |bien )?(?:tous )?mes remerciements"
    rb"|bon(?:ne)? (?:week-end|weekend|apres-midi|continuation)|belle journee|a bientot|bises"
    rb"|bien a toi)[,.! ]*\n[^.]*\Z"
)
_ALONE = re.compile(rb"(?:(?:[A-Z][A-Za-z'\-.]*|d[eu]|la|le)[ \t]?){1,5}(?:[\n,(\-|]|\Z)")
# A name that ends a mail without any closing, above the house it writes for.
_SENTENCE_ABOVE = re.compile(rb"[.!?)][ \t]*\n[ \t]*\Z")
_HOUSE_BELOW = re.compile(
    rb"[ \t]*\n[ \t]*(?:pharmacie|cabinet|laboratoires?|labo|secretariat|service|direction|bureau"
    rb"|clinique|polyclinique|hopital|centre|cpam|caf|msa|carsat|chu|ch|ehpad|ssiad|maison|pole"
    rb"|departement|mairie|ccas|societe|association|agence|caisse|mutuelle|responsable|chargee?"
    rb"|assistante?|gestionnaire|mediation|mission|equipe|juriste|rh|drh|accueil|antenne)\b"
    rb"(?:[^\n\x7f]{0,80}\n?){0,4}(?:\x7f|\Z)"
)
_LINE = 60  # bytes
_NOTHING_MORE = re.compile(
    rb"[ .!\n]{0,4}(?:\x7f|\Z|(?:0[1-9]|poste|tel)[0-9 .:]{2,}(?:\n|\x7f|\Z))"
)
_SENTENCE_BEGINS = re.compile(
    rb"(?:[.!?]\s|\n|\x7f ?|\A|^[^.!?\n]{0,30}[.!?\n] ?(?:merci|bises|a bientot),? )"
    rb"(?:(?:le |la |l')?[a-z][a-z' \-]{2,30}, )?(?:(?:m|mr|mme|mlle|monsieur|madame)\.? )?\Z"
)
_AGE_REACH = 12  # bytes: " (102 ans)"
# Firms bear the names of persons.
_COMPANY = re.compile(
    rb" ?(?<![a-z])(?:sarl|sas|sasu|eurl|sci|scop|gie|selarl|scp|snc|et fils|& fils|et associes"
    rb"|& co|gmbh|ltd|inc)(?![a-z])"
)
# "J. Test, P. Essai, M. Exemple": the authors of a paper, of whom M. is an initial like others.
_INITIALLED = rb"(?!M\.)[A-Z]\.(?:[ \-]?[A-Z]\.)? ?[A-Z][a-z]"  # and not "E. coli"
_AUTHOR_BEFORE = re.compile(
    rb"\b" + _INITIALLED + rb"[A-Za-z'\- ]{1,30}(?: ?\([0-9,]{1,5}\)|[0-9,*]{1,5})?(?:,| et) \Z"
)
_AUTHOR_BEHIND = re.compile(rb"(?: ?\([0-9,]{1,5}\)|[0-9,*]{1,5})?(?:,| et) " + _INITIALLED)
_AUTHOR_REACH = 60  # bytes
# Whose account it is, whatever they do: "le RIB de Mme TEST (CPAM 44)".
_HELD_BY = re.compile(
    rb"\b(?:rib|iban|compte(?: bancaire)?|coordonnees bancaires|titulaire(?: du compte)?) ?"
    rb"(?:de |d'|du |: ?|au nom de )(?:(?:m|mr|mme|mlle|monsieur|madame)\.? )?\Z"
)
_HOLDER = re.compile(rb",? ?\(?(?:co-?)?titulaire")
_SIGNATURE = b"\n--\n"  # RFC 3676, 4.3, its blank folded away
_SIGNATURE_REACH = 240  # bytes
_SPACE = 8  # bytes between a sentence and the line below


def judged(folded: Folded, start: int, end: int, sure: Likelihood) -> Likelihood:
    """How sure a name is that was found here, as sure as it is by itself."""
    data = folded.data
    if is_born(folded, end):
        return Likelihood.VERY_LIKELY
    if _COMPANY.match(data, end) or _COMPANY.search(data, start, end):
        return Likelihood.POSSIBLE
    if _AGED.match(data, end, end + _AGE_REACH):
        return max(sure, Likelihood.LIKELY)
    if sure is Likelihood.POSSIBLE:
        return sure
    if signs(folded, start) or at_work.works(folded, start, end):
        holds = _HELD_BY.search(data, max(0, start - _LINE), start) or _HOLDER.match(data, end)
        return sure if holds else Likelihood.POSSIBLE
    return sure


def is_born(folded: Folded, end: int) -> bool:
    """Whether a birth date follows a name that ends here."""
    return bool(_BORN.search(folded.data, end, end + _BORN_REACH))


def signs(folded: Folded, start: int) -> bool:
    """Whether a name that begins here stands in a signature."""
    return bool(
        _is_below_closing(folded.data, start)
        or folded.cased.rfind(_SIGNATURE, max(0, start - _SIGNATURE_REACH), start) >= 0
        or _is_below_thanks(folded.cased, start)
        or _is_above_house(folded.cased, start)
    )


def is_author(folded: Folded, start: int, end: int) -> bool:
    """Whether the M. at start is the initial of an author whose name ends at end: others stand
    beside it."""
    cased = folded.cased
    return bool(
        _AUTHOR_BEFORE.search(cased[max(0, start - _AUTHOR_REACH) : start])
        or _AUTHOR_BEHIND.match(cased, end, end + _AUTHOR_REACH)
    )


def ends(folded: Folded, start: int, end: int) -> bool:
    """Whether a name is all that the last sentence of a mail holds: "Urgent. Mme TEST"."""
    cased = folded.cased
    return bool(_NOTHING_MORE.match(cased[end : end + _LINE].lower())) and bool(
        _SENTENCE_BEGINS.search(cased[max(0, start - _LINE) : start].lower())
    )


def _is_below_closing(data: bytes, start: int) -> bool:
    first = max(0, start - _CLOSING_REACH)
    return _MAY_CLOSE.may_match(data[first:start]) and bool(_CLOSING.search(data, first, start))


def _is_below_thanks(cased: bytes, start: int) -> bool:
    above = cased[max(0, start - _CLOSING_REACH) : start]
    if b"\n" not in above:
        return False
    thanks = _THANKS.search(above.lower())
    return bool(thanks and _ALONE.match(cased[start : start + _LINE]))


def _is_above_house(cased: bytes, start: int) -> bool:
    if not _SENTENCE_ABOVE.search(cased[max(0, start - _SPACE) : start]):
        return False
    alone = _ALONE.match(cased[start : start + _LINE])
    if not alone or not alone[0].endswith(b"\n"):
        return False
    end = start + alone.end() - 1
    return bool(_HOUSE_BELOW.match(cased[end : end + _SIGNATURE_REACH + _LINE].lower()))
