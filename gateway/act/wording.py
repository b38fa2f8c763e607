"""What was found, in French, from a closed list: by kind and count, never by value.

The sentences are fixed, so that no word of the message can reach a notice. Only what is at least
LIKELY is told. A kind missing from the list is not named; the sentence stays true without it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from gateway.model import Coverage, Finding, Inspection, Likelihood, Trouble

# Said of persons: "le numéro de sécurité sociale … de 21 personnes".
OF_PERSONS = {
    "fr.nir": "le numéro de sécurité sociale",
    "fr.nir13": "le numéro de sécurité sociale",
    "fr.nia": "le numéro de sécurité sociale",
    "fr.ins": "l'identité nationale de santé",
    "fr.caf": "le numéro d'allocataire",
    "fr.emploi": "l'identifiant de demandeur d'emploi",
    "fr.mdph": "le numéro de dossier MDPH",
    "fr.spi": "le numéro fiscal",
    "health.terms": "des informations de santé",
    "health.person": "des informations de santé",
}
# Said for themselves: one, several.
THINGS = {
    "iban": ("un relevé d'identité bancaire", "des relevés d'identité bancaire"),
    "fr.rib": ("un relevé d'identité bancaire", "des relevés d'identité bancaire"),
    "card": ("un numéro de carte bancaire", "des numéros de carte bancaire"),
    "health.document": ("un document de santé", "des documents de santé"),
    "health.dicom": ("une image médicale", "des images médicales"),
    "health.b2": ("un fichier de télétransmission", "des fichiers de télétransmission"),
    "health.noemie": ("un fichier de remboursements", "des fichiers de remboursements"),
    "health.hprim": ("un fichier de résultats médicaux", "des fichiers de résultats médicaux"),
    "health.hl7": ("un fichier de données de santé", "des fichiers de données de santé"),
    "health.hpk": ("un fichier de données de santé", "des fichiers de données de santé"),
    "health.cda": ("un document de santé", "des documents de santé"),
    "health.xdm": ("un échange entre soignants", "des échanges entre soignants"),
    "health.signal": ("un fichier de données de santé", "des fichiers de données de santé"),
    "health.fhir": ("un fichier de données de santé", "des fichiers de données de santé"),
    "health.pmsi": ("un fichier de séjours hospitaliers", "des fichiers de séjours hospitaliers"),
    "contact.bulk": ("une liste de coordonnées", "des listes de coordonnées"),
}
# In the officer's list, without an article.
DATA = {
    "fr.nir": "numéro de sécurité sociale",
    "fr.nir13": "numéro de sécurité sociale",
    "fr.nia": "numéro de sécurité sociale",
    "fr.ins": "identité nationale de santé",
    "fr.caf": "numéro d'allocataire",
    "fr.emploi": "identifiant de demandeur d'emploi",
    "fr.mdph": "numéro de dossier MDPH",
    "fr.spi": "numéro fiscal",
    "health.terms": "informations de santé",
    "health.person": "informations de santé",
    "health.document": "document de santé",
    "health.dicom": "image médicale",
    "health.b2": "télétransmission",
    "health.noemie": "remboursements",
    "health.hprim": "résultats médicaux",
    "health.hl7": "données de santé",
    "health.hpk": "données de santé",
    "health.cda": "document de santé",
    "health.xdm": "échange entre soignants",
    "health.signal": "mesures de santé",
    "health.fhir": "données de santé",
    "health.pmsi": "séjours hospitaliers",
    "iban": "relevé d'identité bancaire",
    "fr.rib": "relevé d'identité bancaire",
    "card": "numéro de carte bancaire",
    "table.persons": "tableau de personnes",
    "contact.bulk": "liste de coordonnées",
    "person": "noms de personnes",
}
_TROUBLES = {
    Trouble.ENCRYPTED: ("car il est protégé par un mot de passe", "protégés par un mot de passe"),
    Trouble.DAMAGED: ("car il est endommagé", "endommagés"),
    Trouble.TOO_BIG: ("car il est trop volumineux", "trop volumineux"),
    Trouble.UNSUPPORTED: ("car son format n'est pas connu", "de format inconnu"),
    Trouble.CUT: ("car il est incomplet", "incomplets"),
    Trouble.SOUND: ("car c'est un son ou un film", "des sons ou des films"),
    Trouble.NO_TEXT: ("car c'est une image sans texte", "des images sans texte"),
}
_OPENED = "Un document est protégé, mais son mot de passe est écrit dans le même message."
_UNFINISHED = "Le contrôle n'a pas pu lire le message en entier."
_IDENTITIES = ("fr.nir", "fr.nir13", "fr.nia", "fr.ins", "fr.caf", "fr.spi")
_STEPS = (10_000, 1_000, 500, 100, 50, 20, 10)  # "au moins": a count told exactly may be wrong
_FILES = {
    "pdf": "Une pièce jointe (PDF)",
    "doc": "Une pièce jointe (Word)",
    "docx": "Une pièce jointe (Word)",
    "xls": "Une pièce jointe (Excel)",
    "xlsx": "Une pièce jointe (Excel)",
    "csv": "Une pièce jointe (tableau)",
    "ods": "Une pièce jointe (tableau)",
    "zip": "Une pièce jointe (archive)",
}
_MESSAGE = "Votre message"


def promise(protects: str, no_sanction: bool, intranet: str, hidden: str) -> str:
    """At the moment of holding nobody can have read it: the custody begins with this letter."""
    software = "C'est un logiciel qui a contrôlé ce message ; personne ne l'a lu"
    if hidden:
        reader = ", et personne ne peut le lire ici sans votre accord."
    else:
        reader = (
            ". Si quelqu'un doit le lire, la raison sera enregistrée et vous pourrez la connaître."
        )
    sentences = [software + reader, f"Ce contrôle sert à protéger {protects}."]
    if no_sanction:
        sentences.append("Il ne sert ni à évaluer ni à sanctionner votre travail.")
    if intranet:
        sentences.append(f"Note d'information : {intranet}")
    return " ".join(sentences)


def why(seen: Inspection) -> str:
    """The sentences of "Pourquoi ?"."""
    sentences = [*_contents(seen), *_unread(seen)]
    if not sentences:
        return "Une règle de votre organisme retient ce message avant sa sortie."
    return " ".join(sentences)


def persons(seen: Inspection) -> int:
    """About how many persons it speaks of; 0 when nothing tells."""
    kinds = (*_IDENTITIES, "person", "table.persons")
    counts = [_distinct([f for f in told(seen) if f.kind == kind]) for kind in kinds]
    return max(counts, default=0)


def in_persons(count: int) -> str:
    return f"{number(count)} personne{'s' if count > 1 else ''}"


def about(count: int) -> str:
    """For the officer's list."""
    if count == 0:
        return "nombre inconnu"
    return f"{number(count)} environ" if count > 1 else "1"


