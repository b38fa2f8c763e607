"""Natural persons, as French administrative and medical writing names them.

    M. Paul TEST              a civility and a name
    patiente TEST Anne        a role towards a carer or an insurer, and a name
    Nom : TEST Prénom : Anne  the fields of a form, in any order
    Mme TEST née EXEMPLE      one person of two names
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
from gateway.detect.name_context import is_author, is_born, judged
from gateway.detect.pattern import watched
from gateway.model import Likelihood, Match

# Read on slices of at most _LONGEST bytes; each word ends where no part of it can go on.
_WORD = rb"[A-Z\x8c\xc6\xfe][A-Za-z\x8c\x9c\xc6\xe6\xfe]*(?:['\-][A-Za-z\x8c\x9c\xc6\xe6\xfe]+)*"
_PARTICLE = rb"(?:d'|de la |de |du |des |le |la |van |von |el |ben |da |dos |di )?"
_NAME = re.compile(_PARTICLE + _WORD + rb"(?:[ \t]" + _PARTICLE + _WORD + rb"){0,3}")
_BEFORE = re.compile(rb"(?:" + _WORD + rb"[ \t]){0,3}" + _WORD + rb"\Z")
_CAPITALS = re.compile(rb"(?<![A-Za-z'\-])(?:[A-Z][A-Z'\-]+ )?[A-Z][A-Z'\-]+\Z")
_CAPITAL = re.compile(rb"[A-Z\x8c\xc6\xfe]")
_SMALL = re.compile(rb"[a-z'\-]+(?![a-z0-9])")
_SMALL_BEFORE = re.compile(rb"(?<![A-Za-z0-9'\-])([a-z\-]{2,20})[ \t]([a-z\-]{2,20})\Z")
_SPACED = re.compile(rb"[^ \t]+")
_ELIDED = (b"d'", b"D'", b"l'", b"L'", b"u'")  # "le dossier d'Anne TEST", "qu'Anne TEST"
_PARTICLES = frozenset(b"de la du des le van von el ben da dos di".split())
_CIVILITIES = (b"m.", b"mr", b"mme", b"mlle", b"melle", b"monsieur", b"mad")
_INITIAL = re.compile(rb"(?:[A-Z]\.[ -]?){1,3}(?=[A-Z])")
_LONE_M = re.compile(rb"M[. ][A-Z][A-Za-z]")
# The other name of the same person, by birth or by marriage.
_OTHER_NAME = re.compile(rb",? ?\(?(?:nee?|epouse|ep\.?|veuve|vve|divorcee) (?!le )")
_HYPHENED = re.compile(rb"-[A-Z][A-Za-z\x9c\xe6]+")  # "Marie-Claude", of which the list has half
_INITIAL_BEFORE = re.compile(rb"(?<![A-Za-z])[A-Z]\. ?\Z")
_LONGEST = 80  # bytes of a name with all its parts
_MORE = frozenset(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-'\x8c\x9c\xfe")
_GOES_ON = frozenset(bytes((byte,)) for byte in _MORE)

# What leads to a name; searched for at once, since each search reads the whole text.
_CIVILITY = (
    rb"(?:m\.|mr\.?|mme\.?|mlle\.?|melle\.?|monsieur|madame|mademoiselle) (?:(?:vve|veuve) )?"
    rb"|m[. ][a-z][a-z]"
)
_ROLE = (
    rb"(?:patient(?:e|\(e\))?|assure(?:e|\(e\))?|beneficiaire|allocataire|adherente?|residente?"
    rb"|usagere?|malade|enfant|bebe|salarie(?:e|\(e\))?|ayant droit|identite|concerne)(?: ?:)? "
)
_FIELD = (
    rb"nom(?: de naissance| d'usage| de famille| (?:du )?patient)?(?: ?: ?| )"
    rb"|prenoms?(?:\(s\))? ?: ?"
)
_WHOLE_FIELD = rb"noms?(?: ?/ ?| ?- ?| et |, ?| )prenoms?(?: du patient)?(?: ?: ?)"
_BIRTH = rb"(?:nee?|ne\(e\)) le [0-9]|(?:ddn|date de naissance)[ :]{1,3}[0-9]"
_LEAD = watched(rb"\b(?:" + b"|".join((_CIVILITY, _ROLE, _WHOLE_FIELD, _FIELD, _BIRTH)) + rb")")
_FIRST_FIELD = re.compile(rb"prenoms?(?:\(s\))?(?: ?: ?| )")
_LAST_FIELD = re.compile(rb"nom(?: de naissance| d'usage| de famille| du patient)?(?: ?: ?| )")
_WHOLE = re.compile(rb"noms?[ /,\-]{0,3}(?:et )?prenoms?")
_OTHER_FIELD = {b"n": _FIRST_FIELD, b"p": _LAST_FIELD}
_FORM_REACH = 80  # bytes between the two fields
_PLACES = words(
    "rue", "avenue", "av", "bd", "boulevard", "place", "allees?", "impasse", "chemin", "quai",
    "cours", "square", "lycee", "college", "ecole", "hopital", "hopitaux", "clinique", "chu", "chr",
    "chru", "chi", r"ch(?! ?[0-9])", "centre", "institut", "fondation", "stade", "salle", "espace",
    "residence",
    "universite", "musee", "prix", "loi", "rapport", "plan", "saint", "sainte", "st", "ste", "dr",
    "drs", "dre", "pr", "docteure?", "docteurs", "professeure?", "me", "maitre", "pharmacie",
    "laboratoires?", "cabinet", "groupe", "societe", "ets", "maison", "ehpad", "pont", "parc",
    "tour", "batiment", "site", "gare", "metro", "station", "port", "abbe", "general", "marechal",
    "sarl", "sas", "eurl", "sci", "entreprise", "garage", "transports",
    "hospitaliere?", "scolaire", "polyclinique", "departementale?", "mutualiste", "pole", "unite",
)  # fmt: skip
# Surnames, too; before a first name they are rather the town of what the name belongs to.
_TOWNS = frozenset(
    b"paris lyon marseille toulouse nice nantes lille bordeaux rennes reims toulon dijon angers"
    b" nimes brest tours amiens limoges metz besancon orleans rouen caen nancy pau lens".split()
)
_OF_ANOTHER = words("pour", "avec", "chez", "par", "a")
_SENTENCE_ENDS = re.compile(rb"[a-z]{3} ?[.!?;:][ \n]|\n\n")
_LAST_LETTERS = 3  # of a word before the end of its sentence
_PLACE_REACH = 16  # bytes between "hôpital" and the name: "hôpital du Dr "


class Name(NamedTuple):
    """parts: its words folded, in the order written."""

    start: int
    end: int
    parts: tuple[bytes, ...]


Reading = tuple[Name, Likelihood] | None


def find(folded: Folded) -> Iterator[Match]:
    yield from found(folded)


def found(folded: Folded) -> list[Match]:
    """The same; names are looked for once a text, whoever asks for them."""
    known = folded.shared.get("persons")
    if not isinstance(known, list):
        known = folded.shared["persons"] = list(_surest(folded))
    persons: list[Match] = known
    return persons


def _surest(folded: Folded) -> Iterator[Match]:
    """The surest of overlapping readings of one name."""
    readings = [*_led(folded), *_listed(folded)]
    taken = -1
    for name, sure in sorted(readings, key=lambda r: (r[0].start, -r[1], -r[0].end)):
        if name.start >= taken:
            name = _with_other_name(folded, name)
            taken = name.end
            value = b" ".join(sorted(name.parts)).decode("latin-1")
            yield Match(name.start, name.end, judged(folded, name.start, name.end, sure), value)


def _with_other_name(folded: Folded, name: Name) -> Name:
    """ "Mme TEST née EXEMPLE Anne" is Anne TEST: one person, and no second."""
    lead = _OTHER_NAME.match(folded.data, name.end, name.end + _LONGEST)
    other = _name(folded, lead.end()) if lead else None
    if not other:
        return name
    given = (
        [part for part in other.parts[1:] if part in names().first] if len(name.parts) < 2 else []
    )
    return Name(name.start, other.end, (*name.parts, *given[:1]))


def _led(folded: Folded) -> Iterator[tuple[Name, Likelihood]]:
    """Names behind a civility, a role or a field, and before a birth date."""
    if folded.lacks(_LEAD):
        return
    for lead in _LEAD.finditer(folded.data):
        written = folded.data[lead.start() : lead.end()]
        if written[-1:].isdigit():
            reading = _born(folded, lead.start())
        elif _WHOLE.match(written):
            reading = _of_whole_field(folded, lead.end())
        elif written.startswith((b"nom", b"prenom")):
            reading = _of_form(folded, lead.end(), _OTHER_FIELD[written[:1]])
        elif _LONE_M.fullmatch(written.upper()):
            lone = _LONE_M.match(folded.cased, lead.start(), lead.end())
            reading = _of_civility(folded, lead.start() + 2, pointed=False) if lone else None
        elif written.startswith(_CIVILITIES):
            reading = _of_civility(folded, lead.end(), pointed=True)
            if reading and written == b"m. " and is_author(folded, lead.start(), reading[0].end):
                continue
        else:
            reading = _of_role(folded, lead.end(), field=b":" in written)
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


def _of_role(folded: Folded, at: int, *, field: bool) -> Reading:
    """field: "Patient : Zorbak Teodor", where any two names will do."""
    known, name = names(), _name(folded, at) or _small_name(folded, at)
    if not name or (len(name.parts) < 2 and folded.cased[at : at + 1].islower()):
        return None
    below = not field and folded.cased[at - 1 : at] == b"\n"  # "par bénéficiaire\nChambre seule"
    if below and (len(name.parts) < 2 or known.first.isdisjoint(name.parts)):
        return None
    if (field and len(name.parts) in (2, 3)) or any(
        part in known.first or part in known.last for part in name.parts
    ):
        return name, Likelihood.LIKELY
    return None


def _of_whole_field(folded: Folded, at: int) -> Reading:
    """ "Nom et prénom : ZORBAK Teodor" """
    name = _name(folded, at)
    return (name, Likelihood.VERY_LIKELY) if name and len(name.parts) > 1 else None


def _of_form(folded: Folded, at: int, second: re.Pattern[bytes]) -> Reading:
    """One field of a name behind the other. second: what leads to the other."""
    one = _name(folded, at) or _typed(folded, at)
    if not one:
        return None
    lead = second.search(folded.data, one.end, one.end + _FORM_REACH)
    other = (_name(folded, lead.end()) or _typed(folded, lead.end())) if lead else None
    if not other:
        return None
    family, given = (one, other) if second is _FIRST_FIELD else (other, one)
    return Name(one.start, other.end, (*family.parts, given.parts[0])), Likelihood.VERY_LIKELY


def _born(folded: Folded, at: int) -> Reading:
    """Whatever capitalised words stand right before a birth date, two at least; in small letters,
    two of the lists."""
    name = _name_before(folded, at) or _small_name_before(folded, at)
    if not name:
        return None
    initial = _INITIAL_BEFORE.search(folded.cased[max(0, name.start - 4) : name.start])
    return (name, Likelihood.VERY_LIKELY) if len(name.parts) > 1 or initial else None


def _listed(folded: Folded) -> Iterator[tuple[Name, Likelihood]]:
    """A first name of the list with a surname after it, or before it in capitals."""
    cased, last = folded.cased, names().last
    for _, start, end in _first_names().find_matches_as_indexes(cased):
        if hyphened := _HYPHENED.match(cased, end):
            end = hyphened.end()
        if cased[end : end + 1] in _GOES_ON:
            continue
        if start and cased[start - 1] in _MORE and cased[start - 2 : start] not in _ELIDED:
            continue
        name = _name(folded, start)
        if not name or len(name.parts) < 2:
            name = _name_before(folded, start, in_capitals=True) or _listed_before(folded, start)
            if not name:
                continue
            name = Name(name.start, end, (*name.parts, folded.data[start:end]))
            known = any(word in last for part in name.parts[:-1] for word in part.split(b"-"))
        else:
            surname = cased[start : name.end].split()[-1]
            known = surname.isupper() or name.parts[-1] in last
        if not _is_of_place(folded, name.start) or is_born(folded, name.end):
            yield name, Likelihood.LIKELY if known else Likelihood.POSSIBLE


def _is_of_place(folded: Folded, at: int) -> bool:
    """Whether a street or an institution bears the name, or it signs for one ("Pharmacie, Anne
    TEST"); in "une place pour" there is none, nor in "Docteur, maman (Anne TEST)", nor does "me
    demander. Anne TEST" speak of a maître."""
    place = _PLACES.search(folded.data, max(0, at - _PLACE_REACH), at)
    if not place or _SENTENCE_ENDS.search(folded.data, place.end() - _LAST_LETTERS, at):
        return False
    if place[0] == b"me" and folded.data[place.end() : at].strip():
        return False
    _, comma, between = folded.data[place.end() : at].rpartition(b",")
    if comma and between.strip(b" (\n"):
        return False
    return not _OF_ANOTHER.search(folded.data, place.end(), at)


def _name(folded: Folded, at: int) -> Name | None:
    """The name written from this position on, up to a word that is none."""
    found = _NAME.match(folded.cased, at, at + _LONGEST)
    return _cut(at, found[0], found[0].lower()) if found else None


def _small_name(folded: Folded, at: int) -> Name | None:
    """A surname of the list after a civility, all in small letters, as typed on telephones.
    After "m.", which is also a unit, a size and an initial, two names are asked for."""
    found = _SMALL.match(folded.cased, at, at + _LONGEST)
    word = found[0] if found else b""
    if len(word) < 3 or not _is_listed(word):
        return None
    next_ = _SMALL.match(folded.cased, at + len(word) + 1, at + _LONGEST)
    other = next_[0] if next_ else b""
    if len(other) > 2 and _is_listed(other):
        return Name(at, at + len(word) + 1 + len(other), (word, other))
    if folded.data[at - 3 : at] == b"m. " or word not in names().last:
        return None
    return Name(at, at + len(word), (word,))


def _is_listed(word: bytes) -> bool:
    known = names()
    return (word in known.last or word in known.first) and word not in not_names()


def _small_name_before(folded: Folded, at: int) -> Name | None:
    """ "jean-pierre martin né le 12/04/1956" """
    lead = folded.cased[max(0, at - _LONGEST) : at].rstrip(b" (,-:")
    if not _is_known(_last_word(lead)):
        return None
    words = _SMALL_BEFORE.search(lead)
    if not words or not all(_is_known(word) for word in words.groups()):
        return None
    start = max(0, at - _LONGEST) + words.start()
    return Name(start, start + len(words[0]), words.groups())


def _last_word(lead: bytes) -> bytes:
    words = lead.rsplit(None, 1)
    return words[-1] if words else b""  # it may be nothing but ends of lines


def _is_known(word: bytes) -> bool:
    """A name of the lists, or of two of them."""
    return all(_is_listed(part) for part in word.split(b"-"))


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
    if not word or word in not_names() or word in names().first:
        return None
    if not all(part in names().last for part in word.split(b"-")):
        return None
    if _PLACES.fullmatch(word) or word in _TOWNS or folded.cased[at - 1 : at] != b" ":
        return None
    return Name(at - 1 - len(word), at - 1, (word,))


def _name_before(folded: Folded, at: int, *, in_capitals: bool = False) -> Name | None:
    """The capitalised words that end right before this position, blanks and commas apart."""
    lead = folded.cased[max(0, at - _LONGEST) : at].rstrip(b" (,-:" if not in_capitals else b" \t")
    if not _CAPITAL.search(_last_word(lead)):
        return None
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
    words = small.split()
    if _PARTICLES.isdisjoint(words):  # nearly always
        if words[0] in not_names():
            return None
        if not_names().isdisjoint(words):
            return Name(at, at + len(written), tuple(words))
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
