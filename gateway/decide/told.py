"""Reasons as sentences for operators, in French: part, place, masked value, count.

They quote nothing but what the inspection has masked; a recipient is told by its domain alone,
since a local part may be an identifier.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.acquaintance import Acquaintance, Likeness
from gateway.model import Coverage, Finding, Inspection, Likelihood, Place, Problem, Trouble

_PLACES_TOLD = 3  # of one finding: enough to look it up, few enough to read

LIKELIHOOD = {
    Likelihood.POSSIBLE: "possible",
    Likelihood.LIKELY: "probable",
    Likelihood.VERY_LIKELY: "très probable",
}
TROUBLE = {
    Trouble.ENCRYPTED: "chiffré ou protégé par un mot de passe",
    Trouble.OPENED: "protégé, mais son mot de passe est dans le même message",
    Trouble.DAMAGED: "abîmé",
    Trouble.TOO_BIG: "trop gros",
    Trouble.TOO_DEEP: "trop imbriqué",
    Trouble.TOO_MANY: "trop d'éléments",
    Trouble.TIMED_OUT: "trop long à lire",
    Trouble.CRASHED: "la lecture s'est arrêtée",
    Trouble.UNSUPPORTED: "format inconnu",
    Trouble.AMBIGUOUS: "peut se lire de plusieurs façons",
    Trouble.CUT: "fichier incomplet, lu jusqu'où il va",
    Trouble.SOUND: "son ou film, que personne n'écoute",
    Trouble.NO_TEXT: "image sans texte lisible",
    Trouble.DETECTOR: "un contrôle a échoué",
}
HOW = {  # by `lookalike.HOW`
    "letter": "à une lettre près",
    "keyboard": "à une touche voisine près",
    "doubled": "à une lettre doublée près",
    "digits": "à un chiffre près",
    "order": "nom et prénom dans l'autre ordre",
    "initial": "avec l'initiale au lieu du prénom, ou l'inverse",
    "alphabet": "à s'y tromper, par la forme des lettres",
    "domain": "à une lettre du domaine près",
    "ending": "à la fin du domaine près",
    "twin": "même nom dans un autre domaine",
}
_HISTORY = {
    "first_time": "première fois que l'expéditeur écrit à cette adresse : à vérifier avec le "
    "destinataire, par une autre voie",
    "never_seen": "personne d'ici n'a encore écrit à cette adresse : à vérifier avec le "
    "destinataire, par une autre voie",
    "out_of_place": "adresse qui ne va jamais avec les autres destinataires : à retirer si elle "
    "est restée d'une réponse à tous",
    "machine_flow": "un envoi automatique, toujours vers les mêmes adresses, va pour la première "
    "fois à celle-ci : à vérifier dans le logiciel qui l'envoie",
    "blocked_pair": "un message de cet expéditeur à cette adresse est arrivé à quelqu'un d'autre, "
    "qui l'a dit : à vérifier par une autre voie, puis à rouvrir à la page des incidents",
}
_MISSPELT = (
    "domaine auquel personne d'ici n'a écrit, à une lettre près d'un domaine connu : à comparer "
    "lettre par lettre"
)
_UNITS = ((1024**3, "Go"), (1024**2, "Mo"), (1024, "Ko"))


def findings(found: Sequence[Finding], many: int) -> tuple[str, ...]:
    """One sentence for all of them, the surest first."""
    ordered = sorted(found, key=lambda f: (-f.likelihood, f.kind))
    kinds = ", ".join(dict.fromkeys(f.kind for f in ordered))
    values = f"{many} valeurs distinctes" if many > 1 else "1 valeur"
    likelihood = LIKELIHOOD[ordered[0].likelihood]
    told = list(dict.fromkeys(_finding(f) for f in ordered[: 2 * _PLACES_TOLD]))[:_PLACES_TOLD]
    places = len({f.place for f in found})
    more = f" ; {places} endroits en tout" if places > _PLACES_TOLD else ""
    return (f"{kinds} : {values}, {likelihood} ; {' ; '.join(told)}{more}",)


def _finding(finding: Finding) -> str:
    near = f" (près de : {', '.join(finding.near)})" if finding.near else ""
    return f"{place(finding.place)} : {finding.masked}{near}"


def problems(met: Sequence[Problem]) -> tuple[str, ...]:
    told = dict.fromkeys(f"{place(p.place)} : {TROUBLE[p.kind]}" for p in met)
    return _some(told, len(told))


def coverage(seen: Inspection) -> tuple[str, ...]:
    missed = [part for part in seen.parts if part.coverage is not Coverage.WHOLE]
    words = {Coverage.PARTLY: "lu en partie", Coverage.UNREAD: "non lu"}
    told = dict.fromkeys(f"{place(p.place)} : {words[p.coverage]}" for p in missed)
    return _some(told, len(told))


def _some(told: Iterable[str], many: int) -> tuple[str, ...]:
    first = list(told)[:_PLACES_TOLD]
    return (*first, f"{many} endroits en tout") if many > _PLACES_TOLD else tuple(first)


def place(where: Place) -> str:
    inside = where.inside
    if inside.startswith("sheet "):
        inside = f"feuille {inside.removeprefix('sheet ')}"
    if not where.part:
        return inside or "en-tête du message"
    return f"partie {where.part}, {inside}" if inside else f"partie {where.part}"


def size(octets: int) -> str:
    for unit, name in _UNITS:
        if octets >= unit:
            return f"message de {octets / unit:.1f} {name}".replace(".", ",")
    return f"message de {octets} octets"


def history(word: str, known: Acquaintance, domain: str) -> tuple[str, ...]:
    """What the ledger knows against a recipient, and what to do about it."""
    if word in _HISTORY:
        return (f"{_HISTORY[word]} ({domain or 'sans domaine'})",)
    if word == "lookalike" and not known.alike:
        return (f"{_MISSPELT} ({domain or 'sans domaine'})",)
    alike = known.alike if word == "lookalike" else [a for a in known.alike if a.how == "twin"]
    whose = "d'un collègue" if any(one.colleague for one in alike) else "d'un correspondant connu"
    how = HOW.get(alike[0].how, "")
    return (
        f"adresse jamais employée ({domain or 'sans domaine'}), qui ressemble à celle {whose}, "
        f"{how} : à comparer lettre par lettre, ou à choisir dans l'annuaire",
    )


def greeted(others: Sequence[Likeness], domain: str) -> tuple[str, ...]:
    known = " ; l'expéditeur a un correspondant de ce nom" if others else ""
    return (
        f"le message salue quelqu'un d'autre que le destinataire ({domain or 'sans domaine'})"
        f"{known} : l'adresse est à corriger, ou à confirmer",
    )


def visible(many: int) -> tuple[str, ...]:
    return (
        f"{many} adresses extérieures que tous les destinataires voient : à mettre en copie cachée",
    )
