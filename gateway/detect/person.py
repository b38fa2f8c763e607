"""Natural persons, as French administrative and medical writing names them.

    M. Paul TEST              a civility and a name
    patiente TEST Anne        a role towards a carer or an insurer, and a name
    Nom : TEST Prénom : Anne  the fields of a form
    Anne TEST, DURAND Anne    a first name of the list beside a surname
    Zorba Test, né le 3/2/61  any capitalised name right before a birth date

Professionals are no patients: Dr, Pr and Me are no civilities here; names after a closing formula
(signatures) or before a function ("directeur") are only POSSIBLE; streets and institutions that
bear a name are left out. A lone surname never counts, since the commonest are ordinary words.
The value is the name folded, its words sorted: "Jean DUPONT" and "DUPONT Jean" are one person.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from ahocorasick_rs import BytesAhoCorasick, Implementation, MatchKind

from gateway.detect.context import words
from gateway.detect.detector import Detector
from gateway.detect.fold import Folded
from gateway.detect.lexicon import names, not_names
from gateway.detect.pattern import watched
from gateway.model import Likelihood, Match

# Read on slices of at most _LONGEST bytes; each word ends where no part of it can go on.
_WORD = rb"[A-Z\x8c\xc6\xfe][A-Za-z\x8c\x9c\xc6\xe6\xfe]*(?:['\-][A-Za-z\x8c\x9c\xc6\xe6\xfe]+)*"
_PARTICLE = rb"(?:d'|de la |de |du |des |le |la |van |von |el |ben |da |dos |di )?"
_NAME = re.compile(_PARTICLE + _WORD + rb"(?:[ \t]" + _PARTICLE + _WORD + rb"){0,3}")
_BEFORE = re.compile(rb"(?:" + _WORD + rb"[ \t]){0,3}" + _WORD + rb"\Z")
_CAPITALS = re.compile(rb"(?<![A-Za-z'\-])(?:[A-Z][A-Z'\-]+ )?[A-Z][A-Z'\-]+\Z")
_SMALL = re.compile(rb"[a-z'\-]+(?![a-z0-9])")
_SPACED = re.compile(rb"[^ \t]+")
_PARTICLES = frozenset(b"de la du des le van von el ben da dos di".split())
_CIVILITIES = (b"m.", b"mr", b"mme", b"mlle", b"melle", b"monsieur", b"mad")
_INITIAL = re.compile(rb"(?:[A-Z]\.[ -]?){1,3}(?=[A-Z])")
_LONE_M = re.compile(rb"M [A-Z][A-Za-z]")
_INITIAL_BEFORE = re.compile(rb"(?<![A-Za-z])[A-Z]\. ?\Z")
_LONGEST = 80  # bytes of a name with all its parts
_MORE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-'\x8c\x9c\xfe")
_GOES_ON = frozenset(bytes((byte,)) for byte in _MORE)

# What leads to a name; searched for at once, since each search reads the whole text.
_CIVILITY = rb"(?:m\.|mr\.?|mme\.?|mlle\.?|melle|monsieur|madame|mademoiselle) |m [a-z][a-z]"
_ROLE = (
    rb"(?:patiente?|assuree?|beneficiaire|allocataire|adherente?|residente?|usagere?|malade|enfant"
    rb"|ayant droit)(?: :)? "
)
_FIELD = rb"nom(?: de naissance| d'usage| de famille| du patient)?(?: ?: ?| )"
_BIRTH = rb"(?:nee?|ne\(e\)) le [0-9]|(?:ddn|date de naissance)[ :]{1,3}[0-9]"
_LEAD = watched(rb"\b(?:" + b"|".join((_CIVILITY, _ROLE, _FIELD, _BIRTH)) + rb")")
_FIRST_FIELD = re.compile(rb"prenoms?(?:\(s\))?(?: ?: ?| )")
_FORM_REACH = 80  # bytes between the two fields
_BORN = re.compile(
    rb"(?:nee?|ne\(e\)) le |ddn|naissance|[0-3]?[0-9][/.\-][01]?[0-9][/.\-](?:19|20)[0-9]{2}"
)
_BORN_REACH = 40  # bytes after a name: "…, 12 rue Fictive, né le"
_PLACES = words(
    "rue", "avenue", "av", "bd", "boulevard", "place", "allees?", "impasse", "chemin", "quai",
    "cours", "square", "lycee", "college", "ecole", "hopital", "hopitaux", "clinique", "chu", "chr",
    "chru", "chi", "ch", "centre", "institut", "fondation", "stade", "salle", "espace", "residence",
    "universite", "musee", "prix", "loi", "rapport", "plan", "saint", "sainte", "st", "ste", "dr",
    "drs", "pr", "docteure?", "docteurs", "professeure?", "me", "maitre", "pharmacie",
    "laboratoires?", "cabinet", "groupe", "societe", "ets", "maison", "ehpad", "pont", "parc",
    "tour", "batiment", "site", "gare", "metro", "station", "port", "abbe", "general", "marechal",
    "hospitaliere?", "scolaire", "polyclinique", "departementale?", "mutualiste", "pole", "unite",
)  # fmt: skip
# Surnames, too; before a first name they are rather the town of what the name belongs to.
_TOWNS = frozenset(
    b"paris lyon marseille toulouse nice nantes lille bordeaux rennes reims toulon dijon angers"
    b" nimes brest tours amiens limoges metz besancon orleans rouen caen nancy pau lens".split()
)
_PLACE_REACH = 16  # bytes between "hôpital" and the name: "hôpital du Dr "
_CLOSING = words(
    "cordialement", "cordiales?", "salutations", "bien a vous", "respectueusement", "amicalement",
    "sincerement", "confraternellement", "bonne journee", "bonne reception", "signee?", "cdlt",
)  # fmt: skip
_CLOSING_REACH = 160  # bytes: a signature of four lines
_FUNCTION = words(
    "directeur", "directrice", "responsable", "presidente?", "secretaire", "chef", "cheffe",
    "adjointe?", "maire", "ministre", "deleguee?", "redacteur", "redactrice", "gestionnaire",
    "conseillere?", "charge de", "chargee de", "assistante?", "infirmiere?", "medecin", "cadre",
    "ingenieure?", "technicien(?:ne)?", "coordinateur", "coordinatrice", "consultante?",
    "attachee?", "referente?", "pharmacien(?:ne)?", "biologiste", "chirurgien(?:ne)?", "interne",
    "psychologue", "kinesitherapeute", "orthophoniste", "cardiologue", "radiologue", "avocate?",
    "notaire", "drh",
    "dsi", "dpo", "daf", "dim", "comptable", "formateur", "formatrice", "commerciale?", "juriste",
)  # fmt: skip
_FUNCTION_REACH = 30
# Who writes or works on something: right before a name.
_OFFICE = re.compile(
    rb"(?:(?:suivie?|redigee?|validee?|etablie?|ecrit|envoyee?) par|votre (?:conseillere?|contact)"
    rb"|contacts? ?:|interlocut(?:eur|rice) ?:|auteure?s? ?:|(?<![a-z])(?:de|from|expediteur) ?:"
    rb"|(?<![a-z])(?:directeur|directrice|presidente?|secretaire|responsable|maire)"
    rb"(?: generale?)?,) ?:? ?(?:m\. |mme |mr |mlle |monsieur |madame )?\Z"
)
_OFFICE_REACH = 48  # bytes
_SIGNATURE = b"\n--\n"  # RFC 3676, 4.3, its blank folded away
_SIGNATURE_REACH = 240  # bytes


class Name(NamedTuple):
    """parts: its words folded, in the order written."""

    start: int
    end: int
    parts: tuple[bytes, ...]


Reading = tuple[Name, Likelihood] | None


def find(folded: Folded) -> Iterator[Match]:
    """The surest of overlapping readings of one name."""
    readings = [*_led(folded), *_listed(folded)]
    taken = -1
    for name, sure in sorted(readings, key=lambda r: (r[0].start, -r[1], -r[0].end)):
        if name.start >= taken:
            taken = name.end
            value = b" ".join(sorted(name.parts)).decode("latin-1")
            yield Match(name.start, name.end, _judged(folded, name, sure), value)


def _judged(folded: Folded, name: Name, sure: Likelihood) -> Likelihood:
    """What stands around a name: a birth date makes it certain, a function or a signature not."""
    data, start, end = folded.data, name.start, name.end
    if _BORN.search(data, end, end + _BORN_REACH):
        return Likelihood.VERY_LIKELY
    if sure is Likelihood.POSSIBLE:
        return sure
    if (
        _CLOSING.search(data, max(0, start - _CLOSING_REACH), start)
        or _FUNCTION.search(data, end, end + _FUNCTION_REACH)
        or _OFFICE.search(data[max(0, start - _OFFICE_REACH) : start])
        or folded.cased.rfind(_SIGNATURE, max(0, start - _SIGNATURE_REACH), start) >= 0
    ):
        return Likelihood.POSSIBLE
    return sure


def _led(folded: Folded) -> Iterator[tuple[Name, Likelihood]]:
    """Names behind a civility, a role or a field, and before a birth date."""
    if folded.lacks(_LEAD):
        return
    for lead in _LEAD.finditer(folded.data):
        written = folded.data[lead.start() : lead.end()]
        if written[-1:].isdigit():
            reading = _born(folded, lead.start())
        elif written.startswith(b"nom"):
            reading = _of_form(folded, lead.end())
        elif written.startswith(b"m "):
            lone = _LONE_M.match(folded.cased, lead.start(), lead.end())
            reading = _of_civility(folded, lead.start() + 2, pointed=False) if lone else None
        elif written.startswith(_CIVILITIES):
            reading = _of_civility(folded, lead.end(), pointed=True)
        else:
            reading = _of_role(folded, lead.end())
        if reading:
            yield reading


def _of_civility(folded: Folded, at: int, *, pointed: bool) -> Reading:
    """pointed: not the lone letter M, which is believed before a name of the lists only."""
    initial = _INITIAL.match(folded.cased, at, at + _LONGEST)
    at = initial.end() if initial else at
    name = _name(folded, at) or (_small_name(folded, at) if pointed else None)
    if not name or len(b"".join(name.parts)) < 2:  # "M. X" is nobody
        return None
    known = names()
    if not pointed and not _is_listed(name.parts[0]):
        return None
    full = len(name.parts) > 1 and any(part in known.first for part in name.parts)
    return name, Likelihood.VERY_LIKELY if full else Likelihood.LIKELY


def _of_role(folded: Folded, at: int) -> Reading:
    known, name = names(), _name(folded, at)
    if name and any(part in known.first or part in known.last for part in name.parts):
        return name, Likelihood.LIKELY
    return None


def _of_form(folded: Folded, at: int) -> Reading:
    family = _name(folded, at) or _typed(folded, at)
    if not family:
        return None
    other = _FIRST_FIELD.search(folded.data, family.end, family.end + _FORM_REACH)
    given = (_name(folded, other.end()) or _typed(folded, other.end())) if other else None
    if not given:
        return None
    parts = (*family.parts, given.parts[0])
    return Name(family.start, given.end, parts), Likelihood.VERY_LIKELY


def _born(folded: Folded, at: int) -> Reading:
    """Whatever capitalised words stand right before a birth date, two at least."""
    name = _name_before(folded, at)
    if not name:
        return None
    initial = _INITIAL_BEFORE.search(folded.cased[max(0, name.start - 4) : name.start])
    return (name, Likelihood.VERY_LIKELY) if len(name.parts) > 1 or initial else None


def _listed(folded: Folded) -> Iterator[tuple[Name, Likelihood]]:
    """A first name of the list with a surname after it, or before it in capitals."""
    cased, last = folded.cased, names().last
    for _, start, end in _first_names().find_matches_as_indexes(cased):
        if (start and cased[start - 1] in _MORE) or cased[end : end + 1] in _GOES_ON:
            continue
        name = _name(folded, start)
        if not name or len(name.parts) < 2:
            name = _name_before(folded, start, in_capitals=True) or _listed_before(folded, start)
            if not name:
                continue
            name = Name(name.start, end, (*name.parts, folded.data[start:end]))
            known = any(part in last for part in name.parts[:-1])
        else:
            surname = cased[start : name.end].split()[-1]
            known = surname.isupper() or name.parts[-1] in last
        place = _PLACES.search(folded.data, max(0, name.start - _PLACE_REACH), name.start)
        if not place:
            yield name, Likelihood.LIKELY if known else Likelihood.POSSIBLE


def _name(folded: Folded, at: int) -> Name | None:
    """The name written from this position on, up to a word that is none."""
    found = _NAME.match(folded.cased, at, at + _LONGEST)
    return _cut(at, found[0], found[0].lower()) if found else None


def _small_name(folded: Folded, at: int) -> Name | None:
    """A surname of the list after a civility, all in small letters, as typed on telephones.
    Not after "m.", which is also a unit, a size and an initial."""
    if folded.data[at - 3 : at] == b"m. ":
        return None
    found = _SMALL.match(folded.cased, at, at + _LONGEST)
    word = found[0] if found else b""
    if len(word) < 3 or not _is_listed(word):
        return None
    next_ = _SMALL.match(folded.cased, at + len(word) + 1, at + _LONGEST)
    other = next_[0] if next_ else b""
    if len(other) > 2 and _is_listed(other):
        return Name(at, at + len(word) + 1 + len(other), (word, other))
    return Name(at, at + len(word), (word,)) if word in names().last else None


def _is_listed(word: bytes) -> bool:
    known = names()
    return (word in known.last or word in known.first) and word not in not_names()


def _typed(folded: Folded, at: int) -> Name | None:
    """A word in small letters in the field of a form."""
    found = _SMALL.match(folded.cased, at, at + _LONGEST)
    if not found or len(found[0]) < 2 or found[0] in not_names():
        return None
    return Name(at, found.end(), (found[0],))


def _listed_before(folded: Folded, at: int) -> Name | None:
    """A surname of the list, with a capital, right before a first name: "Dupont Jean"."""
    found = _BEFORE.search(folded.cased[max(0, at - _LONGEST) : at].rstrip(b" \t"))
    word = found[0].split()[-1].lower() if found else b""
    if not word or word in not_names() or word not in names().last or word in names().first:
        return None
    if _PLACES.fullmatch(word) or word in _TOWNS or folded.cased[at - 1 : at] != b" ":
        return None
    return Name(at - 1 - len(word), at - 1, (word,))


def _name_before(folded: Folded, at: int, *, in_capitals: bool = False) -> Name | None:
    """The capitalised words that end right before this position, blanks and commas apart."""
    lead = folded.cased[max(0, at - _LONGEST) : at].rstrip(b" (,-:" if not in_capitals else b" \t")
    found = (_CAPITALS if in_capitals else _BEFORE).search(lead)
    if not found:
        return None
    parts: list[bytes] = []
    begin = 0
    for word in _SPACED.finditer(found[0].lower()):
        if word[0] not in not_names():
            begin = begin if parts else word.start()
            parts.append(word[0])
    start = max(0, at - _LONGEST) + found.start()
    return Name(start + begin, start + len(found[0]), tuple(parts)) if parts else None


def _cut(at: int, written: bytes, small: bytes) -> Name | None:
    """Keep the words before the first that is no name: "TEST Anne Votre" is "TEST Anne"."""
    parts: list[bytes] = []
    end = at
    for word in _SPACED.finditer(small):
        if word[0] in not_names() and word[0] not in _PARTICLES:
            break
        if word[0] not in _PARTICLES:
            parts.append(word[0])
            end = at + word.end()
    return Name(at, end, tuple(parts)) if parts else None


@lru_cache(maxsize=1)
def _first_names() -> BytesAhoCorasick:
    """First names with a capital, and in capitals."""
    spellings = {form for name in names().first for form in (name.upper(), name.title())}
    return BytesAhoCorasick(
        sorted(spellings), MatchKind.LeftmostLongest, Implementation.ContiguousNFA
    )


def mask(value: str) -> str:
    """Initials."""
    return " ".join(f"{part[0].upper()}." for part in value.split())


DETECTOR = Detector(kind="person", find=find, mask=mask, prepare=_first_names)
