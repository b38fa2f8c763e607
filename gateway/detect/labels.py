"""What a column of a table is called, and what that says it holds, in French and in English.

A label is folded, what is neither letter nor digit is a blank, remarks in brackets are left out:
"Date de naissance (jj/mm/aaaa)" is "date de naissance". Letters that a wrong character set has
broken are allowed for where they are usual ("Pr?nom", "n° s?cu").
"""

from __future__ import annotations

import re

from gateway.detect.fold import fold

LONGEST = 60  # characters: a longer one is a sentence
_REMARK = re.compile(r"\([^()]{3,60}\)")
_PUNCTUATION = re.compile(r"[^a-z0-9]+")

_WHOSE = (
    r"(?: (?:de |du |d |des |de l |de la )?(?:naissance|famille|usage|usuel|patiente?s?|assuree?s?"
    r"|allocataires?|salariee?s?|beneficiaires?|adherente?s?|agents?|eleves?|enfants?|clients?"
    r"|contacts?|conjointe?|marital|jf|jeune fille|epouse|residente?|usager|personne|titulaire"
    r"|medical|individu|ouvrant droit|stagiaire|candidate?))*"
)
_ROLES = {
    # Who works on what the row is about; it is not about them.
    "staff": r"referente?s?|demand(?:eur|euse|eresse)s?|form(?:ateur|atrice)s?|intervenante?s?"
    r"|praticiens?|medecins?|docteurs?|responsables?|commercial\w{0,3}|technicienn?e?s?|auteure?s?"
    r"|redact(?:eur|rice)s?|animat(?:eur|rice)s?|enseignante?s?|orat(?:eur|rice)s?|pilotes?"
    r"|chefs? de projet|interlocut(?:eur|rice)s?|suivi par|acheteure?s?|encadrante?s?"
    r"|correspondante?s?|moderat(?:eur|rice)s?|contacts?|chirurgiens?|operateurs?|biologistes?",
    "family": rf"noms?{_WHOSE}|nom ?(?:naiss|jf|usuel|usage|fam|pat)|nomnaissance|nomfamille"
    r"|last ?name|surname|family ?name|l ?name|patronyme",
    "given": rf"pr.{{0,2}}noms?(?: \d| usuel| d usage| s)*{_WHOSE}|prenomusuel|first ?name"
    r"|given ?names?|forename|f ?name|pren|pnom",
    "both": r"noms?(?: s)? (?:et |de naissance )?pr.{0,2}noms?(?: s)?(?: .{1,25})?|nompr.{0,2}nom"
    r"|pr.{0,2}noms?(?: s)? (?:et )?noms?(?: .{1,25})?|patiente?s?|assuree?s?|beneficiaires?"
    r"|allocataires?|adherente?s?|residente?s?|salariee?s?|agents?|eleves?|enfants?|personnes?"
    r"|usagers?|stagiaires?|candidate?s?|participante?s?|nom complet|(?:full |patient )?name"
    r"|identite(?: (?:du |de l )?(?:patient|assure|personne))?|employees?",
    "birth": r"(?:date|dt|d|jour)? ?(?:de )?(?:la )?nais(?:s|sance)?(?: (?:de |du |d )?.{1,25})?"
    r"|ddn|dn|dob|birth ?(?:date|day)|date of birth|n ?e?e? ?e? le|dt ?nais\w{0,6}"
    r"|date ?nais\w{0,6}",
    "age": r"ages?(?: (?:du |de la |de l |des? )?(?:patiente?|assuree?|personne|enfant|beneficiaire"
    r"|individu|mere)s?)?(?: (?:en )?ans?)?(?: (?:a|au|lors) .{1,25})?"
    r"|an(?:nee)? (?:de )?nais\w{0,6}",
    "nir": r"nir(?: .{1,12})?|n ?(?:o|um|umero)? ?(?:de )?(?:la )?(?:s.{0,2}cu|ss"
    r"|s.{0,2}curit.{0,2}|assuree?|immat\w{0,12})(?: sociale?)?(?: provisoire)?|nss|num ?secu"
    r"|n insee|insee|matricule(?: ins)?|ins|immatriculation(?: provisoire| sociale)?|nia"
    r"|(?:n|no|num|numero)? ?d attente(?: nia)?|ssn|social security(?: (?:number|no|n))?",
    "email": r"(?:.{1,20} )?(?:e ?mails?|mails?|courriels?|mel|adresse electronique)(?: .{1,20})?",
    "phone": r"(?:n|no|num|numero)? ?(?:de )?(?:tel|telephone|phone|portable|mobile|gsm|tph)"
    r"(?: .{1,20})?|tel\w{0,9}|phone number",
    "address": r"adresse?s?(?: .{1,25})?|adr(?: ?\d)?|rue|voie|domicile|address(?: ?\d| line \d)?"
    r"|street",
    "postcode": r"cp|code ?postal|zip(?: ?code)?|post(?:al)? ?code",
    "town": r"ville|commune|city|town|localite",
    "sex": r"sexe?|genre|gender|civ(?:ilite)?",
    "id": r"(?:n|no|num|numero|id|code|ref|identifiant)(?: (?:de |du |d |de l |interne )?"
    r"(?:matricule|allocataire|dossier|adherent|beneficiaire|patient|client|agent|usager|individu|caf))*",
    "bank": r"(?:code )?(?:banque|etablissement)",
    "branch": r"(?:code )?guichet",
    "account": r"(?:n|no|num|numero)? ?(?:de )?compte",
    "key": r"cle(?: rib)?",
    "card": r"(?:n|no|num|numero)? ?(?:de )?(?:la )?(?:carte(?: (?:bancaire|bleue|de credit"
    r"|de paiement|visa))?|cb|visa|mastercard|pan)|card number",
}
_ANY = re.compile("|".join(f"(?P<{role}>{pattern})" for role, pattern in _ROLES.items()))
# The seven parts of a social-security number, each in a column of its own.
_SPLIT = {
    "sexe": r"s|sexe",
    "annee": r"aa|an|annee(?: (?:de )?naissance)?",
    "mois": r"mm|mois(?: (?:de )?naissance)?",
    "departement": r"dd|dep|dept|dpt|departement(?: (?:de )?naissance)?",
    "commune": r"ccc|com|commune(?: (?:de )?naissance)?|code commune",
    "ordre": r"ooo|ord|(?:n |no |num |numero )?(?:d )?ordre",
    "cle": r"k|kk|cle(?: nir)?|key",
}
SPLIT = tuple(_SPLIT)
SPLIT_SIZES = (1, 2, 2, 2, 3, 3, 2)
_SPLIT_ANY = re.compile("|".join(f"(?P<{part}>{pattern})" for part, pattern in _SPLIT.items()))


def plain(label: str) -> str:
    """Folded, its punctuation blank; "" where it is too long to be a label, or none."""
    if not label or len(label) > LONGEST or label.isdigit():
        return ""
    return _PUNCTUATION.sub(" ", _REMARK.sub(" ", fold(label).data.decode("latin-1"))).strip()


def role(label: str) -> str:
    """label: plain."""
    found = _ANY.fullmatch(label) if label else None
    return found.lastgroup or "" if found else ""


def split_part(label: str) -> str:
    """Which part of a split number. label: plain."""
    found = _SPLIT_ANY.fullmatch(label) if label else None
    return found.lastgroup or "" if found else ""