def data(seen: Inspection) -> tuple[str, ...]:
    """What it holds, for the officer."""
    return tuple(dict.fromkeys(DATA[f.kind] for f in told(seen) if f.kind in DATA))


def family(seen: Inspection) -> str:
    """The gravest family, for a subject line."""
    kinds = {f.kind for f in told(seen)}
    if any(kind.startswith("health.") for kind in kinds):
        return "données de santé"
    if kinds & {*_IDENTITIES, "table.persons"}:
        return "données de personnes"
    if kinds & {"iban", "fr.rib", "card"}:
        return "données bancaires"
    return "contenu à vérifier"


def reading(seen: Inspection) -> str:
    """ "complète (3 parties sur 3)"."""
    whole = sum(part.coverage is Coverage.WHOLE for part in seen.parts)
    words = {
        Coverage.WHOLE: "complète",
        Coverage.PARTLY: "partielle",
        Coverage.UNREAD: "incomplète",
    }
    plural = "s" if whole > 1 else ""
    return f"{words[seen.coverage]} ({whole} partie{plural} sur {len(seen.parts)})"


def told(seen: Inspection) -> list[Finding]:
    return [f for f in seen.findings if f.likelihood >= Likelihood.LIKELY]


def number(count: int) -> str:
    """ "10 000", its space a no-break one."""
    return f"{count:,}".replace(",", "\u00a0")


def listed(words: Sequence[str]) -> str:
    """ "a, b et c"."""
    *first, last = words
    return f"{', '.join(first)} et {last}" if first else last


def _contents(seen: Inspection) -> list[str]:
    """One sentence for each kind of file, then why it matters."""
    kinds = {part.place.part: part.kind for part in seen.parts}
    groups: dict[str, list[Finding]] = {}
    for finding in told(seen):
        kind = kinds.get(finding.place.part, "")
        groups.setdefault(_FILES.get(kind, _MESSAGE), []).append(finding)
    sentences = [f"{where} contient {what}." for where in groups if (what := _what(groups[where]))]
    if sentences:
        sentences.append("Par un courriel ordinaire, ces informations ne sont pas protégées.")
    return sentences


def _what(findings: Sequence[Finding]) -> str:
    of_persons = tuple(dict.fromkeys(OF_PERSONS[f.kind] for f in findings if f.kind in OF_PERSONS))
    alone = _things(findings)
    if not of_persons:
        return listed(alone) if alone else ""
    count = max(_distinct([f for f in findings if f.kind == kind]) for kind in _IDENTITIES)
    whose = {0: "", 1: " d'une personne"}.get(count, f" de {number(count)} personnes")
    return listed(of_persons) + whose + (f", et {listed(alone)}" if alone else "")


def _things(findings: Sequence[Finding]) -> tuple[str, ...]:
    names: dict[str, None] = {}
    for kind, (one, several) in THINGS.items():
        count = _distinct([f for f in findings if f.kind == kind])
        if count and not {one, several} & names.keys():
            names[one if count == 1 else several] = None
    rows = _distinct([f for f in findings if f.kind == "table.persons"])
    if rows:
        least = next((step for step in _STEPS if rows >= step), 0)
        names[f"un tableau d'au moins {number(least)} personnes" if least else _TABLE] = None
    return tuple(names)


_TABLE = "un tableau de personnes"


def _unread(seen: Inspection) -> list[str]:
    """What could not be read, once for each reason."""
    places: dict[Trouble, set[str]] = {}
    for problem in seen.problems:
        places.setdefault(problem.kind, set()).add(problem.place.part)
    sentences = [
        _closed(_TROUBLES[kind], len(places[kind])) for kind in _TROUBLES if kind in places
    ]
    if Trouble.OPENED in places:
        sentences.append(_OPENED)
    if places.keys() - _TROUBLES.keys() - {Trouble.OPENED}:
        sentences.append(_UNFINISHED)
    return sentences


def _closed(words: tuple[str, str], count: int) -> str:
    because, are = words
    if count == 1:
        return f"Votre message contient un document que le contrôle n'a pas pu ouvrir, {because}."
    return (
        f"Votre message contient {count} documents que le contrôle n'a pas pu ouvrir, "
        f"car ils sont {are}."
    )


def _distinct(findings: Iterable[Finding]) -> int:
    """Different values over several places; never fewer than one place says."""
    several = list(findings)
    prints = {mark for finding in several for mark in finding.fingerprints}
    return max(len(prints), max((f.count for f in several), default=0))
