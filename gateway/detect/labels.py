"""What a column of a table is called, and what that says it holds, in French and in English.

A label is folded, what is neither letter nor digit is a blank, remarks in brackets are left out:
"Date de naissance (jj/mm/aaaa)" is "date de naissance"; words run together are parted, initials
joined ("codeBanque" is "code banque", "N.I.R." is "nir"). Whose it is in an export ("BEN_", "_PAT")
is left out where the label says nothing with it. Letters that a wrong character set has broken are
allowed for where they are usual ("Pr?nom", "n° s?cu").
"""

from __future__ import annotations

import re

from gateway.detect.fold import fold

LONGEST = 60  # characters: a longer one is a sentence
_REMARK = re.compile(r"\([^()]{3,60}\)")
_PUNCTUATION = re.compile(r"[^a-z0-9]+")
_RUN_TOGETHER = re.compile(r"(?<=[a-z])(?=[A-Z])")
_INITIALS = re.compile(r"\b(?:[a-z] )+[a-z]\b")
_ENTITY = (
    r"(?:pat|ben|benef|bnf|ass|assure|pers|agt|agent|sal|salarie|adh|adherent|usager|ind|individu"
    r"|od|patient|beneficiaire)"
)
_OF_ENTITY = re.compile(
    rf"^{_ENTITY} |(?: {_ENTITY})+(?: (?:cod|dte|psa|ano))?$| (?:cod|dte|psa|ano)$"
)
_NUMBER = r"(?:(?:n|no|num|numero|ident|identifiant)(?: (?:de|d))? ?)?(?:de )?(?:la )?"

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
    r"|nom ?(?:pat(?:ronymique)?|ben\w{0,6}|ass|agt|sal)|pat ?nom|nachn\w{0,2}"
    r"|last ?name|surname|family ?name|l ?name|patronyme",
    "given": rf"pr.{{0,2}}noms?(?: \d| usuel| d usage| s)*{_WHOSE}|prenomusuel|first ?name"
    r"|given ?names?|forename|f ?name|pren(?:om)? ?(?:1|pat|ben\w{0,6}|ass|agt|sal)?|pnom|prn"
    r"|(?:premier|1er) prenom|pre ?(?:pat|ben)?|vorna\w{0,2}",
    "both": r"noms?(?: s)? (?:et |de naissance )?pr.{0,2}noms?(?: s)?(?: .{1,25})?|nompr.{0,2}nom"
    r"|pr.{0,2}noms?(?: s)? (?:et )?noms?(?: .{1,25})?|patiente?s?|assuree?s?|beneficiaires?"
    r"|allocataires?|adherente?s?|residente?s?|salariee?s?|agents?|eleves?|enfants?|personnes?"
    r"|usagers?|stagiaires?|candidate?s?|participante?s?|nom complet|(?:full |patient )?name"
    r"|identite(?: (?:du |de l )?(?:patient|assure|personne))?|employees?",
    "birth": r"(?:date|dat|dt|d|jour)? ?(?:de )?(?:la )?nais(?:s|sance)?(?: (?:de |du )?.{1,25})?"
    r"|(?:ddn|dob)(?: .{1,20})?|dn|birth ?(?:date|day)|date of birth|n ?e?e? ?e? le|ne e"
    r"|nee? nee? le|(?:date|dat|dt|d) ?nais?\w{0,6}|nai|ge?b ?dat\w{0,2}",
    "age": r"ages?(?: (?:du |de la |de l |des? )?(?:patiente?|assuree?|personne|enfant|beneficiaire"
    r"|individu|mere)s?)?(?: (?:en )?ans?)?(?: (?:a|au|lors) .{1,25})?"
    r"|an(?:nee)? (?:de )?nais\w{0,6}",
    "nir": r"(?:.{1,20} )?nir(?:pp|individu|assure|ben\w{0,6}|pat\w{0,4})?(?: .{1,30})?"
    rf"|{_NUMBER}(?:s.{{0,2}}cu(?: sociale?| soc)?|ss|nss|s.{{0,2}}c(?:urit.{{0,2}})? soc(?:iale?)?"
    r"|ass|assuree?(?: sociale?)?|immat\w{0,12}(?: sociale?| provisoire)?|n?insee)(?: .{1,30})?"
    r"|numsecu\w{0,20}|(?:matricule|immat\w{0,12})(?: (?:ins|assuree?|sociale?|provisoire))?|matins"
    r"|ins(?: (?:nir|nia|matricule))?|matricule ins|nia|(?:n|no|num|numero)? ?d attente(?: nia)?"
    r"|ident(?:ifiant)? national(?: de sante)?|ssn|social security(?: (?:number|no|n))?",
    "email": r"(?:.{1,20} )?(?:e ?mails?|mails?|courriels?|mel|adresse electronique)(?: .{1,20})?",
    "phone": r"(?:n|no|num|numero)? ?(?:de )?(?:tel|telephone|phone|portable|mobile|gsm|tph)"
    r"(?: .{1,20})?|tel\w{0,9}|phone number",
    "address": r"adresse?s?(?: .{1,25})?|adr(?: ?\d)?|rue|voie|domicile|address(?: ?\d| line \d)?"
    r"|street|n et (?:rue|voie)|adr ligne ?\d",
    "postcode": r"cp(?: .{1,15})?|cod(?:e ?postal| postal|pos)|zip(?: ?code)?|post(?:al)? ?code",
    "town": r"(?:lib )?(?:ville|commune|localite)(?: (?:de residence|.{1,10}))?|city|town",
    "sex": r"sexe?|genre|gender|civ(?:ilite)?|mf|hf",
    "id": r"(?:n|no|num|numero|id|code|ref|identifiant)(?: (?:de |du |d |de l |interne )?"
    r"(?:matricule|allocataire|dossier|adherent|beneficiaire|patient|client|agent|usager|individu|caf))*",
    "bank": r"(?:code?|cd)? ?(?:banque|etab(?:lissement)?|bq)",
    "branch": r"(?:code?|cd)? ?(?:guichet|gui)",
    "account": r"(?:n|no|num|numero)? ?(?:de )?(?:compte|cpte)(?: bancaire)?",
    "key": r"clef? ?(?:rib)?",
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
    folded = fold(_RUN_TOGETHER.sub(" ", label)).data.decode("latin-1")
    words = _PUNCTUATION.sub(" ", _REMARK.sub(" ", folded)).strip()
    return _INITIALS.sub(lambda found: found[0].replace(" ", ""), words)


def role(label: str) -> str:
    """label: plain."""
    if not label:
        return ""
    found = _ANY.fullmatch(label) or _ANY.fullmatch(_OF_ENTITY.sub("", label))
    return found.lastgroup or "" if found else ""


def split_part(label: str) -> str:
    """Which part of a split number. label: plain."""
    found = _SPLIT_ANY.fullmatch(label) if label else None
    return found.lastgroup or "" if found else ""
